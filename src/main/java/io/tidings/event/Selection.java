package io.tidings.event;

import java.util.List;
import java.util.Optional;

/**
 * Which events of a log somebody receives: the public ones of a filter, and the private ones of a
 * part of it. Everything that selects events by topic selects them by this, so that a private event
 * is left out of replay, look-ups and counts in the same way as of delivery.
 *
 * @param filter matches every event that is selected
 * @param privates matches the private ones that are selected; a part of the filter, or the filter
 *     itself; empty for none
 */
public record Selection(Filter filter, Optional<Filter> privates) {
  /** Every event, also of the hub's own topics. */
  public static final Selection EVERYTHING = all(Filter.EVERYTHING);

  /**
   * @throws IllegalArgumentException if private events would be selected that the filter does not
   *     match
   */
  public Selection {
    if (privates.isPresent()
        && privates.get() != filter
        && !privates.get().patterns().stream().allMatch(filter::contains)) {
      throw new IllegalArgumentException("private events are selected by a part of the filter");
    }
  }

  /** All events of the filter, private or not. */
  public static Selection all(Filter filter) {
    return new Selection(filter, Optional.of(filter));
  }

  /** All events of the patterns, private or not. */
  public static Selection all(String... patterns) {
    return all(Filter.of(patterns));
  }

  /**
   * The selection with this filter. Private events are not distinguished if those of the whole
   * filter are selected, which is the normal case: then it is equal to {@link #all(Filter)}.
   *
   * @param privates as of {@link Selection}
   */
  public static Selection of(Filter filter, Optional<Filter> privates) {
    boolean whole =
        privates.isPresent() && filter.patterns().stream().allMatch(privates.get()::contains);
    return whole ? all(filter) : new Selection(filter, privates);
  }

  /** Whether all private events of the filter are selected. */
  public boolean whole() {
    return privates.isPresent() && (privates.get() == filter || privates.get().equals(filter));
  }

  /** Whether no pattern has a wildcard, so topics can be looked up by name. */
  public boolean exact() {
    return filter.exact();
  }

  /** Whether the event is selected. */
  public boolean matches(Event event) {
    return matches(event.topics(), event.visibility());
  }

  /** Whether an event of these topics is selected. */
  public boolean matches(List<String> topics, Visibility visibility) {
    return visibility == Visibility.PUBLIC
        ? filter.matches(topics)
        : privates.isPresent() && privates.get().matches(topics);
  }
}
