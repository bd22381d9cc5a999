package io.tidings.event;

import java.util.List;

/**
 * A unit of publishing: its events are appended all or none, and contiguously.
 *
 * @param events in their order
 * @param key by which the log deduplicates publications, the {@code Idempotency-Key} of HTTP; empty
 *     for none
 * @param once whether events are deduplicated by their topic and publisher's id
 */
public record Publication(List<Event> events, String key, boolean once) {
  /** The name of the key in requests and errors. */
  public static final String KEY = "Idempotency-Key";

  private static final int MAX_KEY_BYTES = 255;

  /** The record, its list, and the list's array. */
  private static final long OBJECT_BYTES =
      HeapSize.object(HeapSize.references(2) + 1)
          + HeapSize.object(HeapSize.references(2))
          + HeapSize.array(0);

  /**
   * @throws InvalidEvent if the key breaks a rule, or {@code once} is set and an event has no id
   */
  public Publication {
    events = List.copyOf(events);
    TextRules.singleLine(KEY, key, MAX_KEY_BYTES);
    if (once && events.stream().anyMatch(event -> event.id().isEmpty())) {
      throw new InvalidEvent("id", "must be given, since once compares ids");
    }
  }

  /** A publication without deduplication. */
  public static Publication of(List<Event> events) {
    return new Publication(events, "", false);
  }

  /** Its estimated size on the heap while it is pending, in bytes. */
  public long cost() {
    long bytes = OBJECT_BYTES + HeapSize.of(key);
    for (Event event : events) {
      bytes += event.cost();
    }
    return bytes + HeapSize.references(events.size());
  }
}
