package io.tidings.event;

/**
 * A pattern of topics: {@code *} matches exactly one part, and a trailing {@code **} any rest, also
 * none: {@code orders.**} matches {@code orders}, {@code orders.new} and {@code orders.new.eu}.
 * Only patterns that begin with {@code hub.} match the hub's own topics.
 *
 * @param pattern the pattern as in the request
 */
public record TopicPattern(String pattern) implements Comparable<TopicPattern> {
  private static final String ONE = "*";
  private static final String REST = "**";

  /**
   * @throws InvalidEvent of the field {@code topic}, if the pattern breaks a rule
   */
  public TopicPattern {
    Topic.checkParts(pattern);
    if (pattern.indexOf('*') >= 0) {
      checkWildcards(pattern);
    }
  }

  private static void checkWildcards(String pattern) {
    String[] parts = pattern.split("\\.");
    for (int i = 0; i < parts.length; i++) {
      boolean last = i == parts.length - 1;
      if (parts[i].equals(ONE) || (last && parts[i].equals(REST))) {
        continue;
      }
      if (parts[i].indexOf('*') >= 0) {
        throw new InvalidEvent(
            "topic", "must have * only as a whole part, and ** only as the last");
      }
    }
  }

  /** Whether it has no wildcard, so it matches one topic only. */
  public boolean exact() {
    return pattern.indexOf('*') < 0;
  }

  /** Whether it matches the topic. */
  public boolean matches(String topic) {
    if (exact()) {
      return pattern.equals(topic);
    }
    if (Topic.reserved(topic) && !Topic.reserved(pattern)) {
      return false;
    }
    return matches(pattern, 0, topic, 0);
  }

  /** Compares part by part from the given indexes on, without allocating substrings. */
  private static boolean matches(String pattern, int p, String topic, int t) {
    while (p < pattern.length()) {
      int pEnd = partEnd(pattern, p);
      if (pEnd - p == REST.length() && pattern.startsWith(REST, p)) {
        return true;
      }
      if (t >= topic.length()) {
        return false;
      }
      int tEnd = partEnd(topic, t);
      boolean any = pEnd - p == ONE.length() && pattern.charAt(p) == '*';
      if (!any && (pEnd - p != tEnd - t || !pattern.regionMatches(p, topic, t, pEnd - p))) {
        return false;
      }
      p = pEnd + 1;
      t = tEnd + 1;
    }
    return t >= topic.length();
  }

  private static int partEnd(String text, int from) {
    int dot = text.indexOf('.', from);
    return dot < 0 ? text.length() : dot;
  }

  @Override
  public int compareTo(TopicPattern other) {
    return pattern.compareTo(other.pattern);
  }

  @Override
  public String toString() {
    return pattern;
  }
}
