package io.tidings.event;

import java.util.List;

/**
 * What is published at once: all of it or nothing, and its events next to each other.
 *
 * @param events in their order
 * @param key by which the log recognises that the same is published again, the {@code
 *     Idempotency-Key} of HTTP; empty for none
 * @param once whether an event that the log has already, by its own id in the same topic, is not
 *     taken again
 */
public record Publication(List<Event> events, String key, boolean once) {
  /** The name under which clients know the key. */
  public static final String KEY = "Idempotency-Key";

  private static final int MAX_KEY_BYTES = 255;

  /** Itself, its list, and the array in that. */
  private static final long OBJECT_BYTES =
      HeapSize.object(HeapSize.references(2) + 1)
          + HeapSize.object(HeapSize.references(2))
          + HeapSize.array(0);

  /**
   * @throws InvalidEvent where the key breaks a rule, or one of the events has no id and shall be
   *     taken once
   */
  public Publication {
    events = List.copyOf(events);
    TextRules.singleLine(KEY, key, MAX_KEY_BYTES);
    if (once && events.stream().anyMatch(event -> event.id().isEmpty())) {
      throw new InvalidEvent("id", "must be given, for without it once means nothing");
    }
  }

  /** Events that are taken whenever they are published. */
  public static Publication of(List<Event> events) {
    return new Publication(events, "", false);
  }

  /** How many bytes it takes on the heap while it waits, for its events, its key and its list. */
  public long cost() {
    long bytes = OBJECT_BYTES + HeapSize.of(key);
    for (Event event : events) {
      bytes += event.cost();
    }
    return bytes + HeapSize.references(events.size());
  }
}
