package io.tidings.event;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The topics that one stream subscribes to, as a set of patterns. Filters with the same patterns
 * are equal, whatever their order in the request.
 *
 * @param patterns at least one, sorted, without duplicates
 */
public record Filter(List<TopicPattern> patterns) {
  /** Every topic, including the hub's own. */
  public static final Filter EVERYTHING = of("**", "hub.**");

  /** The limit of the patterns of an intersection. */
  static final int MAX_INTERSECTION = 1_000;

  public Filter {
    patterns =
        patterns.size() == 1
            ? List.copyOf(patterns)
            : patterns.stream().distinct().sorted().toList();
    if (patterns.isEmpty()) {
      throw new InvalidEvent("topic", "must be given at least once");
    }
  }

  /**
   * @param patterns in the syntax of {@link TopicPattern}
   * @throws InvalidEvent if there is none, or one breaks a rule
   */
  public static Filter of(Collection<String> patterns) {
    return new Filter(patterns.stream().map(TopicPattern::new).toList());
  }

  public static Filter of(String... patterns) {
    return of(List.of(patterns));
  }

  /** Whether no pattern has a wildcard, so topics can be looked up by name. */
  public boolean exact() {
    return patterns.stream().allMatch(TopicPattern::exact);
  }

  /**
   * The filter that matches exactly the topics that both match, without patterns that another one
   * contains; empty if there are none.
   *
   * @throws InvalidEvent if more than {@link #MAX_INTERSECTION} patterns would be needed
   */
  public Optional<Filter> intersect(Filter other) {
    Set<TopicPattern> all = new LinkedHashSet<>();
    List<TopicPattern> others = widest(other.patterns);
    for (TopicPattern one : widest(patterns)) {
      for (TopicPattern two : others) {
        one.intersect(two).ifPresent(all::add);
      }
      if (all.size() > MAX_INTERSECTION) { // the comparison of all with all is quadratic
        throw new InvalidEvent(
            "topic", "must meet what is granted in at most " + MAX_INTERSECTION + " patterns");
      }
    }
    List<TopicPattern> widest = widest(List.copyOf(all));
    return widest.isEmpty() ? Optional.empty() : Optional.of(new Filter(widest));
  }

  /** The filter that matches the topics that either matches. */
  public Filter union(Filter other) {
    return new Filter(widest(Stream.concat(patterns.stream(), other.patterns.stream()).toList()));
  }

  private static List<TopicPattern> widest(List<TopicPattern> all) {
    return all.stream()
        .filter(one -> all.stream().noneMatch(wider -> !wider.equals(one) && wider.contains(one)))
        .toList();
  }

  /** Whether a pattern matches every topic that the given one matches. */
  public boolean contains(TopicPattern pattern) {
    return patterns.stream().anyMatch(one -> one.contains(pattern));
  }

  /** Whether a pattern matches the topic. */
  public boolean matches(String topic) {
    for (int i = 0; i < patterns.size(); i++) {
      if (patterns.get(i).matches(topic)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a pattern matches one of the topics. */
  public boolean matches(List<String> topics) {
    for (int s = 0; s < patterns.size(); s++) {
      for (int t = 0; t < topics.size(); t++) {
        if (patterns.get(s).matches(topics.get(t))) {
          return true;
        }
      }
    }
    return false;
  }
}
