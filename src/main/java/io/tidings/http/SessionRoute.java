package io.tidings.http;

import io.tidings.auth.BearerToken;
import io.tidings.auth.Grants;
import io.tidings.auth.Principal;
import io.tidings.event.Filter;
import io.tidings.metrics.Door;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.InstantSource;
import java.util.Optional;

/**
 * The route {@code /session}: tells who one is and what one may do, and keeps a page's token in a
 * cookie that its scripts can't read, for {@code EventSource} and WebSocket, which send no headers
 * of their own. Confined to one event loop.
 */
final class SessionRoute {
  private static final String PATH = "/session";

  private final AccessControl access;
  private final AllowedOrigins origins;
  private final SessionCookie cookie;
  private final InstantSource clock;

  private SessionRoute(
      AccessControl access, AllowedOrigins origins, SessionCookie cookie, InstantSource clock) {
    this.access = access;
    this.origins = origins;
    this.cookie = cookie;
    this.clock = clock;
  }

  /**
   * @param clock by which the cookie ends together with its token
   */
  static void mount(
      Router router,
      AccessControl access,
      AllowedOrigins origins,
      SessionCookie cookie,
      InstantSource clock) {
    var route = new SessionRoute(access, origins, cookie, clock);
    router.get(PATH).handler(route::show);
    router.head(PATH).handler(route::show);
    router.post(PATH).handler(route::begin);
    router.delete(PATH).handler(route::end);
  }

  private void show(RoutingContext context) {
    HttpServerRequest request = context.request();
    access.enter(
        Door.SESSION,
        request,
        principal -> {
          access.allowed(Door.SESSION, principal, request);
          send(context, principal);
        });
  }

  /** Puts the token of the header into the cookie, until the token ends. */
  private void begin(RoutingContext context) {
    HttpServerRequest request = context.request();
    origins.checkSession(request);
    access.enter(
        Door.SESSION,
        request,
        principal -> {
          begin(request, principal);
          access.allowed(Door.SESSION, principal, request);
          send(context, principal);
        });
  }

  private void begin(HttpServerRequest request, Principal principal) {
    if (!cookie.enabled()) {
      throw Problem.of(404, "session: auth.cookie is none");
    }
    String token =
        Optional.ofNullable(request.getHeader(HttpHeaders.AUTHORIZATION))
            .flatMap(BearerToken::in)
            .filter(shown -> principal.identified())
            .orElseThrow(
                () ->
                    Problem.unauthorized(
                        "Authorization: must be given, as Bearer and a token", ""));
    if (token.length() > SessionCookie.MAX_BYTES) {
      throw Problem.of(
          400,
          "Authorization: must have at most " + SessionCookie.MAX_BYTES + " bytes in a cookie");
    }
    long seconds =
        principal
            .expires()
            .map(end -> end.getEpochSecond() - clock.instant().getEpochSecond())
            .orElse(0L);
    cookie.set(request, token, Math.max(1, seconds));
  }

  /** Needs no valid token: one that has ended has to be removed too. */
  private void end(RoutingContext context) {
    origins.checkSession(context.request());
    cookie.remove(context.request());
    context.response().setStatusCode(204).end();
  }

  private static void send(RoutingContext context, Principal principal) {
    context
        .response()
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    Answer.end(context.request(), json(principal).encode());
  }

  private static JsonObject json(Principal principal) {
    Grants grants = principal.grants();
    var json =
        new JsonObject()
            .put("identified", principal.identified())
            .put("subscribe", patterns(grants.subscribe()))
            .put("private", patterns(grants.own()))
            .put("publish", patterns(grants.publish()))
            .put("admin", grants.admin())
            .put("presence", grants.presence());
    if (principal.identified()) {
      json.put("issuer", principal.issuer()).put("subject", principal.subject());
    }
    principal.expires().ifPresent(end -> json.put("expires", end.toString()));
    return json;
  }

  private static JsonArray patterns(Optional<Filter> filter) {
    var array = new JsonArray();
    filter.ifPresent(granted -> granted.patterns().forEach(one -> array.add(one.pattern())));
    return array;
  }
}
