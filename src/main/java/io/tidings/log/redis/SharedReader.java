package io.tidings.log.redis;

import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.log.Bounds;
import io.tidings.log.Entry;
import io.tidings.log.Gap;
import io.tidings.log.Page;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongPredicate;
import java.util.function.Predicate;

/** Reads what a shared log has in its store and not in memory. Any thread. */
final class SharedReader {
  private static final int RECORDS_A_READ = 256;

  /** For a page that shall have one entry: the first of the next records most of the time. */
  private static final int RECORDS_FOR_ONE = 8;

  /** The most records that one page looks at. */
  static final int RECORDS_A_PAGE = 20_000;

  private final RecordStore store;
  private final LongPredicate passedOver;

  /**
   * @param passedOver whether the event at an offset is no entry
   */
  SharedReader(RecordStore store, LongPredicate passedOver) {
    this.store = store;
    this.passedOver = passedOver;
  }

  /**
   * Reads a page.
   *
   * @param until the offset up to which to read
   * @param gap what was missing before it already
   */
  Future<Page> page(
      Position from, Filter what, int maxBytes, Bounds bounds, long until, Optional<Gap> gap) {
    var page = new Reading(bounds, entry -> what.matches(entry.event().topics()), maxBytes);
    page.gap = gap;
    return read(page, from.offset(), until)
        .map(
            read -> {
              String next = page.found.isEmpty() ? null : page.found.get(0).id();
              return new Page(
                  page.found,
                  bounds.head().at(page.last),
                  page.gap.map(told -> told.next() == null ? told.resumingAt(next) : told));
            });
  }

  /** The entry at the offset; nothing where it is not there, or is none. */
  Future<Optional<Entry>> at(long offset, Bounds bounds) {
    var one = new Reading(bounds, entry -> entry.offset() == offset, 1);
    return store
        .read(offset, 1)
        .map(
            slice -> {
              slice.records().stream()
                  .filter(stored -> stored.offset() <= offset)
                  .forEach(stored -> one.take(stored, offset - 1, offset));
              return one.found.stream().findFirst();
            });
  }

  /**
   * Finds by bisection where entries are of the given time or younger, as exactly as the clocks of
   * those who wrote them agree.
   *
   * @param until the offset up to which to look
   * @return the offset before which all is older: one after {@link Bounds#start} where nothing is,
   *     one after {@code until} where all is
   */
  Future<Long> firstSince(long time, Bounds bounds, long until) {
    return firstSince(time, bounds.start() + 1, until + 1);
  }

  /** All before {@code low} is older, all from {@code high} on younger. */
  private Future<Long> firstSince(long time, long low, long high) {
    if (low >= high) {
      return Future.succeededFuture(high);
    }
    long middle = low + (high - low) / 2;
    return store
        .read(middle, 1)
        .compose(
            slice -> {
              Optional<RecordStore.Stored> first = slice.records().stream().findFirst();
              if (first.filter(stored -> stored.offset() < high).isEmpty()) {
                return firstSince(time, low, middle);
              }
              RecordStore.Stored stored = first.get();
              Optional<SharedRecord> record = decoded(stored);
              if (record.isPresent() && record.get().time() >= time) {
                return firstSince(time, low, Math.max(low, Math.min(middle, stored.offset())));
              }
              int events = record.map(known -> known.events().size()).orElse(1);
              long end = stored.offset() + Math.max(1, events);
              return firstSince(time, Math.max(middle + 1, end), high);
            });
  }

  /**
   * The offset of the last of the entries that is in the store too; they are there up to one of
   * them, and none after it.
   *
   * @return nothing where there is none
   */
  Future<OptionalLong> lastOf(List<Entry> entries) {
    return lastOf(entries, 0, entries.size());
  }

  private Future<OptionalLong> lastOf(List<Entry> entries, int low, int high) {
    if (low == high) {
      return Future.succeededFuture(
          low == 0 ? OptionalLong.empty() : OptionalLong.of(entries.get(low - 1).offset()));
    }
    int middle = (low + high) >>> 1;
    Position place = entries.get(middle).position();
    return markAt(place.offset())
        .compose(
            mark ->
                mark.isPresent() && mark.get() == place.mark()
                    ? lastOf(entries, middle + 1, high)
                    : lastOf(entries, low, middle));
  }

  /** The mark of the record that has the offset; nothing where there is none. */
  Future<Optional<Long>> markAt(long offset) {
    return store
        .read(offset, 1)
        .map(
            slice ->
                slice.records().stream()
                    .filter(stored -> stored.offset() <= offset)
                    .findFirst()
                    .flatMap(SharedReader::decoded)
                    .map(SharedRecord::mark));
  }

  /** The record; nothing where it is none of this version's: {@link SharedLoader} logs that. */
  private static Optional<SharedRecord> decoded(RecordStore.Stored stored) {
    try {
      return Optional.of(SharedRecord.decode(stored.bytes()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private Future<Void> read(Reading reading, long after, long until) {
    reading.last = Math.max(reading.last, after);
    if (reading.last >= until || reading.full()) {
      return Future.succeededFuture();
    }
    return store
        .read(after + 1, reading.room == 1 ? RECORDS_FOR_ONE : RECORDS_A_READ)
        .compose(
            slice -> {
              List<RecordStore.Stored> records = slice.records();
              boolean none = records.isEmpty() || records.get(0).offset() > until;
              if (none || !slice.whole() && after >= reading.bounds.start()) {
                reading.forgotten(after); // for something was there, up to that offset at least
              }
              for (RecordStore.Stored stored : records) {
                if (stored.offset() > until || reading.full()) {
                  break;
                }
                reading.take(stored, after, until);
              }
              if (none || !slice.more() && !reading.full()) {
                reading.last = until;
              }
              return reading.last > after
                  ? read(reading, reading.last, until)
                  : Future.succeededFuture();
            });
  }

  /** What is looked for, and what was found. */
  private final class Reading {
    private final Bounds bounds;
    private final Predicate<Entry> wanted;
    private final List<Entry> found = new ArrayList<>();
    private Optional<Gap> gap = Optional.empty();
    private int room;
    private int records;
    private long last;

    Reading(Bounds bounds, Predicate<Entry> wanted, int room) {
      this.bounds = bounds;
      this.wanted = wanted;
      this.room = room;
    }

    /** Whether that is enough for a page: who finds nothing in many records comes back for more. */
    boolean full() {
      return room <= 0 || records >= RECORDS_A_PAGE;
    }

    void forgotten(long after) {
      if (gap.isEmpty()) {
        gap = Optional.of(new Gap(Gap.Reason.FORGOTTEN, bounds.head().at(after).toString(), null));
      }
    }

    void take(RecordStore.Stored stored, long after, long until) {
      records++;
      Optional<SharedRecord> decoded = decoded(stored);
      if (decoded.isEmpty()) {
        last = Math.max(last, stored.offset());
        return;
      }
      SharedRecord record = decoded.get();
      for (int i = 0; i < record.events().size() && room > 0; i++) {
        long offset = stored.offset() + i;
        if (offset > after && offset <= until && !passedOver.test(offset)) {
          take(entry(record.events().get(i), offset, record));
        }
      }
      if (room > 0) {
        long end = stored.offset() + Math.max(1, record.events().size()) - 1;
        last = Math.min(until, Math.max(last, end));
      }
    }

    private Entry entry(Event event, long offset, SharedRecord record) {
      return Entry.of(
          new Position(bounds.epoch(), offset, record.mark()), last, record.time(), event);
    }

    private void take(Entry entry) {
      if (wanted.test(entry)) {
        room -= entry.frame().size();
        found.add(entry);
      }
      last = entry.offset();
    }
  }
}
