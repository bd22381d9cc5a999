package io.tidings.http;

import io.tidings.settings.Settings;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The cookie that carries a token. Over HTTPS it has the configured name. Requests of this machine
 * to itself may also have it over HTTP, then without the name's prefix: browsers store cookies with
 * {@code __Host-} only over HTTPS. Confined to one event loop.
 */
final class SessionCookie {
  /** Browsers store no larger cookie (RFC 6265, 6.1). */
  static final int MAX_BYTES = 4_000;

  private static final Pattern PREFIX = Pattern.compile("^__(Host|Secure)-");

  private final String name;
  private final TrustedProxies proxies;

  /**
   * @param name of the cookie; {@link Settings#NONE} if no cookie carries a token
   */
  SessionCookie(String name, TrustedProxies proxies) {
    this.name = name;
    this.proxies = proxies;
  }

  boolean enabled() {
    return !name.equals(Settings.NONE);
  }

  /**
   * The token in the request's cookie; empty if there is none.
   *
   * @throws Problem 401 if the cookie is given twice: another site of the domain may have set one
   */
  Optional<String> token(HttpServerRequest request) {
    if (!enabled() || !request.headers().contains(HttpHeaders.COOKIE)) {
      return Optional.empty();
    }
    List<String> values = values(request, name);
    if (values.isEmpty() && !proxies.isSecure(request) && LocalRequests.isLocal(request)) {
      values = values(request, localName());
    }
    if (values.size() > 1) {
      throw Problem.unauthorized("Cookie: must have the token once", "invalid_request");
    }
    return values.stream().findFirst();
  }

  /** The values of all cookies of that name; Vert.x would keep only one of them. */
  static List<String> values(HttpServerRequest request, String name) {
    return request.headers().getAll(HttpHeaders.COOKIE).stream()
        .flatMap(header -> Stream.of(header.split(";")))
        .map(String::strip)
        .filter(pair -> pair.startsWith(name + "="))
        .map(pair -> pair.substring(name.length() + 1))
        .filter(value -> !value.isEmpty())
        .toList();
  }

  /**
   * Sets the cookie.
   *
   * @throws Problem 403 if the browser would send it over HTTP through a network
   */
  void set(HttpServerRequest request, String token, long maxAgeSeconds) {
    boolean secure = proxies.isSecure(request);
    if (!secure && !LocalRequests.isLocal(request)) {
      throw Problem.of(
          403, "session: requires HTTPS; a proxy must say so by X-Forwarded-Proto: https");
    }
    add(request, secure, token, maxAgeSeconds);
  }

  /** Removes the cookie from the browser. */
  void remove(HttpServerRequest request) {
    add(request, proxies.isSecure(request), "", 0);
  }

  private void add(HttpServerRequest request, boolean secure, String value, long maxAgeSeconds) {
    request
        .response()
        .addCookie(
            Cookie.cookie(secure ? name : localName(), value)
                .setPath("/")
                .setHttpOnly(true)
                .setSecure(secure)
                .setSameSite(CookieSameSite.STRICT)
                .setMaxAge(maxAgeSeconds));
  }

  private String localName() {
    return PREFIX.matcher(name).replaceFirst("");
  }
}
