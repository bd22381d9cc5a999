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
 * The names under which the hub answers. A page whose own name is made to lead here (DNS rebinding)
 * is of the same origin as the hub for its browser, which then asks nobody before it reads or
 * publishes; but its name is in the request. Addresses can't be rebound, and names of this machine
 * lead nowhere else.
 */
final class AllowedHosts {
  private static final String LOCALHOST = "localhost";
  private static final String ANY_BELOW = "*.";

  /** A name, an IPv4 address or an IPv6 address in brackets, and perhaps a port. */
  private static final Pattern HOST =
      Pattern.compile("([A-Za-z0-9._-]+|\\[([0-9A-Fa-f:.]+)])(:\\d{0,5})?");

  /** A request target that names the server (RFC 9112, 3.2.2). */
  private static final Pattern ABSOLUTE =
      Pattern.compile("https?://([^/?#]*)(?:[/?#].*)?", Pattern.CASE_INSENSITIVE);

  private final List<String> listed;
  private final TrustedProxies proxies;

  /**
   * @param listed in lower case
   */
  AllowedHosts(List<String> listed, TrustedProxies proxies) {
    this.listed = listed;
    this.proxies = proxies;
  }

  /**
   * @throws Problem 400, where the request does not name one host; 421, where it is none of the
   *     hub's. What a proxy tells must be one of the hub's too, and can't stand in for the other:
   *     on this machine a browser passes for a proxy.
   */
  void check(HttpServerRequest request) {
    host(request).ifPresent(host -> check("Host", host));
    proxies.forwardedHost(request).ifPresent(host -> check(TrustedProxies.HOST, host));
  }

  private void check(String header, String host) {
    Matcher form = HOST.matcher(host);
    if (!form.matches()) {
      throw Problem.of(400, header + ": must be a name or an address, and perhaps a port");
    }
    boolean known =
        form.group(2) == null ? answersTo(form.group(1)) : Cidr.isAddress(form.group(2));
    if (!known) {
      throw Problem.of(
          421, header + ": must be an address, localhost, or a name that http.hosts lists");
    }
  }

  private boolean answersTo(String host) {
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
    for (String one : listed) {
      boolean below = one.startsWith(ANY_BELOW) && name.endsWith(one.substring(1));
      if (below || one.equals(name)) {
        return true;
      }
    }
    return false;
  }

  /** The one host that the request names; nothing where HTTP/1.0 names none. */
  private static Optional<String> host(HttpServerRequest request) {
    List<String> named = request.headers().getAll(HttpHeaders.HOST);
    if (named.size() > 1) {
      throw Problem.of(400, "Host: must not be given twice");
    }
    Optional<String> header = named.stream().findFirst();
    Optional<String> target =
        request.version() == HttpVersion.HTTP_2 ? authority(request) : target(request.uri());
    if (header.isPresent() && target.isPresent() && !plain(header).equals(plain(target))) {
      throw Problem.of(400, "Host: must be the one that the request line names");
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

  private static Optional<String> target(String uri) {
    if (uri.startsWith("/") || uri.equals("*")) {
      return Optional.empty();
    }
    Matcher form = ABSOLUTE.matcher(uri);
    if (!form.matches()) {
      throw Problem.of(400, "request line: must have a path that begins with /");
    }
    return Optional.of(form.group(1));
  }

  private static String plain(Optional<String> host) {
    return host.get().toLowerCase(Locale.ROOT).replaceFirst(":(80)?$", "");
  }
}
