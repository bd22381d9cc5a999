package io.tidings;

import java.security.Security;

/**
 * How long the addresses of names are remembered: shortly in a node of a cluster, whose others are
 * known by their names and may come back at other addresses, as containers do. Java's own half
 * minute, and gRPC's, would keep them apart for up to a minute.
 */
final class NameCache {
  private static final String TTL = "networkaddress.cache.ttl";
  private static final String NEGATIVE_TTL = "networkaddress.cache.negative.ttl";
  private static final String SECONDS = "1";

  private NameCache() {}

  /** Before the first name is looked up. What was set for the process stays. */
  static void shorten() {
    if (Security.getProperty(TTL) == null && System.getProperty("sun.net.inetaddr.ttl") == null) {
      Security.setProperty(TTL, SECONDS);
    }
    if (System.getProperty("sun.net.inetaddr.negative.ttl") == null) {
      Security.setProperty(NEGATIVE_TTL, SECONDS);
    }
    if (System.getProperty(TTL) == null) {
      System.setProperty(TTL, SECONDS); // gRPC reads it there
    }
  }
}
