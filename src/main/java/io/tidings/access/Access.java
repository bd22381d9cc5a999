package io.tidings.access;

import io.tidings.event.Filter;
import io.tidings.event.TopicPattern;
import io.tidings.metrics.Door;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What a caller asks for, about which {@link ClientGuard} decides.
 *
 * @param topic the topics in question as the audit log shows them, made only if they are logged;
 *     may be empty text
 */
public record Access(Door door, Caller caller, Supplier<String> topic) {
  /** The topics that are shown of a filter. */
  private static final int MAX_TOPICS = 10;

  public static Access withoutTopic(Door door, Caller caller) {
    return new Access(door, caller, () -> "");
  }

  public static Access toTopic(Door door, Caller caller, String topic) {
    return new Access(door, caller, () -> topic);
  }

  public static Access toFilter(Door door, Caller caller, Filter filter) {
    return new Access(
        door,
        caller,
        () ->
            filter.patterns().stream()
                .limit(MAX_TOPICS)
                .map(TopicPattern::pattern)
                .collect(Collectors.joining(" ")));
  }
}
