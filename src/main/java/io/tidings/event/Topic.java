package io.tidings.event;

/**
 * The rules for topic names: a single line of dot-separated parts, none of them empty. {@code *} is
 * reserved for patterns, and names that begin with {@code hub.} for the hub.
 */
public final class Topic {
  /** The topic of the hub's own lines, in wire formats with topics. */
  public static final String HUB = "hub";

  /** The prefix of the hub's own topics and event types. */
  public static final String RESERVED = "hub.";

  /** The topic of the hub's log, to which only the hub publishes. */
  public static final String LOG = RESERVED + "log";

  /** The topic of the hub's own clock, which is excluded from traffic statistics. */
  public static final String CLOCK = "clock";

  private static final String SCENES = "scenes.";

  /**
   * The upper bound of any setting for the length of a name, in bytes of UTF-8: indexes of the log
   * have names with one byte more, and two bytes for the length.
   */
  public static final int MAX_BYTES = 65_534;

  private Topic() {}

  /** Whether the name is reserved for the hub. */
  public static boolean reserved(String name) {
    return name.startsWith(RESERVED);
  }

  /**
   * Whether the name, or the pattern, is one of the example scenes' own, some of which are requests
   * to the hub.
   */
  public static boolean ofScenes(String name) {
    return name.startsWith(SCENES);
  }

  /**
   * Whether topics that begin with this part need a grant that names it: the hub's own, and those
   * of the scenes.
   */
  public static boolean namesOwnTopics(String part) {
    return reserved(part + ".") || ofScenes(part + ".");
  }

  /**
   * Checks a topic name.
   *
   * @return the name
   * @throws InvalidEvent for the field {@code topic}, if it breaks a rule
   */
  static String check(String name) {
    checkParts(name);
    if (name.indexOf('*') >= 0) {
      throw new InvalidEvent("topic", "must not have a *, which is for patterns only");
    }
    return name;
  }

  /** Checks the rules that topic names and patterns share. */
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
