package io.tidings.chaos;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The topics of a run. */
final class Topics {
  /** A glob of all of them. */
  static final String EVERYTHING = "chaos.**";

  /** The same, as a glob of topics of two parts. */
  static final String ANY = "chaos.*";

  /** That everybody may read. */
  static final List<String> OPEN = List.of("chaos.0", "chaos.1", "chaos.2", "chaos.3");

  /** For which a reader needs a token that grants them. */
  static final List<String> CLOSED = List.of("chaos.a", "chaos.b", "chaos.c", "chaos.d");

  static final List<String> ALL = Stream.concat(OPEN.stream(), CLOSED.stream()).toList();

  /** The first topic of the last event of a run, which has all topics. */
  static final String LAST = "chaos.last";

  private Topics() {}

  /** The topics that a stream has that asks for these patterns: as far as they are granted. */
  static Set<String> readable(Collection<String> asked, Set<String> granted) {
    return matching(asked, topic -> OPEN.contains(topic) || granted.contains(topic));
  }

  /** The topics that a stream has by what the hub told its client. */
  static Set<String> matching(Collection<String> patterns) {
    return matching(patterns, topic -> true);
  }

  private static Set<String> matching(
      Collection<String> patterns, java.util.function.Predicate<String> and) {
    var topics = new TreeSet<String>();
    ALL.stream()
        .filter(topic -> patterns.stream().anyMatch(pattern -> matches(pattern, topic)))
        .filter(and)
        .forEach(topics::add);
    return topics;
  }

  private static boolean matches(String pattern, String topic) {
    return pattern.equals(topic) || pattern.equals(ANY) || pattern.equals(EVERYTHING);
  }
}
