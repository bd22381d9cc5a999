package io.tidings.http;

import io.tidings.access.Access;
import io.tidings.auth.Principal;
import io.tidings.auth.Tickets;
import io.tidings.bus.ContextFutures;
import io.tidings.metrics.Door;
import io.tidings.settings.LimitSettings;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Supplier;

/**
 * The route {@code POST /tickets}: a page, or the program that makes it, gets a ticket for a token,
 * to open a stream by its URL alone. Confined to one event loop.
 */
final class TicketRoute {
  static final String PATH = "/tickets";

  /** More than the topics of the longest ticket. */
  private static final int MAX_BODY = 8 * 1024;

  private final Settings settings;
  private final AccessControl access;
  private final AllowedOrigins origins;
  private final BrowserCookie cookie;
  private final Tickets tickets;
  private final Supplier<LimitSettings> limits;

  private TicketRoute(
      Settings settings, AccessControl access, AllowedOrigins origins, Parts parts) {
    this.settings = settings;
    this.access = access;
    this.origins = origins;
    this.cookie = parts.cookie;
    this.tickets = parts.tickets;
    this.limits = parts.limits;
  }

  static void mount(
      Router router, Settings settings, AccessControl access, AllowedOrigins origins, Parts parts) {
    var route = new TicketRoute(settings, access, origins, parts);
    router.post(PATH).handler(route::issue);
    router.options(PATH).handler(context -> origins.answerPreflightOfStream(context.request()));
  }

  /**
   * What tickets are made of.
   *
   * @param limits as they are at the moment
   */
  record Parts(Tickets tickets, BrowserCookie cookie, Supplier<LimitSettings> limits) {}

  private void issue(RoutingContext context) {
    HttpServerRequest request = context.request();
    origins.checkTickets(request);
    access.enter(Door.TICKETS, request, principal -> issue(request, principal));
  }

  private void issue(HttpServerRequest request, Principal principal) {
    if (RequestPrincipals.byCookie(request, principal)) {
      origins.checkTicketsByCookie(request);
    }
    Access asked = access.of(Door.TICKETS, principal, request);
    access.guard().countOpen(asked);
    RequestBody.read(request, MAX_BODY, settings.http().upload())
        .map(body -> TicketRequest.of(request, body, limits.get()))
        .compose(parsed -> issue(request, principal, parsed))
        .<Void>map(
            answer -> {
              access.guard().allowed(() -> asked);
              return respond(request, answer); // an exception fails the future
            })
        .onFailure(
            e -> {
              access.report(asked, e);
              FailureHandler.respond(request, e);
            });
  }

  private Future<JsonObject> issue(
      HttpServerRequest request, Principal principal, TicketRequest parsed) {
    boolean reconnect = !principal.identified() || isKept(request, parsed.origin());
    return ContextFutures.of(tickets.issue(principal, parsed.topics(), parsed.origin()))
        .map(
            issued ->
                new JsonObject()
                    .put("ticket", issued.text())
                    .put("expires", issued.firstUse().toString())
                    .put("reconnect", reconnect));
  }

  /**
   * Whether the browser will send the cookie with its ticket. Sets the cookie already here, so that
   * streams that a page opens at the same time do not each get one.
   */
  private boolean isKept(HttpServerRequest request, String origin) {
    boolean kept = cookie.isKept(request) && origins.mayHaveCookies(request, origin);
    if (kept) {
      cookie.of(request);
    }
    return kept;
  }

  private static Void respond(HttpServerRequest request, JsonObject answer) {
    var response = request.response();
    if (!response.closed()) {
      response
          .setStatusCode(201)
          .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
          .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
          .end(answer.toBuffer());
    }
    return null;
  }
}
