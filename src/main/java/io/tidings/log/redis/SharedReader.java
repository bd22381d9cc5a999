package io.tidings.log.redis;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Selection;
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

/** Reads entries of a shared log that are in its store and no longer in memory. Any thread. */
final class SharedReader {
  private static final int RECORDS_PER_READ = 256;

  /** For a page of one entry, which is among the next few records in most cases. */
  private static final int RECORDS_FOR_ONE = 8;

  /** The most records that are read for one page. */
  static final int MAX_RECORDS_PER_PAGE = 20_000;

  private final RecordStore store;
  private final LongPredicate skipped;

  /**
   * @param skipped whether the event at an offset is not an entry
   */
  SharedReader(RecordStore store, LongPredicate skipped) {
    this.store = store;
    this.skipped = skipped;
  }

  /**
   * Reads a page.
   *
   * @param until the offset up to which to read
   * @param gap a gap before the page that is known already
   */
  Future<Page> page(
      Position from,
      Selection selection,
      int maxBytes,
      Bounds bounds,
      long until,
      Optional<Gap> gap) {
    var page = new Reading(bounds, entry -> selection.matches(entry.event()), maxBytes);
    page.gap = gap;
    return read(page, from.offset(), until)
        .map(
            read -> {
              String next = page.found.isEmpty() ? null : page.found.get(0).id();
              return new Page(
                  page.found,
                  bounds.head().at(page.last),
                  page.gap.map(known -> known.next() == null ? known.resumingAt(next) : known));
            });
  }

  /** The entry at the offset; empty if it was removed, or if the event is not an entry. */
  Future<Optional<Entry>> at(long offset, Bounds bounds) {
    var one = new Reading(bounds, entry -> entry.offset() == offset, 1);
    return store
        .read(offset, 1)
        .map(
            slice -> {
              slice.records().stream()
                  .filter(stored -> stored.offset() == offset)
                  .forEach(stored -> one.add(stored, offset - 1, offset));
              return one.found.stream().findFirst();
            });
  }

  /**
   * Finds the first entry of the given time or younger by bisection. The result is as exact as the
   * clocks of the writing hubs agree.
   *
   * @param until the offset up to which to search
   * @return the offset before which all entries are older: one after {@link Bounds#start} if none
   *     is, one after {@code until} if all are
   */
  Future<Long> firstSince(long time, Bounds bounds, long until) {
    return firstSince(time, bounds.start() + 1, until + 1);
  }

  /** Entries before {@code low} are older, entries from {@code high} on are younger. */
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
              Optional<SharedRecord> record = decode(stored);
              if (record.isPresent() && record.get().time() >= time) {
                return firstSince(time, low, Math.max(low, Math.min(middle, stored.offset())));
              }
              return firstSince(time, stored.offset() + 1, high);
            });
  }

  /**
   * The offset of the last of the entries that the store still has. The store has all of them up to
   * that one, and none after it.
   *
   * @return empty if it has none
   */
  Future<OptionalLong> lastStored(List<Entry> entries) {
    return lastStored(entries, 0, entries.size());
  }

  private Future<OptionalLong> lastStored(List<Entry> entries, int low, int high) {
    if (low == high) {
      return Future.succeededFuture(
          low == 0 ? OptionalLong.empty() : OptionalLong.of(entries.get(low - 1).offset()));
    }
    int middle = (low + high) >>> 1;
    Position position = entries.get(middle).position();
    return markAt(position.offset())
        .compose(
            mark ->
                mark.isPresent() && mark.get() == position.mark()
                    ? lastStored(entries, middle + 1, high)
                    : lastStored(entries, low, middle));
  }

  /** The mark of the record at the offset; empty if there is none. */
  Future<Optional<Long>> markAt(long offset) {
    return store
        .read(offset, 1)
        .map(
            slice ->
                slice.records().stream()
                    .filter(stored -> stored.offset() == offset)
                    .findFirst()
                    .flatMap(SharedReader::decode)
                    .map(SharedRecord::mark));
  }

  /** Empty if it is not of this version's format, which {@link SharedLoader} has logged. */
  private static Optional<SharedRecord> decode(RecordStore.Stored stored) {
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
        .read(after + 1, reading.room == 1 ? RECORDS_FOR_ONE : RECORDS_PER_READ)
        .compose(
            slice -> {
              List<RecordStore.Stored> records = slice.records();
              boolean noneLeft = records.isEmpty() || records.get(0).offset() > until;
              if (noneLeft || !slice.whole() && after >= reading.bounds.start()) {
                reading.removed(after); // records up to that offset existed when it was given
              }
              for (RecordStore.Stored stored : records) {
                if (stored.offset() > until || reading.full()) {
                  break;
                }
                reading.add(stored, after, until);
              }
              if (noneLeft || !slice.more() && !reading.full()) {
                reading.last = until;
              }
              return reading.last > after
                  ? read(reading, reading.last, until)
                  : Future.succeededFuture();
            });
  }

  /** The state of one read: the wanted entries, and those found so far. */
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

    /** Whether the page is full, or has read as many records as it may, found or not. */
    boolean full() {
      return room <= 0 || records >= MAX_RECORDS_PER_PAGE;
    }

    void removed(long after) {
      if (gap.isEmpty()) {
        gap = Optional.of(new Gap(Gap.Reason.REMOVED, bounds.head().at(after).toString(), null));
      }
    }

    void add(RecordStore.Stored stored, long after, long until) {
      records++;
      Optional<SharedRecord> decoded = decode(stored);
      if (decoded.isEmpty()) {
        last = Math.max(last, stored.offset());
        return;
      }
      SharedRecord record = decoded.get();
      long offset = stored.offset();
      boolean asked = offset > after && offset <= until && !skipped.test(offset);
      if (asked && record.event().isPresent()) {
        add(entry(record.event().get(), stored, record));
      }
      if (room > 0) {
        last = Math.min(until, Math.max(last, offset));
      }
    }

    private Entry entry(Event event, RecordStore.Stored stored, SharedRecord record) {
      var position = new Position(bounds.epoch(), stored.offset(), record.mark());
      // from which the entry can be read again, also if the one before it was removed
      long previous = Math.max(stored.previous(), bounds.start());
      return Entry.of(position, previous, record.time(), event);
    }

    private void add(Entry entry) {
      if (wanted.test(entry)) {
        room -= entry.frame().size();
        found.add(entry);
      }
      last = entry.offset();
    }
  }
}
