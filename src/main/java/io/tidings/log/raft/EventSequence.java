package io.tidings.log.raft;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.log.Attributes;
import io.tidings.log.Entry;
import io.tidings.log.LogRecord;
import io.tidings.log.raft.DedupTable.Known;
import io.tidings.log.raft.DedupTable.Name;
import io.tidings.log.raft.ReplicatedState.Result;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * The part of the state that publications change: it gives new events their offsets, which are
 * dense and begin at 1, and recognises those that were stored before. Confined to the thread that
 * applies.
 */
final class EventSequence {
  private final DedupTable dedup;
  private long epoch;
  private long next;

  /**
   * @param dedup what repetitions are recognised by
   * @param epoch of the positions; 0 until the log begins
   * @param next the offset of the next record
   */
  EventSequence(DedupTable dedup, long epoch, long next) {
    this.dedup = dedup;
    this.epoch = epoch;
    this.next = next;
  }

  /** What repetitions are recognised by. */
  DedupTable dedup() {
    return dedup;
  }

  long epoch() {
    return epoch;
  }

  /** The offset of the next record. */
  long next() {
    return next;
  }

  /** Positions are of this epoch from now on, and have no lower offset than this. */
  void begin(long newEpoch, long first) {
    epoch = newEpoch;
    next = Math.max(next, first);
  }

  /**
   * Stores a publication, unless it is known, or refused.
   *
   * @param time of its entries, in milliseconds since 1970
   * @param attributes of its records
   * @param records receives the new ones
   */
  Result apply(Publication publication, long time, Attributes attributes, List<LogRecord> records) {
    boolean keyed = dedup.enabled() && !publication.key().isEmpty();
    boolean once = dedup.enabled() && publication.once();
    if (keyed) {
      Optional<Known> known = dedup.find(Name.of(publication));
      if (known.isPresent() && known.get().has(publication.events())) {
        return stored(publication.events(), known.get());
      } else if (known.isPresent() && !(once && hasAllFreshEvents(publication, known.get()))) {
        return new Result.KeyReused();
      }
    }
    if ((keyed || once) && !dedup.hasRoom(publication)) {
      return new Result.NoRoom();
    }
    Result.Stored stored = append(publication, once, time, attributes, records);
    if (keyed) {
      dedup.add(publication, time, stored.entries().stream().mapToLong(Entry::offset).toArray());
    }
    return stored;
  }

  /**
   * Whether the publication has the events that got entries with this key, and no others that did.
   * A single node's log, with which this one may begin, does not tell which events of a publication
   * were known by their ids already.
   */
  private boolean hasAllFreshEvents(Publication publication, Known known) {
    var seen = new HashSet<Name>();
    return known.has(
        publication.events().stream()
            .filter(event -> seen.add(Name.of(publication.scope(), event)))
            .filter(
                event ->
                    dedup
                        .find(Name.of(publication.scope(), event))
                        .map(one -> known.has(one.offsets()[0]))
                        .orElse(false))
            .toList());
  }

  private Result.Stored stored(List<Event> events, Known known) {
    var entries = new ArrayList<Entry>(events.size());
    for (int i = 0; i < events.size(); i++) {
      entries.add(entry(known.offsets()[i], known.time(), events.get(i)));
    }
    return new Result.Stored(entries);
  }

  private Result.Stored append(
      Publication publication,
      boolean once,
      long time,
      Attributes attributes,
      List<LogRecord> records) {
    var entries = new ArrayList<Entry>(publication.events().size());
    var fresh = new ArrayList<Entry>();
    for (Event event : publication.events()) {
      Optional<Known> known =
          once ? dedup.find(Name.of(publication.scope(), event)) : Optional.empty();
      if (known.isPresent()) {
        entries.add(entry(known.get().offsets()[0], known.get().time(), event));
        continue;
      }
      Entry entry = entry(next++, time, event);
      entries.add(entry);
      fresh.add(entry);
      if (once) {
        dedup.add(Name.of(publication.scope(), event), time, entry.offset());
      }
    }
    for (int i = 0; i < fresh.size(); i++) {
      String key = i == 0 ? publication.key() : "";
      Entry entry = fresh.get(i);
      Attributes own = LogRecord.attributes(attributes, publication.scope(), key, entry);
      records.add(new LogRecord(entry, fresh.size() - 1 - i, key, 0, own));
    }
    return new Result.Stored(entries);
  }

  private Entry entry(long offset, long time, Event event) {
    return Entry.of(new Position(epoch, offset), offset - 1, time, event);
  }
}
