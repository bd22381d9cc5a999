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
 * Finds duplicates of recent publications of the same scope, by publication key or by publisher's
 * id. It holds no state: it queries the log's own indexes, so duplicates are recognised across
 * restarts. Not thread-safe.
 *
 * @param <X> what a lookup throws if the log can't be read
 */
public final class DedupIndex<X extends Exception> {
  private final PublishedEntries<X> log;
  private final Duration window;

  /**
   * @param window how long duplicates are recognised; zero for never
   */
  public DedupIndex(PublishedEntries<X> log, Duration window) {
    this.log = log;
    this.window = window;
  }

  /**
   * Checks that the events of a publication are those that were published before with the same key.
   *
   * @param entries the entries of the earlier publication, at least one
   * @return the entries; empty if the publication is stored once and some of its events got no
   *     entries then, because they were duplicates already: they have to be looked up by their ids
   * @throws InvalidEvent if the events differ
   */
  public static Optional<List<Entry>> checked(List<Entry> entries, Publication publication) {
    List<Event> events = entries.stream().map(Entry::event).toList();
    if (publication.once() && Set.copyOf(publication.events()).containsAll(events)) {
      return Optional.empty();
    }
    if (!events.equals(publication.events())) {
      throw new InvalidEvent(Publication.KEY, "was used before with other events");
    }
    return Optional.of(entries);
  }

  /** The time, in milliseconds since 1970, before which publications are not recognised. */
  private long horizon(long now) {
    return window.isZero() ? Long.MAX_VALUE : now - window.toMillis();
  }

  /** Begins a group of publications that are appended together. */
  public Pending pending() {
    return new Pending();
  }

  /** Lookups that include the publications of a group that is not appended yet. */
  public final class Pending {
    private final Map<String, List<Entry>> byKey = new HashMap<>();
    private final Map<Object, Entry> byId = new HashMap<>();

    /**
     * The entries of an earlier publication with the same key.
     *
     * @param now in milliseconds since 1970
     * @throws InvalidEvent if its events differ
     */
    public Optional<List<Entry>> known(Publication publication, long now) throws X {
      String key = publication.key();
      if (key.isEmpty() || window.isZero()) {
        return Optional.empty();
      }
      List<Entry> entries = byKey.get(DedupNames.of(publication.scope(), key));
      if (entries == null) {
        entries = log.withKey(publication.scope(), key, horizon(now));
      }
      return entries.isEmpty() ? Optional.empty() : checked(entries, publication);
    }

    /**
     * The entries of the events that were published before, if the publication is to be stored
     * once; otherwise empty.
     *
     * @param now in milliseconds since 1970
     */
    public Map<Event, Entry> knownEvents(Publication publication, long now) throws X {
      Map<Event, Entry> known = new HashMap<>();
      if (window.isZero() || !publication.once()) {
        return known;
      }
      long since = horizon(now);
      for (Event event : publication.events()) {
        Entry entry = byId.get(DedupNames.identity(publication.scope(), event));
        if (entry == null) {
          entry = log.newestWithId(publication.scope(), event, since).orElse(null);
        }
        if (entry != null) {
          known.put(event, entry);
        }
      }
      return known;
    }

    /** Adds a publication of the group, with its entries. */
    public void add(Publication publication, List<Entry> entries) {
      if (!publication.key().isEmpty()) {
        byKey.put(DedupNames.of(publication.scope(), publication.key()), entries);
      }
      for (Entry entry : entries) {
        if (!entry.event().id().isEmpty()) {
          byId.put(DedupNames.identity(publication.scope(), entry.event()), entry);
        }
      }
    }
  }
}
