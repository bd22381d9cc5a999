package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Selection;
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
      Position from, Selection what, int maxBytes, Bounds bounds, long until, Optional<Gap> gap) {
    var page = new Reading(bounds, entry -> what.matches(entry.event().topics()), maxBytes);
    page.gap = gap;
    return read(page, from.offset(), until)
        .map(
            read -> {
              String next = page.found.isEmpty() ? null : page.found.get(0).id();
              return new Page(
                  page.found,
                  bounds.head().at(page.last),
                  page.gap.map(told -> told.next() == null ? told.goingOnWith(next) : told));
            });
  }

  /** The newest entry of the selection. */
  Future<Optional<Entry>> newestOf(Selection what, Bounds bounds, long until) {
    var all = new Reading(bounds, entry -> what.matches(entry.event().topics()), Integer.MAX_VALUE);
    all.keepsLast = true;
    return read(all, bounds.start(), until).map(read -> all.first());
  }

  /** The oldest entry of the given time or younger. */
  Future<Optional<Entry>> firstSince(long time, Bounds bounds, long until) {
    var first = new Reading(bounds, entry -> entry.time() >= time, 1);
    return read(first, bounds.start(), until).map(read -> first.first());
  }

  /**
   * The oldest entry with a publisher's id, of the selection where there is one.
   *
   * @param only whether one of the selection is wanted, or none
   */
  Future<Optional<Entry>> withId(
      String id, Selection what, boolean only, Bounds bounds, long until) {
    var inSelection =
        new Reading(
            bounds,
            entry -> entry.event().id().equals(id) && what.matches(entry.event().topics()),
            1);
    return read(inSelection, bounds.start(), until)
        .compose(
            read -> {
              if (only || !inSelection.found.isEmpty()) {
                return Future.succeededFuture(inSelection.first());
              }
              var any = new Reading(bounds, entry -> entry.event().id().equals(id), 1);
              return read(any, bounds.start(), until).map(again -> any.first());
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
                    .map(stored -> SharedRecord.decode(stored.bytes()).mark()));
  }

  private Future<Void> read(Reading reading, long after, long until) {
    reading.last = Math.max(reading.last, after);
    if (reading.last >= until || reading.room <= 0) {
      return Future.succeededFuture();
    }
    return store
        .read(after + 1, RECORDS_A_READ)
        .compose(
            slice -> {
              List<RecordStore.Stored> records = slice.records();
              if (records.isEmpty()) {
                reading.last = until;
                return Future.succeededFuture();
              }
              if (!slice.whole() && after >= reading.bounds.start()) {
                reading.forgotten(after);
              }
              for (RecordStore.Stored stored : records) {
                if (stored.offset() > until || reading.room <= 0) {
                  break;
                }
                reading.take(stored, after, until);
              }
              long reached = reading.last;
              boolean on = slice.more() && reached > after;
              if (!slice.more() && reading.room > 0) {
                reading.last = until;
              }
              return on ? read(reading, reached, until) : Future.succeededFuture();
            });
  }

  /** What is looked for, and what was found. */
  private final class Reading {
    private final Bounds bounds;
    private final Predicate<Entry> wanted;
    private final List<Entry> found = new ArrayList<>();
    private Optional<Gap> gap = Optional.empty();
    private boolean keepsLast;
    private int room;
    private long last;

    Reading(Bounds bounds, Predicate<Entry> wanted, int room) {
      this.bounds = bounds;
      this.wanted = wanted;
      this.room = room;
    }

    Optional<Entry> first() {
      return found.stream().findFirst();
    }

    void forgotten(long after) {
      if (gap.isEmpty()) {
        gap = Optional.of(new Gap(Gap.Reason.FORGOTTEN, bounds.head().at(after).toString(), null));
      }
    }

    void take(RecordStore.Stored stored, long after, long until) {
      SharedRecord record = SharedRecord.decode(stored.bytes());
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
        if (keepsLast) {
          found.clear();
        } else {
          room -= entry.frame().size();
        }
        found.add(entry);
      }
      last = entry.offset();
    }
  }
}
