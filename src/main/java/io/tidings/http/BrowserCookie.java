package io.tidings.http;

import io.tidings.auth.Browser;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The cookie by which the hub recognizes a browser that shows a ticket again. It grants nothing by
 * itself, and is set only where none came, so that all tabs and tickets of a browser share it.
 *
 * <p>It is sent to the hub from pages of any site, since {@code EventSource} is used across sites;
 * where browsers keep no cookies for that, they keep one for each site that embeds the hub ({@code
 * Partitioned}). Requests of this machine to itself may have it over HTTP, without the name's
 * prefix. Confined to one event loop.
 */
final class BrowserCookie {
  static final String NAME = "__Host-tidings-browser";
  static final String LOCAL_NAME = "tidings-browser";

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BYTES = 16;
  private static final Pattern SECRET = Pattern.compile("[A-Za-z0-9_-]{22}");

  private final TrustedProxies proxies;

  BrowserCookie(TrustedProxies proxies) {
    this.proxies = proxies;
  }

  /** Whether a browser keeps the cookie, as far as that follows from how it reaches the hub. */
  boolean isKept(HttpServerRequest request) {
    return proxies.isSecure(request) || LocalRequests.isLocal(request);
  }

  /**
   * The browser that makes a request. One that shows no cookie gets it with the response, whatever
   * that is; so a retry after a failure comes from the same browser.
   *
   * @throws Problem 401 if the cookie is given twice
   */
  Browser of(HttpServerRequest request) {
    boolean secure = proxies.isSecure(request);
    List<String> values =
        isKept(request) ? SessionCookie.values(request, secure ? NAME : LOCAL_NAME) : List.of();
    if (values.size() > 1) {
      throw Problem.unauthorized("Cookie: must have the browser's secret once", "invalid_request");
    }
    if (!values.isEmpty() && SECRET.matcher(values.get(0)).matches()) {
      return new Browser(values.get(0), true);
    }
    byte[] random = new byte[BYTES];
    RANDOM.nextBytes(random);
    String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    if (isKept(request)) {
      request.response().headers().add(HttpHeaders.SET_COOKIE, cookie(secret, secure));
    }
    return new Browser(secret, false);
  }

  /** Written by hand: Vert.x has no {@code Partitioned}. */
  private static String cookie(String secret, boolean secure) {
    return secure
        ? NAME + "=" + secret + "; Path=/; Secure; HttpOnly; SameSite=None; Partitioned"
        : LOCAL_NAME + "=" + secret + "; Path=/; HttpOnly; SameSite=Lax";
  }
}
