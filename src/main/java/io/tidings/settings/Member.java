package io.tidings.settings;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A member of a cluster by its address: {@code node1:7700}, {@code 10.0.0.1}, {@code
 * [fd00::1]:7700}.
 *
 * @param host a name or an address, without brackets
 */
public record Member(String host, int port) {
  /** The port of members that are listed without one. */
  public static final int DEFAULT_PORT = 7_700;

  static final String RULE =
      "must be a list of hosts, or hosts and ports such as node1:" + DEFAULT_PORT;

  private static final Pattern FORMAT =
      Pattern.compile("(?:([\\w.-]+)|\\[([\\da-fA-F:.]+)])(?::(\\d{1,5}))?");

  private static final int MAX_PORT = 65_535;

  /**
   * Parses a member as it is written in {@code cluster.members}.
   *
   * @throws IllegalArgumentException with a rule as its message
   */
  public static Member parse(String text) {
    Matcher matcher = FORMAT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(RULE);
    }
    String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
    int port = matcher.group(3) == null ? DEFAULT_PORT : Integer.parseInt(matcher.group(3));
    if (port < 1 || port > MAX_PORT) {
      throw new IllegalArgumentException(RULE);
    }
    return new Member(host, port);
  }

  /** Host and port, as it is written in {@code cluster.members}; identifies it in the cluster. */
  public String id() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  @Override
  public String toString() {
    return id();
  }
}
