package io.tidings.http;

import io.tidings.metrics.Refusal;
import io.tidings.settings.CorsSettings;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.Locale;

/**
 * The web origins whose pages may use the hub (Fetch standard, CORS). For subscribing, browsers
 * enforce CORS: the hub only sends the headers that let a page read the response. Publishing is
 * refused here, because a page can send a {@code text/plain} POST to any server without a preflight
 * request.
 */
final class AllowedOrigins {
  private static final String ANY = "*";

  /**
   * The origin of every sandboxed frame and local file. Never allowed with credentials, since any
   * page can have it.
   */
  private static final String OPAQUE = "null";

  private static final String FETCH_SITE = "Sec-Fetch-Site";
  private static final String PREFLIGHT_SECONDS = "600";

  private final CorsSettings cors;
  private final TrustedProxies proxies;

  AllowedOrigins(CorsSettings cors, TrustedProxies proxies) {
    this.cors = cors;
    this.proxies = proxies;
  }

  /**
   * Checks the origin of a WebSocket handshake. Browsers do not apply CORS to WebSockets.
   *
   * @throws Problem 403 if the request comes from a page of another origin that may not subscribe
   */
  void checkWebSocket(HttpServerRequest request) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    if (origin == null || isSameOrigin(origin, request)) {
      return;
    }
    if (!cors.subscribe().contains(ANY) && !cors.subscribe().contains(origin)) {
      throw forbidden();
    }
  }

  /**
   * Lets pages of allowed origins read their tickets.
   *
   * @throws Problem 403 if the request comes from a page of another origin that may not subscribe
   */
  void checkTickets(HttpServerRequest request) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    if (origin != null && !isSameOrigin(origin, request) && !allow(request, cors.subscribe())) {
      throw forbidden();
    }
  }

  /** Checks the origin of a request for a ticket whose token came by a cookie. */
  void checkTicketsByCookie(HttpServerRequest request) {
    checkCookie(request, cors.subscribe());
  }

  /**
   * Checks the origin of a request that shows a ticket. Browsers name it, except in requests other
   * than WebSocket handshakes to a page's own origin.
   *
   * @param origin of the page that got the ticket; empty if a program did
   * @throws Problem 403 if the request comes from another page
   */
  void checkTicket(HttpServerRequest request, String origin) {
    String sent = request.getHeader(HttpHeaders.ORIGIN);
    boolean own = origin.isEmpty() || isSameOrigin(origin, request);
    boolean same =
        sent == null
            ? own && isSameOriginFetch(request)
            : sent.equals(origin) || origin.isEmpty() && isSameOrigin(sent, request);
    if (!same) {
      throw Problem.of(403, Refusal.ORIGIN, "Origin: must be that of the page that got the ticket");
    }
  }

  private static boolean isSameOriginFetch(HttpServerRequest request) {
    String site = request.getHeader(FETCH_SITE);
    return site == null || site.equals("same-origin");
  }

  /**
   * Whether the hub's cookies may come with requests of a page: from its own pages, and those of
   * origins that are listed by name.
   *
   * @param origin empty for a program, whose page is taken for the hub's own
   */
  boolean mayHaveCookies(HttpServerRequest request, String origin) {
    return origin.isEmpty()
        || isSameOrigin(origin, request)
        || isListedByName(origin, cors.subscribe());
  }

  /** Lets pages of allowed origins read the response to a subscribe request. */
  void allowSubscribing(HttpServerRequest request) {
    allow(request, cors.subscribe());
  }

  /**
   * Lets pages of allowed origins read the response to a publish request.
   *
   * @throws Problem 403 if the request comes from a page of another origin that may not publish
   */
  void checkPublishing(HttpServerRequest request) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    if (origin == null || isSameOrigin(origin, request)) {
      return;
    }
    if (!allow(request, cors.publish())) {
      throw forbidden();
    }
  }

  /**
   * Lets pages of origins that may subscribe read the response to a request that changes a stream.
   *
   * @throws Problem 403 if the request comes from a page of another origin
   */
  void checkChanging(HttpServerRequest request) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    if (origin != null && !isSameOrigin(origin, request) && !allow(request, cors.subscribe())) {
      throw forbidden();
    }
  }

  /**
   * Checks the origin of a request whose token came by a cookie, which browsers send whatever page
   * made the request: it must be named, and be the hub's own or one that is listed by name.
   *
   * @throws Problem 403 if a page of another site may have made the request
   */
  void checkPublishingByCookie(HttpServerRequest request) {
    checkCookie(request, cors.publish());
  }

  /** The same for a WebSocket, whose stream its page can read. */
  void checkWebSocketByCookie(HttpServerRequest request) {
    checkCookie(request, cors.subscribe());
  }

  /**
   * Checks the origin of a request that sets the cookie or removes it.
   *
   * @throws Problem 403 unless it comes from a page of the hub's own, or from none
   */
  void checkSession(HttpServerRequest request) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    if (isCrossSite(request) || origin != null && !isSameOrigin(origin, request)) {
      throw Problem.of(403, "Origin: must be the hub's own");
    }
  }

  private void checkCookie(HttpServerRequest request, List<String> allowed) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    if (origin == null) {
      throw Problem.of(403, "Origin: must be given, since the token is in a cookie");
    }
    if (!isListedByName(origin, allowed)
        && (isCrossSite(request) || !isSameOrigin(origin, request))) {
      throw forbidden();
    }
  }

  private static boolean isListedByName(String origin, List<String> allowed) {
    return allowed.contains(origin) && !origin.equals(ANY) && !origin.equals(OPAQUE);
  }

  private static boolean isCrossSite(HttpServerRequest request) {
    return "cross-site".equals(request.getHeader(FETCH_SITE));
  }

  /** Answers a CORS preflight request. */
  void answerPreflight(HttpServerRequest request) {
    boolean publishing =
        HttpMethod.POST.name().equals(request.getHeader(HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD));
    answerPreflight(
        request, publishing ? cors.publish() : cors.subscribe(), publishing ? "POST" : "GET");
  }

  /** Answers the preflight of a request that changes a stream, or gets a ticket for one. */
  void answerPreflightOfStream(HttpServerRequest request) {
    answerPreflight(request, cors.subscribe(), "POST");
  }

  private static void answerPreflight(
      HttpServerRequest request, List<String> allowed, String method) {
    if (!allow(request, allowed)) {
      throw forbidden();
    }
    request
        .response()
        .setStatusCode(204)
        .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, method)
        .putHeader(
            HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS,
            "Authorization, Content-Type, Cache-Control, Last-Event-ID, Idempotency-Key")
        .putHeader(HttpHeaders.ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS)
        .end();
  }

  private static boolean allow(HttpServerRequest request, List<String> allowed) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    HttpServerResponse response = request.response();
    boolean listed = origin != null && !origin.equals(ANY) && allowed.contains(origin);
    if (listed) {
      response
          .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin)
          .putHeader(HttpHeaders.VARY, HttpHeaders.ORIGIN);
      if (!origin.equals(OPAQUE)) {
        response.putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
      }
      return true;
    }
    if (origin != null && allowed.contains(ANY)) {
      response.putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, ANY); // never with credentials
      return true;
    }
    return false;
  }

  /**
   * Whether the origin has the host that the request was sent to. The schemes are compared only
   * where the request's scheme is known: a proxy that does not report it may have changed it.
   */
  private boolean isSameOrigin(String origin, HttpServerRequest request) {
    int end = origin.indexOf("://");
    if (end < 1) {
      return false;
    }
    String scheme = origin.substring(0, end).toLowerCase(Locale.ROOT);
    String host = origin.substring(end + 3);
    return proxies.scheme(request).stream().allMatch(scheme::equalsIgnoreCase)
        && proxies.host(request).map(requested -> ComparableHost.of(scheme, requested)).stream()
            .anyMatch(ComparableHost.of(scheme, host)::equals);
  }

  private static Problem forbidden() {
    return Problem.of(
        403,
        Refusal.ORIGIN,
        "Origin: must be the hub's own or one allowed by cors.subscribe or cors.publish");
  }
}
