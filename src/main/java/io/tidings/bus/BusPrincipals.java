package io.tidings.bus;

import io.tidings.auth.Authenticator;
import io.tidings.auth.BearerToken;
import io.tidings.auth.InvalidToken;
import io.tidings.auth.Principal;
import io.vertx.core.Future;
import io.vertx.core.eventbus.Message;

/**
 * Finds out who sends a request over the event bus, by the token in its header {@link #TOKEN}, as
 * in HTTP. Where the bus is trusted, a request without a token may do everything. Thread-safe.
 */
public final class BusPrincipals {
  /** The header of messages with {@code Bearer} and a token. */
  static final String TOKEN = "Authorization";

  private final Authenticator authenticator;
  private final Principal withoutToken;

  /**
   * @param trusted whether everybody who reaches the event bus may publish everything
   */
  public BusPrincipals(Authenticator authenticator, boolean trusted) {
    this.authenticator = authenticator;
    this.withoutToken = trusted ? Principal.HUB : authenticator.anonymous();
  }

  /**
   * The principal; fails with {@link InvalidToken} if the token is not valid.
   *
   * @param beforeVerifying called before a token is verified that is not known; what it throws is
   *     thrown
   */
  Future<Principal> of(Message<?> request, Runnable beforeVerifying) {
    String header = request.headers().get(TOKEN);
    if (header == null) {
      return Future.succeededFuture(withoutToken);
    }
    return BearerToken.in(header)
        .map(token -> authenticator.authenticate(token, beforeVerifying))
        .orElseGet(
            () ->
                Future.failedFuture(
                    new InvalidToken(
                        InvalidToken.Reason.MALFORMED, TOKEN + ": must be Bearer and a token")));
  }
}
