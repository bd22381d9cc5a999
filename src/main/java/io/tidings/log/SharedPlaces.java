package io.tidings.log;

import io.tidings.event.Position;
import io.tidings.event.Resume;
import io.tidings.event.Selection;
import io.vertx.core.Future;
import java.time.InstantSource;
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
    synchronized (lock) {
      long now = clock.millis();
      Bounds bounds = boundsAt(now);
      Window window = history.get().window();
      if (resume instanceof Resume.Live) {
        return Future.succeededFuture(Start.after(bounds.head()));
      } else if (resume instanceof Resume.Earliest) {
        return Future.succeededFuture(Start.after(bounds.begin()));
      } else if (resume instanceof Resume.Latest) {
        Optional<Entry> newest = window.newestOf(what);
        if (newest.isPresent() || inWindow(bounds.start())) {
          return Future.succeededFuture(
              Start.after(newest.map(this::before).orElse(bounds.head())));
        }
        return reader
            .newestOf(what, bounds, windowStart())
            .map(
                found ->
                    Start.after(
                        found.map(e -> bounds.head().at(e.previous())).orElse(bounds.head())));
      } else if (resume instanceof Resume.Since since) {
        return since(now - since.age().toMillis(), bounds);
      }
      return after(((Resume.After) resume).id(), what, bounds);
    }
  }

  private Position before(Entry entry) {
    return entry.position().at(entry.previous());
  }

  private Future<Start> since(long time, Bounds bounds) {
    Window window = history.get().window();
    if (!window.forgotSince(time)) {
      return Future.succeededFuture(Start.after(bounds.head().at(window.before(time))));
    } else if (inWindow(bounds.start())) {
      return Future.succeededFuture(gap(Gap.Reason.FORGOTTEN, null, bounds));
    }
    return reader
        .firstSince(time, bounds, windowStart())
        .map(
            found ->
                found.isEmpty()
                    ? Start.after(bounds.head().at(windowStart()))
                    : found.get().previous() <= bounds.start()
                        ? gap(Gap.Reason.FORGOTTEN, null, bounds)
                        : Start.after(bounds.head().at(found.get().previous())));
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
    if (inWindow(bounds.start())) {
      return Future.succeededFuture(start);
    }
    // the id may have been used before, and who means that one would lose what came between
    return reader
        .withId(id, what, inMemory.isPresent(), bounds, windowStart())
        .map(found -> found.map(e -> Start.after(bounds.head().at(e.offset()))).orElse(start));
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
    }
    return reader.page(from, what, maxBytes, bounds, windowStart, gap);
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
