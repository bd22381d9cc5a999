package io.tidings.http;

import io.tidings.auth.Door;
import io.tidings.auth.Grants;
import io.tidings.auth.InvalidToken;
import io.tidings.auth.NotGranted;
import io.tidings.auth.Principal;
import io.tidings.auth.TopicRights;
import io.tidings.event.Topic;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Consumer;

/**
 * Lets requests through a door: finds the principal, lets the door decide, and reports the decision
 * to {@link AccessDecisions}. Confined to one event loop.
 */
final class AccessControl {
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;

  private final RequestPrincipals principals;
  private final AccessDecisions decisions;

  AccessControl(RequestPrincipals principals, AccessDecisions decisions) {
    this.principals = principals;
    this.decisions = decisions;
  }

  /**
   * Finds the principal of the request and continues with it: at once, except when its token has to
   * be verified; the request is paused meanwhile.
   *
   * @param then serves the request; what it throws is answered
   * @throws Problem, {@link NotGranted} or another exception of {@code then}
   */
  void enter(Door door, HttpServerRequest request, Consumer<Principal> then) {
    Future<Principal> found;
    try {
      found = principals.of(request);
    } catch (Problem e) {
      decisions.refused(door, Principal.UNKNOWN, request, e);
      throw e;
    }
    if (found.succeeded()) {
      serve(door, request, found.result(), then);
      return;
    }
    request.pause();
    found.onComplete(
        done ->
            FailureHandler.guard(
                request,
                () -> {
                  request.resume(); // what was received is handed over in a later task
                  if (request.response().closed()) {
                    return; // the client has gone, and nothing would be released by its end
                  }
                  if (done.succeeded()) {
                    serve(door, request, done.result(), then);
                  } else {
                    refuse(door, request, done.cause());
                  }
                }));
  }

  private void refuse(Door door, HttpServerRequest request, Throwable failure) {
    reportRefusal(door, Principal.UNKNOWN, request, failure);
    FailureHandler.respond(request, failure);
  }

  private void serve(
      Door door, HttpServerRequest request, Principal principal, Consumer<Principal> then) {
    decisions.identified(door, principal, request);
    try {
      then.accept(principal);
    } catch (RuntimeException e) {
      reportRefusal(door, principal, request, e);
      throw e;
    }
  }

  /** A handler of a door for those who may read the topic {@code hub.} and the door's name. */
  Handler<RoutingContext> ofHubsOwn(Door door) {
    return context ->
        enter(
            door,
            context.request(),
            principal -> {
              checkHubsOwn(door, principal);
              allowed(door, principal, context.request());
              context.next();
            });
  }

  /**
   * @throws NotGranted unless the principal may read the topic {@code hub.} and the door's name
   */
  static void checkHubsOwn(Door door, Principal principal) {
    String topic = Topic.RESERVED + door.word();
    if (principal.grants() != Grants.ALL && !TopicRights.mayRead(principal, topic)) {
      throw NotGranted.right(principal, "admin, or subscribe with " + topic);
    }
  }

  /** Reports that the principal may do what it asked for. */
  void allowed(Door door, Principal principal, HttpServerRequest request) {
    decisions.allowed(door, principal, request);
  }

  /** Reports a failure, if it is that of a right. */
  void reportRefusal(Door door, Principal principal, HttpServerRequest request, Throwable failure) {
    boolean refused =
        failure instanceof NotGranted
            || failure instanceof InvalidToken
            || failure instanceof Problem problem
                && (problem.status() == UNAUTHORIZED || problem.status() == FORBIDDEN);
    if (refused) {
      decisions.refused(door, principal, request, failure);
    }
  }
}
