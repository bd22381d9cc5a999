package io.tidings.event;

import java.util.Collection;
import java.util.List;

/**
 * What one stream asked to hear: a set of patterns. Two streams that asked for the same, in
 * whatever order, have equal filters.
 *
 * @param patterns at least one, each once, sorted
 */
public record Filter(List<TopicPattern> patterns) {
  /** Every topic, the hub's own too. */
  public static final Filter EVERYTHING = of("**", "hub.**");

  public Filter {
    patterns = patterns.stream().distinct().sorted().toList();
    if (patterns.isEmpty()) {
      throw new InvalidEvent("topic", "must be given at least once");
    }
  }

  /**
   * @param patterns as {@link TopicPattern} has them
   * @throws InvalidEvent where there is none, or one breaks a rule
   */
  public static Filter of(Collection<String> patterns) {
    return new Filter(patterns.stream().map(TopicPattern::new).toList());
  }

  public static Filter of(String... patterns) {
    return of(List.of(patterns));
  }

  /** Whether every pattern names one topic, so that a look-up finds what is selected. */
  public boolean exact() {
    return patterns.stream().allMatch(TopicPattern::exact);
  }

  /** Whether one of the topics is selected. */
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
