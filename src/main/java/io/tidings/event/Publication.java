package io.tidings.event;

import java.util.List;

/**
 * A unit of publishing: its events are appended all or none, and contiguously.
 *
 * @param events in their order
 * @param key by which the log deduplicates publications, the {@code Idempotency-Key} of HTTP; empty
 *     for none
 * @param once whether events are deduplicated by their topic and publisher's id
 * @param scope identifies the publisher; keys and ids are compared only with those of the same
 *     scope, so that no publisher can use up another one's; empty for publishers without identity,
 *     who share a scope. It is stored, so it must not reveal who the publisher is
 */
public record Publication(List<Event> events, String key, boolean once, String scope) {
  /** The name of the key in requests and errors. */
  public static final String KEY = "Idempotency-Key";

  private static final int MAX_KEY_BYTES = 255;

  private static final int MAX_SCOPE_BYTES = 64;

  /** The record, its list, and the list's array. */
  private static final long OBJECT_BYTES =
      HeapSize.object(HeapSize.references(3) + 1)
          + HeapSize.object(HeapSize.references(2))
          + HeapSize.array(0);

  /**
   * @throws InvalidEvent if the key breaks a rule, or {@code once} is set and an event has no id
   * @throws IllegalArgumentException if the scope is not printable ASCII of at most 64 bytes
   */
  public Publication {
    events = List.copyOf(events);
    TextRules.singleLine(KEY, key, MAX_KEY_BYTES);
    if (once && events.stream().anyMatch(event -> event.id().isEmpty())) {
      throw new InvalidEvent("id", "must be given, since once compares ids");
    }
    if (!isScope(scope)) {
      throw new IllegalArgumentException("a scope of deduplication has a form of its own");
    }
  }

  /** A publication in the scope of publishers without identity. */
  public Publication(List<Event> events, String key, boolean once) {
    this(events, key, once, "");
  }

  /** A publication without deduplication. */
  public static Publication of(List<Event> events) {
    return new Publication(events, "", false);
  }

  /** Whether the text can be a scope. */
  public static boolean isScope(String text) {
    return text.length() <= MAX_SCOPE_BYTES && TextRules.printableAscii(text);
  }

  /** The same publication by the publisher that the scope identifies. */
  public Publication withScope(String of) {
    return of.equals(scope) ? this : new Publication(events, key, once, of);
  }

  /** Its estimated size on the heap while it is pending, in bytes. */
  public long cost() {
    long bytes = OBJECT_BYTES + HeapSize.of(key) + HeapSize.of(scope);
    for (Event event : events) {
      bytes += event.cost();
    }
    return bytes + HeapSize.references(events.size());
  }
}
