package io.tidings.event;

/**
 * The rules for names of topics: dot-separated parts, none of them empty, in one line; {@code *} is
 * kept for patterns, and names that begin with {@code hub.} for the hub.
 */
public final class Topic {
  /** The topic of what the hub itself adds to a stream, where a format has topics. */
  public static final String HUB = "hub";

  /** What the names of the hub's own topics and event types begin with. */
  public static final String RESERVED = "hub.";

  /** Where the hub's own clock ticks; what it sends does not count as traffic. */
  public static final String CLOCK = "clock";

  /** The longest name that any setting allows, in bytes of UTF-8. */
  public static final int MAX_BYTES = 65_535;

  private Topic() {}

  /** Whether the name belongs to the hub. */
  public static boolean reserved(String name) {
    return name.startsWith(RESERVED);
  }

  /**
   * @return the name
   * @throws InvalidEvent of the field {@code topic}, where it breaks a rule
   */
  static String check(String name) {
    checkParts(name);
    if (name.indexOf('*') >= 0) {
      throw new InvalidEvent("topic", "must not have a *, which stands in patterns only");
    }
    return name;
  }

  static void checkParts(String name) {
    if (name.isEmpty()) {
      throw new InvalidEvent("topic", "must not be empty");
    }
    TextRules.singleLine("topic", name, MAX_BYTES);
    if (name.startsWith(".") || name.endsWith(".") || name.contains("..")) {
      throw new InvalidEvent("topic", "must be dot-separated parts, none of them empty");
    }
  }
}
