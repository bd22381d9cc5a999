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
 * What is appended at once: publications one after the other, with the offsets, times and
 * deduplication that a single node decides. Belongs to the thread that appends, which begins it
 * again for each append.
 */
final class CommitGroup {
  /** About how many bytes of publications, as they count in memory, are appended at once. */
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

  /** Begins again, with nothing, after what the log has. */
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

  /** The last offset that was given. */
  long last() {
    return next - 1;
  }

  /**
   * Gives the events their offsets, but for those that the log has already.
   *
   * @return the entries of all of them
   * @throws InvalidEvent where the publication's key was given before, with other events
   * @throws IOException where it can't be read what was published before; then nothing was added
   */
  List<Entry> add(Publication publication) throws IOException {
    Optional<List<Entry>> known = pending.known(publication, time);
    List<Entry> answer;
    if (known.isPresent()) {
      answer = known.get();
    } else {
      answer = publication.once() ? addOnce(publication) : place(publication);
    }
    pending.add(publication, answer);
    return answer;
  }

  private List<Entry> addOnce(Publication publication) throws IOException {
    Map<Event, Entry> known = pending.knownEvents(publication, time);
    Map<Object, Event> fresh = new LinkedHashMap<>();
    for (Event event : publication.events()) {
      if (!known.containsKey(event)) {
        fresh.putIfAbsent(DedupIndex.identity(event), event);
      }
    }
    Map<Object, Entry> placed = new HashMap<>();
    place(new Publication(List.copyOf(fresh.values()), publication.key(), true))
        .forEach(entry -> placed.put(DedupIndex.identity(entry.event()), entry));
    return publication.events().stream()
        .map(
            event ->
                known.containsKey(event)
                    ? known.get(event)
                    : placed.get(DedupIndex.identity(event)))
        .toList();
  }

  private List<Entry> place(Publication publication) {
    List<Event> events = publication.events();
    var entries = new ArrayList<Entry>(events.size());
    for (int i = 0; i < events.size(); i++) {
      Entry entry = Entry.of(new Position(log.epoch(), next), previous, time, events.get(i));
      String key = i == 0 ? publication.key() : "";
      records.add(LogRecord.of(entry, events.size() - 1 - i, key));
      entries.add(entry);
      previous = next++;
    }
    return entries;
  }
}
