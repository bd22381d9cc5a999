package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Publication;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds what was published before, by a publication's key or by a publisher's id, within some time.
 * The indexes know, so nothing is kept for it, and a restart forgets nothing. Belongs to the thread
 * that writes.
 */
final class Repeats {
  private final DiskStore store;
  private final Duration within;

  /**
   * @param within how long a repetition is recognised; zero for never
   */
  Repeats(DiskStore store, Duration within) {
    this.store = store;
    this.within = within;
  }

  /** Whether the two are the same to somebody who publishes once: one id in one topic. */
  static boolean same(Event one, Event other) {
    return one.id().equals(other.id()) && one.topic().equals(other.topic());
  }

  /**
   * The entries, where they are the same events as those that are published with the same key.
   *
   * @throws InvalidEvent where they are others
   */
  static List<Entry> checked(List<Entry> entries, Publication publication) {
    if (!entries.stream().map(Entry::event).toList().equals(publication.events())) {
      throw new InvalidEvent(Publication.KEY, "was given before, with other events");
    }
    return entries;
  }

  /** The time after which something must have been published to be recognised. */
  static long horizon(Duration within, long now) {
    return within.isZero() ? Long.MAX_VALUE : now - within.toMillis();
  }

  /** Begins a group that is written together. */
  Pending pending() {
    return new Pending();
  }

  /** What is known, the group's own among it, that is not written yet. */
  final class Pending {
    private final Map<String, List<Entry>> byKey = new HashMap<>();
    private final Map<List<String>, Entry> byId = new HashMap<>();

    /**
     * The entries that a publication with the same key got; null where there is none.
     *
     * @throws InvalidEvent where its events were others
     */
    List<Entry> known(Publication publication, long now) throws IOException {
      String key = publication.key();
      if (key.isEmpty() || within.isZero()) {
        return null;
      }
      List<Entry> entries = byKey.get(key);
      if (entries == null) {
        try (DiskStore.Reading reading = store.reading(0)) {
          entries = reading.reader().withKey(key, horizon(within, now));
        }
      }
      return entries.isEmpty() ? null : checked(entries, publication);
    }

    /** The entry of the event, where it was published before; null where it was not. */
    Entry known(Event event, long now) throws IOException {
      if (within.isZero()) {
        return null;
      }
      Entry entry = byId.get(List.of(event.topic(), event.id()));
      if (entry != null) {
        return entry;
      }
      try (DiskStore.Reading reading = store.reading(0)) {
        Optional<Entry> found =
            reading.reader().newestWithId(event.id(), event.topic(), horizon(within, now));
        return found.orElse(null);
      }
    }

    /** The group has these too. */
    void add(Publication publication, List<Entry> entries) {
      if (!publication.key().isEmpty()) {
        byKey.put(publication.key(), entries);
      }
      for (Entry entry : entries) {
        if (!entry.event().id().isEmpty()) {
          byId.put(List.of(entry.event().topic(), entry.event().id()), entry);
        }
      }
    }
  }
}
