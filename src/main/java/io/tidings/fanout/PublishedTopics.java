package io.tidings.fanout;

import io.tidings.event.Event;
import java.util.HashSet;
import java.util.Set;

/**
 * The topics of some events.
 *
 * @param open those of public events
 * @param privates those of private events
 */
public record PublishedTopics(Set<String> open, Set<String> privates) {
  /** The topics of these events. */
  public static PublishedTopics of(Iterable<Event> events) {
    var topics = new PublishedTopics(new HashSet<>(), new HashSet<>());
    for (Event event : events) {
      (event.isPrivate() ? topics.privates : topics.open).addAll(event.topics());
    }
    return topics;
  }
}
