package io.tidings.http;

import io.tidings.auth.Door;
import io.tidings.auth.InvalidToken;
import io.tidings.auth.NotGranted;
import io.tidings.auth.Principal;
import io.vertx.core.http.HttpServerRequest;

/**
 * Is told each decision on a request at a door, on the request's event loop. Never sees a token.
 */
final class AccessDecisions {
  private static final System.Logger LOG = System.getLogger(AccessDecisions.class.getName());

  /**
   * The principal of a request is known, and the request has not done anything yet.
   *
   * @throws Problem to refuse the request, as one too many
   */
  void identified(Door door, Principal principal, HttpServerRequest request) {
    LOG.log(System.Logger.Level.TRACE, "identified at a door");
  }

  /** The request has the right to do what it asks for. */
  void allowed(Door door, Principal principal, HttpServerRequest request) {
    LOG.log(System.Logger.Level.TRACE, "allowed at a door");
  }

  /**
   * The request was refused.
   *
   * @param principal without grants if it is not known
   * @param failure {@link NotGranted}, {@link InvalidToken}, or a {@link Problem} of status 401 or
   *     403
   */
  void refused(Door door, Principal principal, HttpServerRequest request, Throwable failure) {
    LOG.log(
        System.Logger.Level.DEBUG,
        "refused at {0}: {1} ({2})",
        door.word(),
        failure.getMessage(),
        reason(failure));
  }

  /** One word for the refusal. */
  static String reason(Throwable failure) {
    if (failure instanceof InvalidToken invalid) {
      return invalid.reason().word();
    }
    if (failure instanceof NotGranted) {
      return "grants";
    }
    return failure instanceof Problem problem && problem.status() == 403 ? "origin" : "token";
  }
}
