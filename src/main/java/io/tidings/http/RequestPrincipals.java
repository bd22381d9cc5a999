package io.tidings.http;

import io.tidings.auth.Authenticator;
import io.tidings.auth.BearerToken;
import io.tidings.auth.Principal;
import io.tidings.auth.RecentTokens;
import io.tidings.settings.AuthMode;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Optional;

/**
 * Finds out who makes a request: by the token in the {@code Authorization} header, else by the one
 * in the cookie, else whoever has no token. A token in the URL is never looked at; a stream may
 * have a ticket there.
 *
 * <p>An open request needs no token, and its cookies are not looked at, since browsers send them
 * unasked, also those of another hub on another port. A token in its header is verified as
 * elsewhere, and decides what the request may do, unless the hub has no keys at all. Confined to
 * one event loop.
 */
final class RequestPrincipals implements PrincipalSource {
  private static final Future<Principal> OPEN = Future.succeededFuture(Principal.HUB);

  private final Authenticator authenticator;
  private final RecentTokens recent;
  private final SessionCookie cookie;
  private final TicketCheck tickets;
  private final Future<Principal> anonymous;

  RequestPrincipals(Authenticator authenticator, SessionCookie cookie, TicketCheck tickets) {
    this.authenticator = authenticator;
    this.recent = new RecentTokens(authenticator);
    this.cookie = cookie;
    this.tickets = tickets;
    this.anonymous = Future.succeededFuture(authenticator.anonymous());
  }

  /**
   * The principal; fails with {@link io.tidings.auth.InvalidToken} if the token is not valid. The
   * future is complete already unless the token has to be verified.
   *
   * @param beforeVerifying called if the token is not known to be valid; may throw to refuse it
   * @throws Problem 401 if the request has something else in the place of a token
   */
  @Override
  public Future<Principal> of(HttpServerRequest request, Runnable beforeVerifying) {
    boolean open = isOpen(request);
    List<String> headers = request.headers().getAll(HttpHeaders.AUTHORIZATION);
    if (!headers.isEmpty()) {
      Optional<Principal> known =
          headers.size() == 1 ? recent.principal(headers.get(0)) : Optional.empty();
      if (known.isPresent()) {
        return Future.succeededFuture(known.get());
      }
      Optional<String> token = bearer(headers, open);
      if (token.isPresent()) {
        return authenticate(headers.get(0), token.get(), beforeVerifying);
      }
    }
    if (open) {
      return OPEN;
    }
    Optional<String> token = cookie.token(request);
    return token.isPresent() ? authenticator.authenticate(token.get(), beforeVerifying) : anonymous;
  }

  /**
   * The principal of a request for a stream that shows a ticket, which counts before a cookie.
   *
   * @param beforeBinding as of {@link TicketCheck#principal}
   * @throws Problem 400 if the request shows a token too, 401 if it has something else in the place
   *     of one
   */
  @Override
  public Future<Principal> ofTicket(
      HttpServerRequest request, String ticket, Runnable beforeBinding) {
    boolean open = isOpen(request);
    List<String> headers = request.headers().getAll(HttpHeaders.AUTHORIZATION);
    if (!headers.isEmpty() && bearer(headers, open).isPresent()) {
      throw Problem.of(400, "ticket: must not be given beside Authorization");
    }
    Principal without = open ? Principal.HUB : authenticator.anonymous();
    return tickets.principal(request, ticket, without, beforeBinding);
  }

  private Future<Principal> authenticate(String header, String token, Runnable beforeVerifying) {
    Future<Principal> found = authenticator.authenticate(token, beforeVerifying);
    if (found.succeeded()) { // at the second request
      recent.add(header, token);
    }
    return found;
  }

  /** Whether the principal's token was revoked. */
  @Override
  public boolean revoked(Principal principal) {
    return authenticator.revoked(principal);
  }

  /** Whether the request may do everything without a token. */
  boolean isOpen(HttpServerRequest request) {
    AuthMode mode = authenticator.mode();
    return mode == AuthMode.OPEN || mode == AuthMode.AUTO && LocalRequests.isLocal(request);
  }

  /**
   * Whether the principal was found by a cookie, which a browser sends without being asked. What an
   * application looks at is not known: there each request with a cookie counts as such.
   */
  static boolean byCookie(HttpServerRequest request, Principal principal) {
    return principal.identified()
        && request.headers().contains(HttpHeaders.COOKIE)
        && !request.headers().contains(HttpHeaders.AUTHORIZATION);
  }

  /** The token in the header; empty if an open request has something that can't be verified. */
  private Optional<String> bearer(List<String> headers, boolean open) {
    if (open && !authenticator.hasKeys()) {
      return Optional.empty(); // perhaps meant for a proxy in front
    }
    Optional<String> token = BearerToken.in(headers.get(0));
    if (headers.size() == 1 && token.isPresent()) {
      return token;
    }
    if (open && headers.stream().noneMatch(BearerToken::isScheme)) {
      return Optional.empty();
    }
    throw Problem.unauthorized(
        "Authorization: must be given once, as Bearer and a token", "invalid_request");
  }
}
