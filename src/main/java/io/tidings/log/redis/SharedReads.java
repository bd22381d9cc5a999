package io.tidings.log.redis;

import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.event.ResumeRequest;
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
 * Where in a log that hubs share somebody begins to hear, and how he goes on from there: in memory
 * while that has it, and else in the store. Any thread.
 */
final class SharedReads implements ResumeLookups {
  private final Object lock;
  private final Supplier<SharedHistory> history;
  private final EpochHistory branches;
  private final RecordStore store;
  private final SharedReader reader;
  private final Retention keep;
  private final InstantSource clock;
  private final ResumeResolver resolver = new ResumeResolver(this);

  /**
   * @param lock guards the history and the branches
   * @param history the one that there is now
   * @param keep how much memory is to have, and how old what is heard may be
   */
  SharedReads(
      Object lock,
      Supplier<SharedHistory> history,
      EpochHistory branches,
      RecordStore store,
      SharedReader reader,
      Retention keep,
      InstantSource clock) {
    this.lock = lock;
    this.history = history;
    this.branches = branches;
    this.store = store;
    this.reader = reader;
    this.keep = keep;
    this.clock = clock;
  }

  @Override
  public Bounds bounds() {
    synchronized (lock) {
      return boundsAt(clock.millis());
    }
  }

  /** As {@link EventLog#find}. */
  Future<StreamStart> find(ResumeRequest resume, Filter what) {
    return resolver.find(resume, what, clock.millis());
  }

  /** By an index alone, which is looked at without the lock: it may be long. */
  @Override
  public Future<ResumePoint> beforeNewest(Filter what) {
    TopicHeads heads;
    synchronized (lock) {
      heads = history.get().heads();
    }
    OptionalLong newest = heads.newest(what);
    Bounds bounds = bounds();
    Position head = bounds.head();
    if (newest.isPresent() && newest.getAsLong() > bounds.start()) {
      return Future.succeededFuture(ResumePoint.at(head.at(newest.getAsLong() - 1)));
    } else if (heads.complete() || newest.isPresent()) {
      return Future.succeededFuture(ResumePoint.at(head));
    }
    // there are more topics than the index knows, and an old entry may be one's newest
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
        return Future.succeededFuture(ResumePoint.oldest(Gap.Reason.FORGOTTEN));
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
                          : ResumePoint.gap(bounds.begin(), Gap.Reason.FORGOTTEN));
    }
  }

  @Override
  public Future<OptionalLong> offsetOf(String id, Filter what) {
    synchronized (lock) {
      Bounds bounds = bounds();
      OptionalLong inMemory = history.get().window().offsetOf(id, what);
      // the id may have been used before, and who means that one would lose what came between
      long windowStart = windowStart();
      long[] older =
          Arrays.stream(history.get().ids().offsets(id))
              .filter(offset -> offset > bounds.start() && offset <= windowStart)
              .toArray();
      return older(id, what, older, 0, bounds, inMemory);
    }
  }

  /**
   * Looks at entries in the store, one by one, until one has the id and is of the filter.
   *
   * @param best the offset of an entry with the id, which is taken where there is none
   */
  private Future<OptionalLong> older(
      String id, Filter what, long[] offsets, int next, Bounds bounds, OptionalLong best) {
    if (next == offsets.length) {
      return Future.succeededFuture(best);
    }
    return reader
        .at(offsets[next], bounds)
        .compose(
            found -> {
              boolean same = found.filter(entry -> entry.event().id().equals(id)).isPresent();
              OptionalLong there = OptionalLong.of(offsets[next]);
              if (same && what.matches(found.get().event().topics())) {
                return Future.succeededFuture(there);
              }
              OptionalLong better = same && best.isEmpty() ? there : best;
              return older(id, what, offsets, next + 1, bounds, better);
            });
  }

  /** Any: only the store knows the marks of the hubs that share it. */
  @Override
  public boolean owns(Position id) {
    return true;
  }

  @Override
  public Future<ResumePoint> check(Position asked) {
    if (asked.offset() > bounds().newest()) {
      return store.caughtUp().compose(all -> checkNow(asked));
    }
    return checkNow(asked);
  }

  private Future<ResumePoint> checkNow(Position asked) {
    synchronized (lock) {
      Bounds bounds = bounds();
      long offset = asked.offset();
      var place = new Position(bounds.epoch(), offset, asked.mark());
      if (offset >= history.get().cursor().offset() + store.eventsPerRecord()) {
        return Future.succeededFuture(ResumePoint.oldest(Gap.Reason.UNKNOWN));
      } else if (offset < bounds.start()) {
        return Future.succeededFuture(ResumePoint.oldest(Gap.Reason.FORGOTTEN));
      }
      Optional<Entry> entry = history.get().window().at(place);
      if (asked.mark() == Position.UNMARKED || place.equals(bounds.head())) {
        return Future.succeededFuture(ResumePoint.at(place));
      } else if (entry.isPresent()) {
        return Future.succeededFuture(marked(place, entry.get().position().equals(place)));
      }
      return reader
          .markAt(offset)
          .map(
              mark ->
                  mark.isEmpty()
                      ? ResumePoint.gap(place, Gap.Reason.LOST)
                      : marked(place, mark.get() == asked.mark()));
    }
  }

  /** Another mark: the entry at the offset is not the one that was received. */
  private static ResumePoint marked(Position place, boolean same) {
    return same ? ResumePoint.at(place) : ResumePoint.oldest(Gap.Reason.EPOCH);
  }

  @Override
  public Future<String> idAfter(Position position) {
    return after(position, Filter.EVERYTHING, 1).map(Page::firstId);
  }

  /** As {@link EventLog#after}. */
  Future<Page> after(Position position, Filter what, int maxBytes) {
    Bounds bounds;
    long windowStart;
    StreamStart start;
    synchronized (lock) {
      bounds = boundsAt(clock.millis());
      start = stillThere(position, bounds).start(position.toString(), bounds);
      long from = start.after().offset();
      if (inWindow(from)) {
        Page page = history.get().window().after(from, what, maxBytes);
        return Future.succeededFuture(
            new Page(page.entries(), page.end(), start.resumingAt(page.firstId()).gap()));
      }
      windowStart = windowStart();
      if (nothingOf(what, from)) {
        return Future.succeededFuture(new Page(List.of(), bounds.head(), start.gap()));
      }
    }
    return reader.page(start.after(), what, maxBytes, bounds, windowStart, start.gap());
  }

  /** Whether what comes after a position that the log gave is in it, and why not. */
  private ResumePoint stillThere(Position position, Bounds bounds) {
    Position from = position;
    Optional<Gap.Reason> missing = Optional.empty();
    if (position.epoch() != bounds.epoch()) {
      long common = branches.common(position.epoch(), position.offset(), bounds.epoch());
      from = bounds.head().at(Math.max(common, 0));
      if (common < position.offset()) {
        missing = Optional.of(Gap.Reason.EPOCH);
      }
    }
    if (from.offset() < bounds.start()) {
      return ResumePoint.oldest(missing.orElse(Gap.Reason.FORGOTTEN));
    }
    return new ResumePoint(Optional.of(from), missing);
  }

  /** Whether the log has nothing of named topics after the offset, as an index knows. */
  private boolean nothingOf(Filter what, long offset) {
    TopicHeads heads = history.get().heads();
    return what.exact() && heads.complete() && heads.newest(what).orElse(0) <= offset;
  }

  /** Whether all that came after the offset is in memory. */
  private boolean inWindow(long offset) {
    return offset >= windowStart();
  }

  private long windowStart() {
    return history.get().window().bounds().start();
  }

  private Bounds boundsAt(long now) {
    Window window = history.get().window();
    window.evictExpired(now);
    history.get().forgetBefore(store.oldest());
    Bounds inMemory = window.bounds();
    if (!window.hasEvicted() || !window.hasEvictedSince(keep.horizon(now))) {
      return inMemory; // all that there is, or that is not too old
    }
    long start = Math.max(store.oldest() - 1, history.get().begin());
    return new Bounds(Math.min(start, inMemory.start()), inMemory.head());
  }
}
