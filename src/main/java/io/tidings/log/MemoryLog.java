package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.Resume;
import io.tidings.event.Selection;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A log that remembers the newest entries and nothing across a restart; each has an epoch of its
 * own. One lock makes the order; followers are called under it, so they must be quick.
 */
public final class MemoryLog implements EventLog {
  private final long epoch = Position.newEpoch();
  private final InstantSource clock;
  private final Duration once;
  private final Window window;
  private final List<Handler<List<Entry>>> followers = new ArrayList<>();

  /**
   * @param keep how much to remember
   * @param once how long a publication that is repeated is recognised, while it is remembered
   * @param clock tells the time of appending
   */
  public MemoryLog(Retention keep, Duration once, InstantSource clock) {
    this.once = once;
    this.clock = clock;
    this.window = new Window(new Position(epoch, 0), keep);
  }

  @Override
  public synchronized Future<List<Entry>> append(Publication publication) {
    long time = clock.millis();
    window.forgetAged(time);
    List<Entry> known = window.withKey(publication.key(), Repeats.horizon(once, time));
    try {
      List<Entry> same = known.isEmpty() ? known : Repeats.checked(known, publication);
      return Future.succeededFuture(same.isEmpty() ? take(publication, time) : same);
    } catch (InvalidEvent e) {
      return Future.failedFuture(e);
    }
  }

  private List<Entry> take(Publication publication, long time) {
    var answer = new ArrayList<Entry>(publication.events().size());
    var fresh = new ArrayList<Entry>(publication.events().size());
    Map<Object, Entry> freshOnce = new HashMap<>();
    long previous = window.bounds().newest();
    for (Event event : publication.events()) {
      Optional<Entry> known = publication.once() ? known(event, freshOnce, time) : Optional.empty();
      if (known.isPresent()) {
        answer.add(known.get());
        continue;
      }
      Entry entry = Entry.of(new Position(epoch, previous + 1), previous, time, event);
      answer.add(entry);
      fresh.add(entry);
      if (publication.once()) {
        freshOnce.put(Repeats.identity(event), entry);
      }
      previous++;
    }
    if (!fresh.isEmpty()) {
      fresh.forEach(window::add);
      window.note(publication.key(), fresh.size());
      followers.forEach(follower -> follower.handle(fresh));
    }
    return answer;
  }

  private Optional<Entry> known(Event event, Map<Object, Entry> fresh, long time) {
    return Optional.ofNullable(fresh.get(Repeats.identity(event)))
        .or(() -> window.newestWithId(event, Repeats.horizon(once, time)));
  }

  @Override
  public synchronized Future<Start> find(Resume resume, Selection what) {
    window.forgetAged(clock.millis());
    return Future.succeededFuture(new Finder(window).find(resume, what, clock.millis()));
  }

  @Override
  public synchronized Future<Page> after(Position position, Selection what, int maxBytes) {
    window.forgetAged(clock.millis());
    Start start = new Finder(window).check(position, position.toString());
    Page page = window.after(start.after().offset(), what, maxBytes);
    return Future.succeededFuture(new Page(page.entries(), page.end(), start.gap()));
  }

  @Override
  public synchronized void follow(Handler<List<Entry>> entries) {
    followers.add(entries);
  }

  @Override
  public synchronized Bounds bounds() {
    return window.bounds();
  }

  @Override
  public synchronized Holding holding() {
    return window.holding();
  }

  @Override
  public void onState(Handler<LogState> state) {
    state.handle(LogState.UP);
  }

  @Override
  public Future<Void> close() {
    return Future.succeededFuture();
  }

  /** Turns what a client asked for into a place in the window. */
  private record Finder(Window window) {
    Start find(Resume resume, Selection what, long now) {
      Bounds bounds = window.bounds();
      if (resume instanceof Resume.Live) {
        return Start.after(bounds.head());
      } else if (resume instanceof Resume.Earliest) {
        return start(bounds);
      } else if (resume instanceof Resume.Latest) {
        return Start.after(
            window
                .newestOf(what)
                .map(entry -> new Position(bounds.epoch(), entry.previous()))
                .orElse(bounds.head()));
      } else if (resume instanceof Resume.Since since) {
        return since(bounds, now - since.age().toMillis());
      }
      return after(((Resume.After) resume).id(), what);
    }

    private Start since(Bounds bounds, long time) {
      if (window.forgotSince(time)) {
        return gap(Gap.Reason.FORGOTTEN, null);
      }
      return Start.after(new Position(bounds.epoch(), window.before(time)));
    }

    private Start after(String id, Selection what) {
      var publishers = window.offsetOf(id, what);
      if (publishers.isPresent()) {
        return Start.after(new Position(window.bounds().epoch(), publishers.getAsLong()));
      }
      return Position.parse(id)
          .map(position -> check(position, id))
          .orElseGet(() -> gap(Gap.Reason.UNKNOWN, id));
    }

    Start check(Position position, String id) {
      Bounds bounds = window.bounds();
      if (position.epoch() != bounds.epoch()) {
        return gap(Gap.Reason.EPOCH, id);
      } else if (position.offset() < bounds.start()) {
        return gap(Gap.Reason.FORGOTTEN, id);
      } else if (position.offset() > bounds.newest()) {
        return gap(Gap.Reason.UNKNOWN, id);
      }
      return Start.after(position);
    }

    private Start gap(Gap.Reason reason, String after) {
      var gap = new Gap(reason, after, window.oldestId());
      return new Start(start(window.bounds()).after(), Optional.of(gap));
    }

    private static Start start(Bounds bounds) {
      return Start.after(bounds.begin());
    }
  }
}
