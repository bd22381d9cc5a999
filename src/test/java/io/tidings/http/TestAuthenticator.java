package io.tidings.http;

import io.tidings.access.ClientGuard;
import io.tidings.auth.Authenticator;
import io.tidings.auth.Tickets;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.Map;

/** An authenticator for hubs that are put together by a test. */
final class TestAuthenticator {
  private TestAuthenticator() {}

  /** Requests need no token. */
  static Authenticator open(Vertx vertx) throws Exception {
    Settings settings = Settings.of(Map.of("auth.mode", "open", "auth.secret", "none"));
    return RunningHub.get(Authenticator.create(vertx, settings.auth(), Path.of("")));
  }

  /** Requests may do everything. */
  static AccessControl openAccess(Vertx vertx, TrustedProxies proxies) throws Exception {
    Authenticator open = open(vertx);
    Tickets tickets =
        open.tickets((kind, key, value, until) -> Future.failedFuture("this hub has no table"));
    var check =
        new TicketCheck(
            tickets,
            new AllowedOrigins(Settings.of(Map.of()).cors(), proxies),
            new BrowserCookie(proxies));
    return new AccessControl(
        new RequestPrincipals(open, new SessionCookie(Settings.NONE, proxies), check),
        ClientGuard.of(Settings.of(Map.of()), new Metrics()),
        proxies);
  }
}
