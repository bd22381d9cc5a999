package io.tidings.log;

import io.tidings.event.Position;
import io.tidings.event.Resume;
import io.tidings.event.Selection;
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
final class SharedPlaces {
  private final Object lock;
  private final Supplier<SharedHistory> history;
  private final Branches branches;
  private final RecordStore store;
  private final SharedReader reader;
  private final Retention keep;
  private final InstantSource clock;

  /**
   * @param lock guards the history and the branches
   * @param history the one that there is now
   * @param keep how much memory is to have, and how old what is heard may be
   */
  SharedPlaces(
      Object lock,
      Supplier<SharedHistory> history,
      Branches branches,
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

  /** What the log has now. */
  Bounds bounds() {
    synchronized (lock) {
      return boundsAt(clock.millis());
    }
  }

  /** As {@link EventLog#find}. */
  Future<Start> find(Resume resume, Selection what) {
    return place(resume, what).compose(this::withNext);
  }

  /** Looks up the id of the entry with which one goes on who is told of a gap. */
  private Future<Start> withNext(Start start) {
    if (start.gap().filter(gap -> gap.next() == null).isEmpty()) {
      return Future.succeededFuture(start);
    }
    return after(start.after(), Selection.EVERYTHING, 1)
        .map(page -> start.goingOnWith(page.firstId()));
  }

  private Future<Start> place(Resume resume, Selection what) {
    if (resume instanceof Resume.Latest) {
      return Future.succeededFuture(latest(what));
    }
    synchronized (lock) {
      long now = clock.millis();
      Bounds bounds = boundsAt(now);
      if (resume instanceof Resume.Live) {
        return Future.succeededFuture(Start.after(bounds.head()));
      } else if (resume instanceof Resume.Earliest) {
        return Future.succeededFuture(Start.after(bounds.begin()));
      } else if (resume instanceof Resume.Since since) {
        return since(now - since.age().toMillis(), bounds);
      }
      return after(((Resume.After) resume).id(), what, bounds);
    }
  }

  /** By an index alone, which is looked at without the lock: it may be long. */
  private Start latest(Selection what) {
    TopicHeads heads;
    synchronized (lock) {
      heads = history.get().heads();
    }
    OptionalLong newest = heads.newest(what);
    Bounds bounds = bounds();
    if (newest.isPresent() && newest.getAsLong() > bounds.start()) {
      return Start.after(bounds.head().at(newest.getAsLong() - 1));
    } else if (heads.complete() || newest.isPresent()) {
      return Start.after(bounds.head());
    }
    // there are more topics than the index knows, and an old entry may be one's newest
    return new Start(bounds.head(), Optional.of(new Gap(Gap.Reason.UNKNOWN, null, null)));
  }

  private Future<Start> since(long time, Bounds bounds) {
    Window window = history.get().window();
    if (!window.forgotSince(time)) {
      return Future.succeededFuture(Start.after(bounds.head().at(window.before(time))));
    } else if (inWindow(bounds.start())) {
      return Future.succeededFuture(gap(Gap.Reason.FORGOTTEN, null, bounds));
    }
    boolean complete = history.get().complete(store.oldest());
    return reader
        .firstSince(time, bounds, windowStart())
        .map(
            found ->
                found > bounds.start() + 1
                    ? Start.after(bounds.head().at(found - 1))
                    : complete
                        ? Start.after(bounds.begin())
                        : gap(Gap.Reason.FORGOTTEN, null, bounds));
  }

  private Future<Start> after(String id, Selection what, Bounds bounds) {
    Optional<Position> position = Position.parse(id);
    if (position.isPresent()) {
      return place(position.get(), id, bounds);
    }
    OptionalLong inMemory = history.get().window().offsetOf(id, what);
    Start start =
        inMemory.isPresent()
            ? Start.after(bounds.head().at(inMemory.getAsLong()))
            : gap(Gap.Reason.UNKNOWN, id, bounds);
    // the id may have been used before, and who means that one would lose what came between
    long windowStart = windowStart();
    long[] older =
        Arrays.stream(history.get().ids().offsets(id))
            .filter(offset -> offset > bounds.start() && offset <= windowStart)
            .toArray();
    return older(id, what, older, 0, bounds, start, inMemory.isPresent());
  }

  /**
   * Looks at entries in the store, one by one, until one has the id and is of the selection.
   *
   * @param best where to start when there is none
   * @param known whether that is a place that has the id; else one of another selection is better
   */
  private Future<Start> older(
      String id,
      Selection what,
      long[] offsets,
      int next,
      Bounds bounds,
      Start best,
      boolean known) {
    if (next == offsets.length) {
      return Future.succeededFuture(best);
    }
    return reader
        .at(offsets[next], bounds)
        .compose(
            found -> {
              boolean same = found.filter(entry -> entry.event().id().equals(id)).isPresent();
              Start there = Start.after(bounds.head().at(offsets[next]));
              if (same && what.matches(found.get().event().topics())) {
                return Future.succeededFuture(there);
              }
              Start better = same && !known ? there : best;
              return older(id, what, offsets, next + 1, bounds, better, known || same);
            });
  }

  /** Finds a place by the text that this hub or another one made. */
  private Future<Start> place(Position asked, String id, Bounds bounds) {
    if (asked.offset() > bounds.newest()) {
      return store.caughtUp().compose(all -> knownPlace(asked, id));
    }
    return knownPlace(asked, id);
  }

  private Future<Start> knownPlace(Position asked, String id) {
    synchronized (lock) {
      return placeNow(asked, id);
    }
  }

  private Future<Start> placeNow(Position asked, String id) {
    Bounds bounds = boundsAt(clock.millis());
    long offset = asked.offset();
    var place = new Position(bounds.epoch(), offset, asked.mark());
    if (offset >= history.get().cursor().offset() + store.eventsPerRecord()) {
      return Future.succeededFuture(gap(Gap.Reason.UNKNOWN, id, bounds));
    } else if (offset < bounds.start()) {
      return Future.succeededFuture(gap(Gap.Reason.FORGOTTEN, id, bounds));
    }
    Optional<Entry> entry = history.get().window().at(place);
    if (asked.mark() == Position.UNMARKED || place.equals(bounds.head())) {
      return Future.succeededFuture(Start.after(place));
    } else if (entry.isPresent()) {
      return Future.succeededFuture(
          entry.get().position().equals(place)
              ? Start.after(place)
              : gap(Gap.Reason.EPOCH, id, bounds));
    }
    return reader
        .markAt(offset)
        .map(
            mark -> {
              if (mark.isEmpty()) {
                return new Start(place, Optional.of(new Gap(Gap.Reason.LOST, id, null)));
              }
              return mark.get() == asked.mark()
                  ? Start.after(place)
                  : gap(Gap.Reason.EPOCH, id, bounds);
            });
  }

  private Start gap(Gap.Reason reason, String after, Bounds bounds) {
    synchronized (lock) {
      String next = inWindow(bounds.start()) ? history.get().window().oldestId() : null;
      return new Start(bounds.begin(), Optional.of(new Gap(reason, after, next)));
    }
  }

  /** As {@link EventLog#after}. */
  Future<Page> after(Position position, Selection what, int maxBytes) {
    Bounds bounds;
    long windowStart;
    Optional<Gap> gap = Optional.empty();
    Position from = position;
    synchronized (lock) {
      bounds = boundsAt(clock.millis());
      if (position.epoch() != bounds.epoch()) {
        long common = branches.common(position.epoch(), position.offset(), bounds.epoch());
        from = bounds.head().at(Math.max(common, 0));
        if (common < position.offset()) {
          gap = Optional.of(new Gap(Gap.Reason.EPOCH, position.toString(), null));
        }
      }
      if (from.offset() < bounds.start()) {
        Gap forgotten = new Gap(Gap.Reason.FORGOTTEN, position.toString(), null);
        gap = Optional.of(gap.orElse(forgotten));
        from = bounds.begin();
      }
      if (inWindow(from.offset())) {
        Page page = history.get().window().after(from.offset(), what, maxBytes);
        return Future.succeededFuture(
            new Page(
                page.entries(), page.end(), gap.map(told -> told.goingOnWith(page.firstId()))));
      }
      windowStart = windowStart();
      if (nothingOf(what, from.offset())) {
        return Future.succeededFuture(new Page(List.of(), bounds.head(), gap));
      }
    }
    return reader.page(from, what, maxBytes, bounds, windowStart, gap);
  }

  /** Whether the log has nothing of named topics after the offset, as an index knows. */
  private boolean nothingOf(Selection what, long offset) {
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
    window.forgetAged(now);
    history.get().forgetBefore(store.oldest());
    Bounds inMemory = window.bounds();
    if (!window.forgot() || !window.forgotSince(keep.horizon(now))) {
      return inMemory; // all that there is, or that is not too old
    }
    long start = Math.max(store.oldest() - 1, history.get().begin());
    return new Bounds(Math.min(start, inMemory.start()), inMemory.head());
  }
}
