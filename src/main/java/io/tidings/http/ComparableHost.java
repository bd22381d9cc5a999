package io.tidings.http;

import java.util.Locale;
import java.util.Map;

/**
 * Hosts with an optional port, in the one form by which they are compared: names have no case, and
 * the default port of a scheme means the same as none, as does an empty one (RFC 3986, 6.2.3).
 */
final class ComparableHost {
  private static final Map<String, String> DEFAULT_PORTS = Map.of("http", ":80", "https", ":443");
  private static final String EMPTY_PORT = ":";

  private ComparableHost() {}

  /**
   * @param scheme with which the host is used, in lower case
   * @param host a name or an address, with an optional port
   */
  static String of(String scheme, String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    String withoutDefault = without(DEFAULT_PORTS.getOrDefault(scheme, EMPTY_PORT), lower);
    return without(EMPTY_PORT, withoutDefault);
  }

  private static String without(String port, String host) {
    return host.endsWith(port) ? host.substring(0, host.length() - port.length()) : host;
  }
}
