package io.tidings.log.redis;

import io.tidings.event.Position;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.tidings.log.Bounds;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.Gap;
import io.tidings.log.Page;
import io.tidings.log.ResumeLookups;
import io.tidings.log.ResumePoint;
import io.tidings.log.ResumeResolver;
import io.tidings.log.Retention;
import io.tidings.log.StreamStart;
import io.tidings.log.TopicHeads;
import io.tidings.log.Window;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * Resolves where streams of a shared log start, and reads pages: from memory where it has the
 * entries, otherwise from the store. Any thread.
 */
final class SharedReads implements ResumeLookups {
  private final Object lock;
  private final Supplier<SharedHistory> history;
  private final EpochHistory epochs;
  private final RecordStore store;
  private final SharedReader reader;
  private final Retention retention;
  private final InstantSource clock;
  private final ResumeResolver resolver = new ResumeResolver(this);

  /**
   * @param lock guards the history and the epochs
   * @param history the current one
   * @param retention bounds the entries in memory, and the age of entries that are read
   */
  SharedReads(
      Object lock,
      Supplier<SharedHistory> history,
      EpochHistory epochs,
      RecordStore store,
      SharedReader reader,
      Retention retention,
      InstantSource clock) {
    this.lock = lock;
    this.history = history;
    this.epochs = epochs;
    this.store = store;
    this.reader = reader;
    this.retention = retention;
    this.clock = clock;
  }

  @Override
  public Bounds bounds() {
    synchronized (lock) {
      return boundsAt(clock.millis());
    }
  }

  /** As {@link EventLog#find}. */
  Future<StreamStart> find(ResumeRequest resume, Selection selection, Selection readable) {
    return resolver.find(resume, selection, readable, clock.millis());
  }

  /** Uses the index of topics alone, and scans it without the lock, since it may be large. */
  @Override
  public Future<ResumePoint> beforeNewest(Selection selection) {
    TopicHeads heads;
    synchronized (lock) {
      heads = history.get().heads();
    }
    OptionalLong newest = heads.newest(selection);
    Bounds bounds = bounds();
    Position head = bounds.head();
    if (newest.isPresent() && newest.getAsLong() > bounds.start()) {
      return Future.succeededFuture(ResumePoint.at(head.at(newest.getAsLong() - 1)));
    } else if (heads.complete() || newest.isPresent()) {
      return Future.succeededFuture(ResumePoint.at(head));
    }
    // the index does not hold all topics: an older entry may be the newest of one it dropped
    return Future.succeededFuture(ResumePoint.gap(head, Gap.Reason.UNKNOWN));
  }

  @Override
  public Future<ResumePoint> since(long time) {
    synchronized (lock) {
      Bounds bounds = bounds();
      Position head = bounds.head();
      Window window = history.get().window();
      if (!window.hasEvictedSince(time)) {
        return Future.succeededFuture(ResumePoint.at(head.at(window.offsetBefore(time))));
      } else if (inWindow(bounds.start())) {
        return Future.succeededFuture(ResumePoint.oldest(Gap.Reason.REMOVED));
      }
      boolean complete = history.get().complete(store.oldest());
      return reader
          .firstSince(time, bounds, windowStart())
          .map(
              found ->
                  found > bounds.start() + 1
                      ? ResumePoint.at(head.at(found - 1))
                      : complete
                          ? ResumePoint.at(bounds.begin())
                          : ResumePoint.gap(bounds.begin(), Gap.Reason.REMOVED));
    }
  }

  @Override
  public Future<OptionalLong> offsetOf(String id, Selection selection, Selection readable) {
    synchronized (lock) {
      Bounds bounds = bounds();
      OptionalLong inMemory = history.get().window().offsetOf(id, selection, readable);
      // the id may have been used before: resuming after the newer one would lose entries
      long windowStart = windowStart();
      long[] older =
          Arrays.stream(history.get().ids().offsets(id))
              .filter(offset -> offset > bounds.start() && offset <= windowStart)
              .toArray();
      boolean secrets = !readable.equals(Selection.EVERYTHING);
      if (secrets && older.length == 0 && inMemory.isEmpty()) {
        // an id that only unreadable entries have is read from the store before it is unknown; one
        // that no entry has takes as long
        older = new long[] {bounds.newest()};
      }
      return entriesAt(older, bounds)
          .map(found -> found.stream().filter(entry -> entry.event().id().equals(id)).toList())
          .map(found -> first(found, selection, readable, inMemory));
    }
  }

  /** Reads entries from the store, all at once. */
  private Future<List<Entry>> entriesAt(long[] offsets, Bounds bounds) {
    List<Future<Optional<Entry>>> reads =
        Arrays.stream(offsets).mapToObj(offset -> reader.at(offset, bounds)).toList();
    return Future.all(reads)
        .map(all -> all.<Optional<Entry>>list().stream().flatMap(Optional::stream).toList());
  }

  /**
   * The offset of the first entry that the selection matches; otherwise of the newer one in memory,
   * or of the first that is readable.
   */
  private static OptionalLong first(
      List<Entry> found, Selection selection, Selection readable, OptionalLong inMemory) {
    List<Entry> mayBeFound =
        found.stream().filter(entry -> readable.matches(entry.event())).toList();
    for (Entry entry : mayBeFound) {
      if (selection.matches(entry.event())) {
        return OptionalLong.of(entry.offset());
      }
    }
    return inMemory.isPresent() || mayBeFound.isEmpty()
        ? inMemory
        : OptionalLong.of(mayBeFound.get(0).offset());
  }

  /** Always true: only the store knows the marks of the hubs that share it. */
  @Override
  public boolean owns(Position id) {
    return true;
  }

  @Override
  public Future<ResumePoint> check(Position asked) {
    if (asked.offset() > bounds().newest()) {
      return store.caughtUp().compose(caughtUp -> checkNow(asked));
    }
    return checkNow(asked);
  }

  private Future<ResumePoint> checkNow(Position asked) {
    synchronized (lock) {
      Bounds bounds = bounds();
      long offset = asked.offset();
      var position = new Position(bounds.epoch(), offset, asked.mark());
      if (offset > history.get().cursor().offset()) {
        return Future.succeededFuture(ResumePoint.oldest(Gap.Reason.UNKNOWN));
      } else if (offset < bounds.start()) {
        return Future.succeededFuture(ResumePoint.oldest(Gap.Reason.REMOVED));
      }
      Optional<Entry> entry = history.get().window().at(position);
      if (asked.mark() == Position.UNMARKED || position.equals(bounds.head())) {
        return Future.succeededFuture(ResumePoint.at(position));
      } else if (entry.isPresent()) {
        return Future.succeededFuture(marked(position, entry.get().position().equals(position)));
      }
      return reader
          .markAt(offset)
          .map(
              mark ->
                  mark.isEmpty()
                      ? ResumePoint.gap(position, Gap.Reason.LOST)
                      : marked(position, mark.get() == asked.mark()));
    }
  }

  /** With another mark, the entry at the offset is not the one that the client received. */
  private static ResumePoint marked(Position position, boolean same) {
    return same ? ResumePoint.at(position) : ResumePoint.oldest(Gap.Reason.EPOCH);
  }

  @Override
  public Future<String> idAfter(Position position, Selection readable) {
    return after(position, Selection.EVERYTHING, 1).map(page -> page.firstId(readable));
  }

  /** As {@link EventLog#after}. */
  Future<Page> after(Position position, Selection selection, int maxBytes) {
    Bounds bounds;
    long windowStart;
    StreamStart start;
    synchronized (lock) {
      bounds = boundsAt(clock.millis());
      start = resumePoint(position, bounds).start(position.toString(), bounds);
      long from = start.after().offset();
      if (inWindow(from)) {
        Page page = history.get().window().after(from, selection, maxBytes);
        return Future.succeededFuture(
            new Page(page.entries(), page.end(), start.resumingAt(page.firstId()).gap()));
      }
      windowStart = windowStart();
      if (noneAfter(selection, from)) {
        return Future.succeededFuture(new Page(List.of(), bounds.head(), start.gap()));
      }
    }
    return reader.page(start.after(), selection, maxBytes, bounds, windowStart, start.gap());
  }

  /** Where to resume after a position of this log, with the reason if entries are missing. */
  private ResumePoint resumePoint(Position position, Bounds bounds) {
    Position from = position;
    Optional<Gap.Reason> missing = Optional.empty();
    if (position.epoch() != bounds.epoch()) {
      long common = epochs.common(position.epoch(), position.offset(), bounds.epoch());
      from = bounds.head().at(Math.max(common, 0));
      if (common < position.offset()) {
        missing = Optional.of(Gap.Reason.EPOCH);
      }
    }
    if (from.offset() < bounds.start()) {
      return ResumePoint.oldest(missing.orElse(Gap.Reason.REMOVED));
    }
    return new ResumePoint(Optional.of(from), missing);
  }

  /** Whether the index of topics rules out that exact topics have entries after the offset. */
  private boolean noneAfter(Selection selection, long offset) {
    TopicHeads heads = history.get().heads();
    return selection.exact() && heads.complete() && heads.newest(selection).orElse(0) <= offset;
  }

  /** Whether all entries after the offset are in memory. */
  private boolean inWindow(long offset) {
    return offset >= windowStart();
  }

  private long windowStart() {
    return history.get().window().bounds().start();
  }

  private Bounds boundsAt(long now) {
    Window window = history.get().window();
    window.evictExpired(now);
    history.get().evictBefore(store.oldest());
    Bounds inMemory = window.bounds();
    if (!window.hasEvicted() || !window.hasEvictedSince(retention.horizon(now))) {
      return inMemory; // all entries, or all that are not too old
    }
    long start = Math.max(store.oldest() - 1, history.get().begin());
    return new Bounds(Math.min(start, inMemory.start()), inMemory.head());
  }
}
