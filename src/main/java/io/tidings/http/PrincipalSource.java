package io.tidings.http;

import io.tidings.auth.Principal;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;

/** Finds out who makes a request. Confined to one event loop. */
interface PrincipalSource {
  /**
   * The principal; fails if the request shows something that is not valid.
   *
   * @param beforeVerifying called before work that a flood of requests could make expensive; may
   *     throw to refuse it
   * @throws Problem if the request is refused
   */
  Future<Principal> of(HttpServerRequest request, Runnable beforeVerifying);

  /**
   * The principal of a request for a stream that shows a ticket.
   *
   * @param beforeBinding as {@code beforeVerifying}
   * @throws Problem if the request is refused
   */
  Future<Principal> ofTicket(HttpServerRequest request, String ticket, Runnable beforeBinding);

  /** Whether what the principal has shown was revoked since. */
  boolean revoked(Principal principal);
}
