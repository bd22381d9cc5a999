package io.tidings.fanout;

import io.tidings.event.Position;
import io.tidings.event.Selection;
import io.tidings.event.Selector;
import io.tidings.log.Gap;
import io.tidings.log.Start;
import io.tidings.sse.Frame;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;

/**
 * One open stream: a cursor into the log. Confined to its event loop.
 *
 * <p>New, resumed or too slow, it is one machine: it reads pages from its cursor on until it is at
 * the edge of its audience, and then is live, without a cursor of its own, until it falls behind or
 * leaves. There is no queue; what its socket can't take stays in the log.
 */
public final class Subscriber {
  private enum State {
    /** Opened; it has not begun to hear. */
    NEW,
    /** Behind, and in line for a page. */
    READING,
    /** Behind, and its socket takes nothing. */
    BLOCKED,
    /** Ahead of its loop, which has not heard yet what the log has. */
    AHEAD,
    /** At the edge, served with its audience. */
    LIVE,
    /** Gone. */
    LEFT
  }

  private static final int NO_SEAT = -1;
  private static final long NO_TIMER = -1;

  /** Some clients take no line of more than 8 KB. */
  private static final int FILTER_CHARACTERS = 2_048;

  private final Audiences audiences;
  private final Audience audience;
  private final Outlet outlet;
  private State state = State.NEW;
  private Position cursor;
  private int seat = NO_SEAT;
  private long expiry = NO_TIMER;
  private long takenBefore;
  private long lastProgress;
  private long behindSince;
  private boolean expiring;

  /** Whether it was told the id of its cursor; where not, the next beat of its audience has it. */
  private boolean placeTold = true;

  /** The client's address as a proxy told it; null where none did. */
  private String forwardedFor;

  Subscriber(Audiences audiences, Audience audience, Outlet outlet, long now) {
    this.audiences = audiences;
    this.audience = audience;
    this.outlet = outlet;
    this.lastProgress = now;
    this.behindSince = now;
    outlet.onWritable(this::unblock);
  }

  /** Notes the client's own address, where the connection is a proxy's. */
  public void forwardedFor(String client) {
    forwardedFor = client;
  }

  /** The client's address, with its port where the connection is its own. */
  String client() {
    return forwardedFor == null ? outlet.peer() : forwardedFor;
  }

  /** Begins to hear, from the given place on; the head of the response must have been written. */
  public void begin(Start start) {
    if (state == State.LEFT) {
      return;
    }
    cursor = start.after();
    start.gap().ifPresent(gap -> tell(gap, start.after()));
    settle();
    audiences.drainRetryMillis().ifPresent(this::drain);
  }

  /** Ends the stream because the hub stops, and tells how long to wait before coming back. */
  void drain(int retryMillis) {
    if (state != State.NEW && state != State.LEFT) { // a new one is ended when it begins
      write(audience.wire().drain(place().toString(), retryMillis));
      end(Ending.DRAINED);
    }
  }

  /**
   * The frame with which the stream opens: its filter, what is missing, and the id of the place
   * where it begins. Where something is missing that is the place before the loss, with which the
   * client would be told of it again; only the gap that follows leads over it.
   */
  public Frame opening(Start start, Duration retry) {
    var json = filter(audience.selection());
    start.gap().ifPresent(gap -> json.put("gap", json(gap)));
    String place =
        start.gap().map(gap -> gap.resumableAfter()).orElseGet(() -> start.after().toString());
    return audience.wire().open(retry.toMillis(), place, json.encode());
  }

  /** Writes the {@link #opening}. */
  public void open(Start start, Duration retry) {
    write(opening(start, retry));
  }

  /** The selectors, as many as fit into a line that no client finds too long. */
  private static JsonObject filter(Selection selection) {
    var filter = new JsonArray();
    int room = FILTER_CHARACTERS;
    for (Selector selector : selection.selectors()) {
      room -= selector.pattern().length();
      if (room < 0) {
        break;
      }
      filter.add(selector.pattern());
    }
    int omitted = selection.selectors().size() - filter.size();
    var json = new JsonObject().put("filter", filter);
    return omitted == 0 ? json : json.put("omitted", omitted);
  }

  /**
   * Ends the stream after that long, but not before it has heard what there was; with an event that
   * says so.
   */
  public void expireAtEdge(Duration time) {
    if (state == State.LEFT) {
      return;
    }
    if (time.isZero()) {
      expiring = true;
      if (state == State.LIVE) {
        expire();
      }
    } else {
      expiry = audiences.setTimer(time, () -> expireAtEdge(Duration.ZERO));
    }
  }

  /** Ends the stream after that long, with an event that says so. */
  public void expireAfter(Duration time) {
    expiry = audiences.setTimer(time, this::expire);
  }

  /** Ends the response, and leaves. */
  public void end(Ending why) {
    if (state != State.LEFT) {
      leave(why);
      outlet.end(why);
    }
  }

  /** Cuts the connection, and leaves. */
  public void cut(Ending why) {
    leave(why);
    outlet.cut();
  }

  /**
   * The clean-up, whatever ended the stream: leaves the audience, gives back the timer. Does
   * nothing when done before.
   */
  public void leave(Ending why) {
    if (state == State.LEFT) {
      return;
    }
    state = State.LEFT;
    if (expiry != NO_TIMER) {
      audiences.cancelTimer(expiry);
    }
    audiences.leave(this, why);
  }

  public boolean left() {
    return state == State.LEFT;
  }

  Audience audience() {
    return audience;
  }

  Outlet outlet() {
    return outlet;
  }

  /** Since when it is behind, where it is, by the clock of its audiences. */
  long behindSince() {
    return behindSince;
  }

  Position cursor() {
    return cursor;
  }

  /** Up to where a page of the given epoch may go before the audience takes over. */
  long edge(long epoch) {
    return audiences.edge(audience, epoch);
  }

  boolean seated() {
    return seat != NO_SEAT;
  }

  int seat() {
    return seat;
  }

  void seat(int place) {
    seat = place;
  }

  void unseat() {
    seat = NO_SEAT;
  }

  /**
   * No longer live: the socket takes nothing, or the loop missed something. Goes on after the given
   * place.
   */
  void fallBehind(Position heard) {
    cursor = heard;
    placeTold = false;
    behindSince = audiences.now();
    state = State.BLOCKED;
  }

  /** Up to where it has heard; not before it has begun. */
  private Position place() {
    return state == State.LIVE ? audiences.place(this) : cursor;
  }

  /** Finds out what to do next, with the cursor where it is. */
  void settle() {
    if (state == State.LEFT) {
      return;
    }
    int toEdge = audiences.compareToEdge(cursor, audience);
    if (toEdge == 0) {
      state = State.LIVE;
      audience.seat(this, cursor.offset(), placeTold);
      cursor = null;
      if (expiring) {
        expire();
      }
    } else if (toEdge > 0) {
      state = State.AHEAD;
      audiences.park(this);
    } else if (outlet.writable()) {
      state = State.READING;
      audiences.queue(this);
    } else {
      state = State.BLOCKED;
    }
  }

  /** Sends a page, and goes on after it. */
  void hear(SharedPage page) {
    if (state == State.LEFT) {
      return;
    }
    page.gap().ifPresent(gap -> tell(gap, page.begin()));
    if (page.chunk() != null) {
      outlet.write(page.chunk());
      audiences.delivered(audience.traffic(), page);
    }
    cursor = page.end();
    placeTold = false;
    settle();
  }

  /**
   * Looks whether the client still takes what it is sent.
   *
   * @return whether it has taken nothing for longer than that, though there was something to take
   */
  boolean stalled(long now, long patience) {
    if (state == State.BLOCKED && outlet.writable()) {
      settle();
    }
    long unsent = outlet.unsent();
    long taken = outlet.written() - unsent;
    if (unsent <= 0 || taken > takenBefore) {
      lastProgress = now;
    }
    takenBefore = taken;
    outlet.allSent(unsent <= 0);
    return patience > 0 && now - lastProgress >= patience;
  }

  private void expire() {
    expiry = NO_TIMER;
    write(audience.wire().close(place().toString()));
    end(Ending.EXPIRED);
  }

  private void unblock() {
    if (state == State.BLOCKED) {
      settle();
    }
  }

  /** Tells of a gap, and the place after it, with which the client comes back if it must. */
  private void tell(Gap gap, Position goesOn) {
    audiences.toldOfGap();
    write(audience.wire().gap(goesOn.toString(), json(gap).encode()));
  }

  private static JsonObject json(Gap gap) {
    return new JsonObject()
        .put("reason", gap.reason().word())
        .put("after", gap.after())
        .put("next", gap.next());
  }

  private void write(Frame frame) {
    Chunk chunk = Chunk.of(frame);
    outlet.write(chunk);
    chunk.release();
  }
}
