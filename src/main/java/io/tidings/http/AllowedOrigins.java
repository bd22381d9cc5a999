package io.tidings.http;

import io.tidings.settings.CorsSettings;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.Map;

/**
 * Which web pages may use the hub (Fetch standard, CORS). Hearing needs leave only to be read by
 * pages of other origins, and browsers see to that. Publishing must be refused here: a page can
 * post plain text anywhere without asking first.
 */
final class AllowedOrigins {
  private static final String ANY = "*";

  /** The origin of every sandboxed frame and local file: anybody's, so never with credentials. */
  private static final String OPAQUE = "null";

  private static final String PREFLIGHT_SECONDS = "600";
  private static final Map<String, String> DEFAULT_PORTS = Map.of("http", ":80", "https", ":443");

  private final CorsSettings cors;
  private final TrustedProxies proxies;

  AllowedOrigins(CorsSettings cors, TrustedProxies proxies) {
    this.cors = cors;
    this.proxies = proxies;
  }

  /**
   * Browsers let every page open a WebSocket anywhere, and read what comes.
   *
   * @throws Problem 403, where the request comes from a page of another origin that may not hear
   */
  void checkSocket(HttpServerRequest request) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    if (origin == null || own(origin, request)) {
      return;
    }
    if (!cors.hear().contains(ANY) && !cors.hear().contains(origin)) {
      throw refused();
    }
  }

  /** Lets pages of allowed origins read the answer to a request for hearing. */
  void allowHearing(HttpServerRequest request) {
    allow(request, cors.hear());
  }

  /**
   * Lets pages of allowed origins read the answer to a request that publishes.
   *
   * @throws Problem 403, where the request comes from a page of another origin that is not allowed
   */
  void checkPublishing(HttpServerRequest request) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    if (origin == null || own(origin, request)) {
      return;
    }
    if (!allow(request, cors.publish())) {
      throw refused();
    }
  }

  /** Answers a browser that asks whether a page may make a request. */
  void preflight(HttpServerRequest request) {
    boolean publishing =
        HttpMethod.POST.name().equals(request.getHeader(HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD));
    if (!allow(request, publishing ? cors.publish() : cors.hear())) {
      throw refused();
    }
    request
        .response()
        .setStatusCode(204)
        .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, publishing ? "POST" : "GET")
        .putHeader(
            HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS,
            "Content-Type, Cache-Control, Last-Event-ID, Idempotency-Key")
        .putHeader(HttpHeaders.ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS)
        .end();
  }

  private static boolean allow(HttpServerRequest request, List<String> allowed) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    HttpServerResponse response = request.response();
    boolean named = origin != null && !origin.equals(ANY) && allowed.contains(origin);
    if (named) {
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
   * Whether the page came from the host that the request went to. The scheme must be the same where
   * it is known: a proxy that says nothing of it may have changed it.
   */
  private boolean own(String origin, HttpServerRequest request) {
    int end = origin.indexOf("://");
    if (end < 1) {
      return false;
    }
    String scheme = origin.substring(0, end);
    String host = origin.substring(end + 3);
    return proxies.scheme(request).stream().allMatch(scheme::equalsIgnoreCase)
        && proxies.host(request).map(asked -> plain(scheme, asked)).stream()
            .anyMatch(plain(scheme, host)::equalsIgnoreCase);
  }

  /** A host without the port that goes without saying, as browsers write it in an origin. */
  private static String plain(String scheme, String host) {
    String port = DEFAULT_PORTS.getOrDefault(scheme, ":");
    return host.endsWith(port) ? host.substring(0, host.length() - port.length()) : host;
  }

  private static Problem refused() {
    return Problem.of(403, "Origin: must be the hub's own or one that the hub's settings allow");
  }
}
