package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Publication;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds what was published before, by a publication's key or by a publisher's id, within some time.
 * It keeps nothing itself: the log's own indexes are asked, so a restart forgets nothing. Used by
 * one thread at a time.
 *
 * @param <X> what it throws where the log can't be read
 */
public final class DedupIndex<X extends Exception> {
  private final PublishedEntries<X> log;
  private final Duration within;

  /**
   * @param within how long a repetition is recognised; zero for never
   */
  public DedupIndex(PublishedEntries<X> log, Duration within) {
    this.log = log;
    this.within = within;
  }

  /** What makes an event the same to somebody who publishes once: its id in its topic. */
  public static Object identity(Event event) {
    return List.of(event.topic(), event.id());
  }

  /**
   * The entries, where they are the same events as those that are published with the same key. Of
   * events that are taken once some may have been there before: they got no entries then, and
   * nothing is returned, for their ids tell.
   *
   * @param entries at least one
   * @throws InvalidEvent where they are others
   */
  public static Optional<List<Entry>> checked(List<Entry> entries, Publication publication) {
    List<Event> events = entries.stream().map(Entry::event).toList();
    if (publication.once() && Set.copyOf(publication.events()).containsAll(events)) {
      return Optional.empty();
    }
    if (!events.equals(publication.events())) {
      throw new InvalidEvent(Publication.KEY, "was given before, with other events");
    }
    return Optional.of(entries);
  }

  /** The time after which something must have been published to be recognised. */
  private long horizon(long now) {
    return within.isZero() ? Long.MAX_VALUE : now - within.toMillis();
  }

  /** Begins a group that is written together. */
  public Pending pending() {
    return new Pending();
  }

  /** What is known, the group's own among it, that is not written yet. */
  public final class Pending {
    private final Map<String, List<Entry>> byKey = new HashMap<>();
    private final Map<Object, Entry> byId = new HashMap<>();

    /**
     * The entries that a publication with the same key got.
     *
     * @throws InvalidEvent where its events were others
     */
    public Optional<List<Entry>> known(Publication publication, long now) throws X {
      String key = publication.key();
      if (key.isEmpty() || within.isZero()) {
        return Optional.empty();
      }
      List<Entry> entries = byKey.get(key);
      if (entries == null) {
        entries = log.withKey(key, horizon(now));
      }
      return entries.isEmpty() ? Optional.empty() : checked(entries, publication);
    }

    /** Where the publication is to be stored once: the entries of its events that the log has. */
    public Map<Event, Entry> knownEvents(Publication publication, long now) throws X {
      Map<Event, Entry> known = new HashMap<>();
      if (within.isZero() || !publication.once()) {
        return known;
      }
      long since = horizon(now);
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
    public void add(Publication publication, List<Entry> entries) {
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
