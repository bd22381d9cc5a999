package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The publications that are appended together. Assigns their offsets and times, and deduplicates
 * them, as a single node does. Belongs to the thread that appends, which reuses it for each append.
 */
final class CommitGroup {
  /** The approximate maximum size of a group, as the memory that its publications occupy. */
  static final long BYTES = 2 << 20;

  private final LocalLog log;
  private final DedupIndex<IOException> dedup;
  private List<LogRecord> records = List.of();
  private DedupIndex<IOException>.Pending pending;
  private long time;
  private long previous;
  private long next;

  CommitGroup(LocalLog log, DedupIndex<IOException> dedup) {
    this.log = log;
    this.dedup = dedup;
  }

  /**
   * Begins an empty group after the head of the log.
   *
   * @param now the time of its entries, in milliseconds since 1970
   */
  void begin(long now) {
    time = now;
    previous = log.last();
    next = log.next();
    pending = dedup.pending();
    records = new ArrayList<>();
  }

  /** The records of the group, in order. */
  List<LogRecord> records() {
    return records;
  }

  /** The last offset that was assigned. */
  long last() {
    return next - 1;
  }

  /**
   * Assigns offsets to the events that the log does not have yet.
   *
   * @return the entries of all events
   * @throws InvalidEvent if the publication's key was used before with other events
   * @throws IOException if the lookup of earlier publications failed; then nothing was added
   */
  List<Entry> add(Publication publication) throws IOException {
    Optional<List<Entry>> known = pending.known(publication, time);
    List<Entry> entries;
    if (known.isPresent()) {
      entries = known.get();
    } else {
      entries = publication.once() ? addOnce(publication) : assign(publication);
    }
    pending.add(publication, entries);
    return entries;
  }

  private List<Entry> addOnce(Publication publication) throws IOException {
    String scope = publication.scope();
    Map<Event, Entry> known = pending.knownEvents(publication, time);
    Map<Object, Event> fresh = new LinkedHashMap<>();
    for (Event event : publication.events()) {
      if (!known.containsKey(event)) {
        fresh.putIfAbsent(DedupNames.identity(scope, event), event);
      }
    }
    Map<Object, Entry> assigned = new HashMap<>();
    assign(new Publication(List.copyOf(fresh.values()), publication.key(), true, scope))
        .forEach(entry -> assigned.put(DedupNames.identity(scope, entry.event()), entry));
    return publication.events().stream()
        .map(
            event ->
                known.containsKey(event)
                    ? known.get(event)
                    : assigned.get(DedupNames.identity(scope, event)))
        .toList();
  }

  private List<Entry> assign(Publication publication) {
    List<Event> events = publication.events();
    var entries = new ArrayList<Entry>(events.size());
    for (int i = 0; i < events.size(); i++) {
      Entry entry = Entry.of(new Position(log.epoch(), next), previous, time, events.get(i));
      String key = i == 0 ? publication.key() : "";
      records.add(LogRecord.of(entry, events.size() - 1 - i, key, publication.scope()));
      entries.add(entry);
      previous = next++;
    }
    return entries;
  }
}
