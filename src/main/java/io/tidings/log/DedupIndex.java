package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Publication;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds what was published before, by a publication's key or by a publisher's id, within some time.
 * The log's indexes know, so nothing is kept for it, and a restart forgets nothing. Belongs to the
 * thread that appends.
 */
final class DedupIndex {
  private final LocalLog log;
  private final Duration within;

  /**
   * @param within how long a repetition is recognised; zero for never
   */
  DedupIndex(LocalLog log, Duration within) {
    this.log = log;
    this.within = within;
  }

  /** What makes an event the same to somebody who publishes once: its id in its topic. */
  static Object identity(Event event) {
    return List.of(event.topic(), event.id());
  }

  /**
   * The entries, where they are the same events as those that are published with the same key. Of
   * events that are taken once some may have been there before: they got no entries then, and
   * nothing is returned, for their ids tell.
   *
   * @throws InvalidEvent where they are others
   */
  static List<Entry> checked(List<Entry> entries, Publication publication) {
    List<Event> events = entries.stream().map(Entry::event).toList();
    if (publication.once() && Set.copyOf(publication.events()).containsAll(events)) {
      return List.of();
    }
    if (!events.equals(publication.events())) {
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
    private final Map<Object, Entry> byId = new HashMap<>();

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
        entries = log.withKey(key, horizon(within, now));
      }
      if (entries.isEmpty()) {
        return null;
      }
      List<Entry> same = checked(entries, publication);
      return same.isEmpty() ? null : same;
    }

    /** The entries of those events that were published before. */
    Map<Event, Entry> knownEvents(Publication publication, long now) throws IOException {
      Map<Event, Entry> known = new HashMap<>();
      if (within.isZero()) {
        return known;
      }
      long since = horizon(within, now);
      for (Event event : publication.events()) {
        Entry entry = byId.get(identity(event));
        if (entry == null) {
          entry = log.newestWithId(event, since).orElse(null);
        }
        if (entry != null) {
          known.put(event, entry);
        }
      }
      return known;
    }

    /** The group has these too. */
    void add(Publication publication, List<Entry> entries) {
      if (!publication.key().isEmpty()) {
        byKey.put(publication.key(), entries);
      }
      for (Entry entry : entries) {
        if (!entry.event().id().isEmpty()) {
          byId.put(identity(entry.event()), entry);
        }
      }
    }
  }
}
