package io.tidings.http;

import io.tidings.settings.Loopback;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Recognizes requests that a program on this machine makes for itself: they come from a loopback
 * address, to a host name of the machine, and no proxy left its mark. A proxy that sets none of
 * these headers and replaces the host can't be recognized.
 */
final class LocalRequests {
  private static final String FORWARDED_PREFIX = "x-forwarded-";

  /** Set by proxies only. */
  private static final Set<String> MARKS = Set.of("forwarded", "via", "x-real-ip");

  private LocalRequests() {}

  static boolean isLocal(HttpServerRequest request) {
    return isLoopback(request.connection().remoteAddress())
        && isLocalHost(request.authority())
        && !isForwarded(request);
  }

  private static boolean isLoopback(SocketAddress peer) {
    String address = peer == null ? null : peer.hostAddress();
    if (address == null) {
      return false; // a Unix socket, as of a proxy
    }
    int zone = address.indexOf('%');
    return Loopback.isAddress(zone < 0 ? address : address.substring(0, zone));
  }

  private static boolean isLocalHost(HostAndPort authority) {
    return authority != null && Loopback.isHost(authority.host());
  }

  private static boolean isForwarded(HttpServerRequest request) {
    for (Map.Entry<String, String> header : request.headers()) {
      String name = header.getKey();
      if (name.regionMatches(true, 0, FORWARDED_PREFIX, 0, FORWARDED_PREFIX.length())
          || MARKS.contains(name.toLowerCase(Locale.ROOT))) {
        return true;
      }
    }
    return false;
  }
}
