package io.tidings.http;

import io.tidings.settings.Cidr;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The host names and addresses under which the hub serves requests; protects against DNS rebinding.
 * A page whose own host name is made to resolve to the hub is of the hub's origin to its browser,
 * so that CORS does not apply; but the request still carries that name. Addresses cannot be
 * rebound, and {@code localhost} and the names below it always resolve to the local machine.
 * Confined to one event loop.
 */
final class AllowedHosts {
  private static final String LOCALHOST = "localhost";
  private static final String SUBDOMAINS = "*.";

  /** A name, an IPv4 address or an IPv6 address in brackets, with an optional port. */
  private static final Pattern HOST =
      Pattern.compile("([A-Za-z0-9._-]+|\\[([0-9A-Fa-f:.]+)])(:\\d{0,5})?");

  /** A request target in absolute form (RFC 9112, 3.2.2). */
  private static final Pattern ABSOLUTE_FORM =
      Pattern.compile("https?://([^/?#]*)(?:[/?#].*)?", Pattern.CASE_INSENSITIVE);

  private final List<String> allowedNames;
  private final TrustedProxies proxies;

  /** The host that was allowed last: nearly all requests of a loop name the same. */
  private String lastAllowed = "";

  /**
   * @param allowedNames the values of {@code http.hosts}, in lower case
   */
  AllowedHosts(List<String> allowedNames, TrustedProxies proxies) {
    this.allowedNames = allowedNames;
    this.proxies = proxies;
  }

  /**
   * Checks the host that the request names and the one that a trusted proxy forwards. The forwarded
   * host does not replace the other check: a browser on this machine has the same address as a
   * proxy on it.
   *
   * @throws Problem 400 if the request does not name exactly one host, 421 if the host is not one
   *     of the hub's
   */
  void check(HttpServerRequest request) {
    host(request).ifPresent(host -> check("Host", host));
    proxies.forwardedHost(request).ifPresent(host -> check(TrustedProxies.HOST, host));
  }

  private void check(String header, String host) {
    if (host.equals(lastAllowed)) {
      return;
    }
    Matcher matcher = HOST.matcher(host);
    if (!matcher.matches()) {
      throw Problem.of(400, header + ": must be a name or an address, with an optional port");
    }
    boolean allowed =
        matcher.group(2) == null
            ? isAllowedName(matcher.group(1))
            : Cidr.isAddress(matcher.group(2));
    if (!allowed) {
      throw Problem.of(
          421, header + ": must be an address, localhost, or a name listed in http.hosts");
    }
    lastAllowed = host;
  }

  private boolean isAllowedName(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    if (name.endsWith(".")) {
      name = name.substring(0, name.length() - 1);
    }
    return name.equals(LOCALHOST)
        || name.endsWith("." + LOCALHOST)
        || Cidr.isAddress(name)
        || isListed(name);
  }

  private boolean isListed(String name) {
    for (String pattern : allowedNames) {
      boolean subdomain = pattern.startsWith(SUBDOMAINS) && name.endsWith(pattern.substring(1));
      if (subdomain || pattern.equals(name)) {
        return true;
      }
    }
    return false;
  }

  /** The host that the request names; empty if an HTTP/1.0 request has none. */
  private static Optional<String> host(HttpServerRequest request) {
    List<String> values = request.headers().getAll(HttpHeaders.HOST);
    if (values.size() > 1) {
      throw Problem.of(400, "Host: must not be given twice");
    }
    Optional<String> header = values.stream().findFirst();
    Optional<String> target =
        request.version() == HttpVersion.HTTP_2
            ? authority(request)
            : targetAuthority(request.uri());
    if (header.isPresent()
        && target.isPresent()
        && !normalized(header, request).equals(normalized(target, request))) {
      throw Problem.of(400, "Host: must match the host in the request line");
    }
    Optional<String> host = target.or(() -> header);
    boolean missing =
        switch (request.version()) {
          case HTTP_1_0 -> false;
          case HTTP_1_1 -> header.isEmpty();
          default -> host.isEmpty();
        };
    if (missing) {
      throw Problem.of(400, "Host: must be given");
    }
    return host;
  }

  private static Optional<String> authority(HttpServerRequest request) {
    return Optional.ofNullable(request.authority(true)).map(Object::toString);
  }

  private static Optional<String> targetAuthority(String uri) {
    if (uri.startsWith("/") || uri.equals("*")) {
      return Optional.empty();
    }
    Matcher matcher = ABSOLUTE_FORM.matcher(uri);
    if (!matcher.matches()) {
      throw Problem.of(400, "request line: path must begin with /");
    }
    return Optional.of(matcher.group(1));
  }

  private static String normalized(Optional<String> host, HttpServerRequest request) {
    return ComparableHost.of(request.isSSL() ? "https" : "http", host.get());
  }
}
