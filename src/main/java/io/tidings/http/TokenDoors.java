package io.tidings.http;

import io.tidings.log.ExpiringRecord;
import io.tidings.settings.LimitSettings;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/** Requests enter by tokens, their cookies and tickets, to hosts of the settings. */
final class TokenDoors implements Doors {
  private final HubParts parts;
  private final AllowedOrigins origins;
  private final SessionCookie cookie;
  private final TicketRoute.Parts tickets;
  private final RequestPrincipals principals;
  private final AllowedHosts hosts;

  TokenDoors(
      HubParts parts,
      TrustedProxies proxies,
      AllowedOrigins origins,
      Supplier<LimitSettings> limits) {
    this.parts = parts;
    this.origins = origins;
    this.cookie = new SessionCookie(parts.settings().auth().cookie(), proxies);
    this.tickets =
        new TicketRoute.Parts(
            parts.authenticator().tickets(this::first), new BrowserCookie(proxies), limits);
    this.principals =
        new RequestPrincipals(
            parts.authenticator(),
            cookie,
            new TicketCheck(tickets.tickets(), origins, tickets.cookie()));
    this.hosts = new AllowedHosts(parts.settings().http().hosts(), proxies);
  }

  /** What the log knows about tickets. Any thread. */
  private Future<String> first(String kind, String key, String value, Instant until) {
    return parts
        .log()
        .records()
        .putIfAbsent(new ExpiringRecord(kind, key, value, until))
        .map(ExpiringRecord::value);
  }

  @Override
  public PrincipalSource principals() {
    return principals;
  }

  @Override
  public void checkHost(HttpServerRequest request) {
    hosts.check(request);
  }

  /** Those of a folder beside the process come first. */
  @Override
  public List<String> pages() {
    return List.of("webroot", PagesRoute.FOLDER);
  }

  @Override
  public void mount(Router router, AccessControl access) {
    SessionRoute.mount(router, access, origins, cookie, InstantSource.system());
    TicketRoute.mount(router, parts.settings(), access, origins, tickets);
    RevocationsRoute.mount(
        router,
        new RevocationLog(parts.log(), parts.settings().log().patience()),
        parts.authenticator(),
        access,
        origins,
        parts.settings());
  }
}
