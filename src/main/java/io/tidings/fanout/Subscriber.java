package io.tidings.fanout;

import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.event.TopicPattern;
import io.tidings.fanout.StreamState.Signal;
import io.tidings.log.Gap;
import io.tidings.log.StreamStart;
import io.tidings.wire.SseFrame;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;

/**
 * One open stream: a cursor into the log. Confined to its event loop.
 *
 * <p>New, resumed or too slow, it is one machine: it reads pages from its cursor on until it is at
 * the edge of its audience, and then is live, without a cursor of its own, until it falls behind or
 * leaves. There is no queue; what its socket can't take stays in the log. {@link StreamState} has
 * the table of its states.
 */
public final class Subscriber {
  /** The slot of one who is not live. */
  static final int NO_SLOT = -1;

  private static final long NO_TIMER = -1;

  /** Some clients take no line of more than 8 KB. */
  private static final int FILTER_CHARACTERS = 2_048;

  private final Audiences audiences;
  private final Audience audience;
  private final Outlet outlet;
  private StreamState state = StreamState.NEW;
  private Position cursor;

  /** How many bytes of the entry after the cursor were sent, where it comes in parts; else 0. */
  private int part;

  /** How many pages were written that the socket has not taken. */
  private int unsentPages;

  private boolean expired;
  private int slot = NO_SLOT;
  private long expiry = NO_TIMER;
  private long previouslySent;
  private long lastProgress;
  private long behindSince;
  private boolean expiring;

  /** Whether it was told the id of its cursor; where not, the next beat of its audience has it. */
  private boolean cursorSent = true;

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
  public void begin(StreamStart start) {
    if (state == StreamState.LEFT) {
      return;
    }
    cursor = start.after();
    start.gap().ifPresent(gap -> writeGap(gap, start.after()));
    settle();
    audiences.drainRetryMillis().ifPresent(this::drain);
  }

  /** Ends the stream because the hub stops, and tells how long to wait before coming back. */
  void drain(int retryMillis) {
    if (part > 0) {
      cut(CloseReason.DRAINED); // in the middle of an event nothing else can be said
    } else if (state != StreamState.NEW
        && state != StreamState.LEFT) { // a new one is ended when it begins
      write(audience.wire().drain(position().toString(), retryMillis));
      end(CloseReason.DRAINED);
    }
  }

  /**
   * The frame with which the stream opens: its filter, what is missing, and the id of the place
   * where it begins. Where something is missing that is the place before the loss, with which the
   * client would be told of it again; only the gap that follows leads over it.
   */
  public SseFrame opening(StreamStart start, Duration retry) {
    var json = filter(audience.filter());
    start.gap().ifPresent(gap -> json.put("gap", json(gap)));
    String position =
        start.gap().map(gap -> gap.resumableAfter()).orElseGet(() -> start.after().toString());
    return audience.wire().open(retry.toMillis(), position, json.encode());
  }

  /** Writes the {@link #opening}. */
  public void open(StreamStart start, Duration retry) {
    write(opening(start, retry));
  }

  /** The patterns, as many as fit into a line that no client finds too long. */
  private static JsonObject filter(Filter filter) {
    var patterns = new JsonArray();
    int room = FILTER_CHARACTERS;
    for (TopicPattern pattern : filter.patterns()) {
      room -= pattern.pattern().length();
      if (room < 0) {
        break;
      }
      patterns.add(pattern.pattern());
    }
    int omitted = filter.patterns().size() - patterns.size();
    var json = new JsonObject().put("filter", patterns);
    return omitted == 0 ? json : json.put("omitted", omitted);
  }

  /**
   * Ends the stream after that long, but not before it has heard what there was; with an event that
   * says so.
   */
  public void expireAtHead(Duration time) {
    if (state == StreamState.LEFT) {
      return;
    }
    if (time.isZero()) {
      expiring = true;
      if (state == StreamState.LIVE) {
        expire();
      }
    } else {
      expiry = audiences.setTimer(time, () -> expireAtHead(Duration.ZERO));
    }
  }

  /** Ends the stream after that long, with an event that says so. */
  public void expireAfter(Duration time) {
    expiry = audiences.setTimer(time, this::expire);
  }

  /** Ends the response, and leaves. */
  public void end(CloseReason why) {
    if (part > 0) {
      cut(why); // the client must not take what it has of an event for all of it
    } else if (state != StreamState.LEFT) {
      leave(why);
      outlet.end(why);
    }
  }

  /** Cuts the connection, and leaves. */
  public void cut(CloseReason why) {
    leave(why);
    outlet.cut();
  }

  /**
   * The clean-up, whatever ended the stream: leaves the audience, gives back the timer. Does
   * nothing when done before.
   */
  public void leave(CloseReason why) {
    if (state == StreamState.LEFT) {
      return;
    }
    state = state.after(Signal.END);
    if (expiry != NO_TIMER) {
      audiences.cancelTimer(expiry);
    }
    audiences.leave(this, why);
  }

  /** Whether its time is over. */
  boolean expired() {
    return expired;
  }

  public boolean left() {
    return state == StreamState.LEFT;
  }

  Audience audience() {
    return audience;
  }

  Outlet outlet() {
    return outlet;
  }

  /** How many bytes of the entry after the cursor it has. */
  int part() {
    return part;
  }

  /** Since when it is behind, where it is, by the clock of its audiences. */
  long behindSince() {
    return behindSince;
  }

  Position cursor() {
    return cursor;
  }

  /** Up to where a page of the given epoch may go before the audience takes over. */
  long headOffset(long epoch) {
    return audiences.headOffset(audience, epoch);
  }

  /** Its place in its audience's list of who is live. */
  int slot() {
    return slot;
  }

  void slot(int index) {
    slot = index;
  }

  StreamState state() {
    return state;
  }

  /**
   * No longer live: the socket takes nothing, or the audience goes on from the log. Goes on after
   * the given place; it must {@link #settle}, unless the socket takes nothing.
   */
  void fallBehind(Position delivered) {
    state = state.after(Signal.FALL_BEHIND);
    cursor = delivered;
    cursorSent = false;
    behindSince = audiences.now();
  }

  /** Up to where it has heard; not before it has begun. */
  private Position position() {
    return state == StreamState.LIVE ? audiences.position(this) : cursor;
  }

  /** Finds out what to do next, with the cursor where it is. */
  void settle() {
    if (state == StreamState.LEFT) {
      return;
    }
    // what may fail comes before the state that counts on it
    int toHead = audiences.compareToHead(cursor, audience);
    if (toHead == 0) {
      audience.join(this, cursor.offset(), cursorSent);
      state = state.after(Signal.AT_HEAD);
      cursor = null;
      if (expiring) {
        expire();
      }
    } else if (toHead > 0) {
      audiences.park(this);
      state = state.after(Signal.PAST_HEAD);
    } else if (outlet.writable() && unsentPages < audiences.maxUnsentPages()) {
      audiences.queue(this);
      state = state.after(Signal.BEHIND);
    } else {
      state = state.after(Signal.UNWRITABLE);
    }
  }

  /** There is no page for it now; whoever calls this lets it settle later. */
  void pause() {
    if (state == StreamState.READING) {
      state = state.after(Signal.NO_PAGE);
    }
  }

  /** Sends a page, and goes on after it. */
  void receive(SharedPage page) {
    if (state != StreamState.READING) {
      return; // it has left, or something failed since it asked
    }
    if (page.gap().isPresent()) {
      if (part > 0) {
        cut(
            CloseReason
                .FAILED); // the rest of the event is gone; the client comes back, and is told
        return;
      }
      writeGap(page.gap().get(), page.begin());
    }
    if (page.chunk() != null) {
      if (!write(page.chunk(), true)) {
        audiences.pause(this);
        return;
      }
      cursor = page.end();
      part = page.part();
      cursorSent = false;
      audiences.delivered(audience.traffic(), page);
    }
    cursor = page.end();
    part = page.part();
    cursorSent = false;
    if (expired && part == 0) {
      expire();
      return;
    }
    settle();
  }

  /** The socket has taken a page. */
  private void sent() {
    unsentPages--;
    unblock();
  }

  /**
   * Writes a chunk.
   *
   * @return whether it was written; if not, nothing of it was, or the stream has left: where it is
   *     not known how much was written, only the client knows where to go on
   */
  boolean write(Chunk chunk) {
    return write(chunk, false);
  }

  private boolean write(Chunk chunk, boolean page) {
    long before = outlet.written();
    try {
      if (page) {
        unsentPages++;
        outlet.write(chunk, this::sent);
      } else {
        outlet.write(chunk);
      }
      return true;
    } catch (RuntimeException | Error e) {
      audiences.reportFailure("a write", audience, e);
      unsentPages -= page ? 1 : 0;
      if (outlet.written() != before) {
        cut(CloseReason.FAILED);
      }
      return false;
    }
  }

  /**
   * Looks whether the client still takes what it is sent.
   *
   * @return whether it has taken nothing for longer than that, though there was something to take
   */
  boolean stalled(long now, long patience) {
    boolean unblocked = state == StreamState.BLOCKED && outlet.writable();
    if (unblocked || state == StreamState.AHEAD) {
      settle(); // nobody else may know: what should have told it may have failed
    }
    long unsent = outlet.unsent();
    long sent = outlet.written() - unsent;
    if (unsent <= 0 || sent > previouslySent) {
      lastProgress = now;
    }
    previouslySent = sent;
    // of one behind the kernel has more than it can send, even where it has taken all of it: where
    // the peer's window is small the kernel would give up one that reads slowly
    outlet.allSent(unsent <= 0 && state == StreamState.LIVE);
    return patience > 0 && now - lastProgress >= patience;
  }

  private void expire() {
    expiry = NO_TIMER;
    expired = true;
    if (part > 0) {
      return; // when the event has come to its end
    }
    write(audience.wire().close(position().toString()));
    end(CloseReason.EXPIRED);
  }

  private void unblock() {
    if (state == StreamState.BLOCKED) {
      settle();
    }
  }

  /** Tells of a gap, and the place after it, with which the client comes back if it must. */
  private void writeGap(Gap gap, Position next) {
    audiences.countGap();
    write(audience.wire().gap(next.toString(), json(gap).encode()));
  }

  private static JsonObject json(Gap gap) {
    return new JsonObject()
        .put("reason", gap.reason().word())
        .put("after", gap.after())
        .put("next", gap.next());
  }

  private void write(SseFrame frame) {
    Chunk chunk = Chunk.of(frame);
    outlet.write(chunk);
    chunk.release();
  }
}
