package io.tidings.event;

import java.util.Collection;
import java.util.List;

/**
 * What one stream asked to hear: a set of selectors. Two streams that asked for the same, in
 * whatever order, have equal selections.
 *
 * @param selectors at least one, each once, sorted
 */
public record Selection(List<Selector> selectors) {
  /** Every topic, the hub's own too. */
  public static final Selection EVERYTHING = of("**", "hub.**");

  public Selection {
    selectors = selectors.stream().distinct().sorted().toList();
    if (selectors.isEmpty()) {
      throw new InvalidEvent("topic", "must be given at least once");
    }
  }

  /**
   * @param patterns as {@link Selector} has them
   * @throws InvalidEvent where there is none, or one breaks a rule
   */
  public static Selection of(Collection<String> patterns) {
    return new Selection(patterns.stream().map(Selector::new).toList());
  }

  public static Selection of(String... patterns) {
    return of(List.of(patterns));
  }

  /** Whether every selector names one topic, so that a look-up finds what is selected. */
  public boolean exact() {
    return selectors.stream().allMatch(Selector::exact);
  }

  /** Whether one of the topics is selected. */
  public boolean matches(List<String> topics) {
    for (int s = 0; s < selectors.size(); s++) {
      for (int t = 0; t < topics.size(); t++) {
        if (selectors.get(s).matches(topics.get(t))) {
          return true;
        }
      }
    }
    return false;
  }
}
