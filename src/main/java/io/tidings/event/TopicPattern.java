package io.tidings.event;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

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

  /**
   * A text as one part of a topic, such as the name of a user: what could be more than that part is
   * written as bytes of UTF-8 in hexadecimal, {@code ann@example.org} as {@code ann@example%2Eorg}.
   * Different texts are different parts. A grant or topic that is made of somebody's name without
   * it may be more than was meant: the name may be {@code *}.
   *
   * @throws InvalidEvent of the field {@code topic}, if the text is empty, or has half of a
   *     surrogate pair
   */
  public static String part(String text) {
    if (text.isEmpty()) {
      throw new InvalidEvent("topic", "must not have an empty part");
    }
    TextRules.wellFormed("topic", text);
    var part = new StringBuilder();
    boolean reserved = Topic.namesOwnTopics(text);
    text.codePoints()
        .mapToObj(Character::toString)
        .forEach(one -> part.append(plain(one) && !(reserved && part.isEmpty()) ? one : hex(one)));
    return part.toString();
  }

  private static boolean plain(String character) {
    return !Character.isISOControl(character.codePointAt(0)) && !" .*%{}".contains(character);
  }

  private static String hex(String character) {
    var bytes = new StringBuilder();
    for (byte one : character.getBytes(StandardCharsets.UTF_8)) {
      bytes.append('%').append(HexFormat.of().withUpperCase().toHexDigits(one));
    }
    return bytes.toString();
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

  /**
   * The pattern that matches exactly the topics that both match; empty if there are none. Patterns
   * are closed under intersection: walking both part by part, a wildcard yields to the other's
   * part. Topic names are compared as they are, without normalisation.
   */
  public Optional<TopicPattern> intersect(TopicPattern other) {
    if (Topic.reserved(pattern) != Topic.reserved(other.pattern)) {
      return Optional.empty(); // hub and hub.** too: a plain pattern never has the hub's own topics
    }
    List<String> parts = new ArrayList<>();
    return intersect(parts(), other.parts(), parts)
        ? Optional.of(new TopicPattern(String.join(".", parts)))
        : Optional.empty();
  }

  /** Whether it matches every topic that the other one matches. */
  public boolean contains(TopicPattern other) {
    return Topic.reserved(pattern) == Topic.reserved(other.pattern)
        && matches(pattern, 0, other.pattern, 0);
  }

  private List<String> parts() {
    return List.of(pattern.split("\\."));
  }

  private static boolean intersect(List<String> a, List<String> b, List<String> both) {
    for (int i = 0; ; i++) {
      if (isRest(a, i) || isRest(b, i)) {
        List<String> longer = isRest(a, i) ? b : a;
        both.addAll(longer.subList(Math.min(i, longer.size()), longer.size()));
        return true;
      }
      if (i == a.size() || i == b.size()) {
        return a.size() == b.size();
      }
      String part = a.get(i).equals(ONE) ? b.get(i) : a.get(i);
      if (!part.equals(b.get(i)) && !b.get(i).equals(ONE)) {
        return false;
      }
      both.add(part);
    }
  }

  private static boolean isRest(List<String> parts, int index) {
    return index < parts.size() && parts.get(index).equals(REST);
  }

  /**
   * Compares part by part from the given indexes on, without allocating substrings. The topic may
   * be a pattern too, all of whose topics have to match.
   */
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
      boolean any =
          pEnd - p == ONE.length()
              && pattern.charAt(p) == '*'
              && !(tEnd - t == REST.length() && topic.startsWith(REST, t));
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
