package io.tidings.http;

import io.tidings.access.Access;
import io.tidings.access.Caller;
import io.tidings.access.ClientGuard;
import io.tidings.auth.Grants;
import io.tidings.auth.InvalidToken;
import io.tidings.auth.NotGranted;
import io.tidings.auth.Principal;
import io.tidings.auth.TopicRights;
import io.tidings.event.Topic;
import io.tidings.limits.LimitExceeded;
import io.tidings.metrics.Door;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Lets requests through a door: finds the principal, lets the door decide, and reports the decision
 * to {@link ClientGuard}. Confined to one event loop.
 */
final class AccessControl {
  private final PrincipalSource principals;
  private final ClientGuard guard;
  private final TrustedProxies proxies;

  AccessControl(PrincipalSource principals, ClientGuard guard, TrustedProxies proxies) {
    this.principals = principals;
    this.guard = guard;
    this.proxies = proxies;
  }

  /** As {@link #enter(Door, HttpServerRequest, Consumer, Consumer)}, with problems as answers. */
  void enter(Door door, HttpServerRequest request, Consumer<Principal> then) {
    enter(door, request, then, failure -> FailureHandler.respond(request, failure));
  }

  /**
   * Finds the principal of the request and continues with it: at once, except when its token has to
   * be verified; the request is paused meanwhile.
   *
   * @param then serves the request; what it throws is answered
   * @param onFailure answers a request whose token is not valid, or can't be verified now
   * @throws RuntimeException of {@code then}
   */
  void enter(
      Door door,
      HttpServerRequest request,
      Consumer<Principal> then,
      Consumer<Throwable> onFailure) {
    enter(door, request, Optional.empty(), then, onFailure);
  }

  /**
   * The same for a stream.
   *
   * @param ticket that its URL has; which browser was the first to show it, the log may be asked
   */
  void enter(
      Door door,
      HttpServerRequest request,
      Optional<String> ticket,
      Consumer<Principal> then,
      Consumer<Throwable> onFailure) {
    Future<Principal> found;
    Runnable check = () -> guard.checkLogin(of(door, Principal.UNKNOWN, request));
    try {
      found =
          ticket.isPresent()
              ? principals.ofTicket(request, ticket.get(), check)
              : principals.of(request, check);
    } catch (Problem | LimitExceeded e) {
      found = Future.failedFuture(e);
    }
    if (found.succeeded()) {
      serve(door, request, found.result(), then);
    } else if (found.failed()) {
      refuse(of(door, Principal.UNKNOWN, request), found.cause(), onFailure);
    } else {
      request.pause();
      found.onComplete(
          done ->
              FailureHandler.guard(request, () -> verified(door, request, done, then, onFailure)));
    }
  }

  /** The token of a request that was paused meanwhile has been verified. */
  private void verified(
      Door door,
      HttpServerRequest request,
      AsyncResult<Principal> done,
      Consumer<Principal> then,
      Consumer<Throwable> onFailure) {
    request.resume(); // what was received is handed over in a later task
    boolean gone = request.response().closed(); // then nothing would be released by its end
    if (done.succeeded()) {
      guard.allowed(() -> of(door, done.result(), request));
      if (!gone) {
        serve(door, request, done.result(), then);
      }
    } else {
      refuse(of(door, Principal.UNKNOWN, request), done.cause(), gone ? e -> {} : onFailure);
    }
  }

  private void refuse(Access access, Throwable failure, Consumer<Throwable> onFailure) {
    report(access, failure);
    onFailure.accept(failure);
  }

  private void serve(
      Door door, HttpServerRequest request, Principal principal, Consumer<Principal> then) {
    try {
      then.accept(principal);
    } catch (RuntimeException e) {
      report(of(door, principal, request), e);
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
    guard.allowed(() -> of(door, principal, request));
  }

  /** Whether the token of a principal was revoked since it was let in. */
  boolean revoked(Principal principal) {
    return principals.revoked(principal);
  }

  /**
   * To be called when the body of a request has arrived, which may take long.
   *
   * @throws InvalidToken if the principal's token was revoked since it was let in
   */
  void checkNotRevoked(Principal principal) {
    if (revoked(principal)) {
      throw new InvalidToken(InvalidToken.Reason.REVOKED, "the token was revoked");
    }
  }

  /** Reports what an administrator has done. */
  void administered(Door door, Principal principal, HttpServerRequest request, String detail) {
    guard.administered(of(door, principal, request), detail);
  }

  /** Counts and logs a failure, if it is that of a right. */
  void report(Access access, Throwable failure) {
    if (failure instanceof Problem problem) {
      problem.takeRefusal().ifPresent(reason -> guard.refused(access, reason, ""));
    } else {
      guard.report(access, failure);
    }
  }

  /** What a principal asks for, without a topic. */
  Access of(Door door, Principal principal, HttpServerRequest request) {
    return Access.withoutTopic(door, caller(principal, request));
  }

  Caller caller(Principal principal, HttpServerRequest request) {
    return new Caller(principal, proxies.clientAddress(request));
  }

  /** The limits of clients, and the audit log. */
  ClientGuard guard() {
    return guard;
  }
}
