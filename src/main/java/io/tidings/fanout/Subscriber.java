package io.tidings.fanout;

import io.tidings.auth.Principal;
import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.event.Selection;
import io.tidings.fanout.StreamState.Signal;
import io.tidings.log.Gap;
import io.tidings.log.StreamStart;
import io.tidings.wire.SseFrame;
import io.vertx.core.Context;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One open stream: a cursor into the log. Confined to its event loop.
 *
 * <p>New, resumed and lagging streams behave alike: the subscriber reads pages from its cursor
 * until it reaches the head of its audience, and is then live, without a cursor of its own, until
 * it falls behind or leaves. There is no queue per stream; bytes that the socket can't accept stay
 * in the log. {@link StreamState} has the table of the states.
 *
 * <p>It is one class because it is one state machine: state, cursor, part, unsent pages and end are
 * only valid together, and each of its signals reads or changes several of them.
 */
public final class Subscriber extends LinkedQueue.Element<Subscriber> {
  /** The slot of a subscriber that is not live. */
  static final int NO_SLOT = -1;

  private static final long NO_TIMER = -1;

  private final Audiences audiences;
  private final LoopContext loop;
  private Audience audience;
  private final Outlet outlet;
  private StreamState state = StreamState.NEW;
  private Position cursor;

  /** How many bytes of the entry after the cursor were sent, if it is sent in parts; else 0. */
  private int part;

  /** The number of pages written that the socket has not accepted yet. */
  private int unsentPages;

  /** Why the stream is to end once {@link #part} is 0; null if it is not. */
  private CloseReason ending;

  /** What of them the client was not told is told once {@link #part} is 0. */
  private final StreamRights rights;

  private int slot = NO_SLOT;
  private long expiryTimer = NO_TIMER;

  private final ReadProgress progress;

  private long laggingSince;

  /** Whether the stream ends as soon as it is live. */
  private boolean expiresAtHead;

  /**
   * Whether the client was sent the id of its cursor; if not, the next heartbeat of its audience
   * carries it.
   */
  private boolean cursorSent = true;

  /** The client's address as forwarded by a proxy; null if none was. */
  private String forwardedFor;

  private final StreamId id;

  /** The first half of the handle; 0 until it is asked for, since it costs a digest. */
  private volatile long handleHigh;

  private final long openedMillis = System.currentTimeMillis();
  private final Runnable onLeave;

  /** The audience that it enters once {@link #part} is 0, after it was renewed; else null. */
  private AudienceKey next;

  /**
   * Who opens a stream, and what for.
   *
   * @param asked before it is cut to what the principal may read
   */
  record Request(Principal principal, Filter asked) {}

  /**
   * @param onLeave run once, when the stream has left
   */
  Subscriber(
      Audiences audiences, Audience audience, Request request, Outlet outlet, Runnable onLeave) {
    this.audiences = audiences;
    this.id = audiences.ids().next();
    this.loop = audiences.context();
    this.audience = audience;
    this.outlet = outlet;
    this.onLeave = onLeave;
    this.rights =
        new StreamRights(
            loop.expiry(), request.principal, audiences.shared(request.asked, audience.key()));
    this.laggingSince = loop.now();
    this.progress = new ReadProgress(laggingSince);
    outlet.onWritable(this::unblock);
  }

  /** By which it is found in {@link OpenStreams}. Any thread. */
  public StreamId id() {
    return id;
  }

  /** By which administrators name it. Any thread. */
  StreamHandle handle() {
    return StreamHandle.of(id);
  }

  /** The first half of the handle, which is kept once it is known. Any thread. */
  long handleHigh() {
    long high = handleHigh;
    if (high == 0) {
      high = handle().high();
      handleHigh = high;
    }
    return high;
  }

  /** When it was opened, in milliseconds since 1970. Any thread. */
  long openedMillis() {
    return openedMillis;
  }

  /** Who opened it, or renewed it last. Any thread. */
  public Principal principal() {
    return rights.principal();
  }

  /** That of its event loop. Any thread. */
  Context context() {
    return loop.context();
  }

  /** Sets the client's own address, if the connection is a proxy's. */
  public void forwardedFor(String client) {
    forwardedFor = client;
  }

  /** The client's address, with the port if the connection is the client's own. */
  String client() {
    return forwardedFor == null ? outlet.peer() : forwardedFor;
  }

  /**
   * Begins to receive from the given position; the head of the response must have been written
   * before.
   */
  public void begin(StreamStart start) {
    if (state == StreamState.LEFT) {
      return;
    }
    cursor = start.after();
    audiences.isolatedSince().ifPresent(this::writeStale);
    start.gap().ifPresent(gap -> writeGap(gap, start.after()));
    updateState();
    audiences.stopRetryMillis().ifPresent(retryMillis -> drain(CloseReason.DRAINED, retryMillis));
    if (state != StreamState.LEFT) {
      rights.follow(this);
      audiences.listener().begun(this);
    }
  }

  /** The client wants to be told what the {@link StreamListener} knows. */
  public void watch() {
    audiences.listener().watches(this);
  }

  /**
   * Tells the client when the stream's token ends: now, or once its socket takes it between two
   * events.
   */
  void tellRights() {
    rights.tell();
    try {
      tellUntold();
    } catch (RuntimeException | Error e) {
      loop.scheduler().reportFailure("a notice", audience, e); // the next tick retries
    }
  }

  private void tellUntold() {
    if (rights.untold() && part == 0 && begun() && outlet.writable()) {
      write(rights.notice(audience.wire(), selection().filter()));
      rights.told();
    }
  }

  /**
   * Replaces the rights of the stream, which has begun, and perhaps what it asks for. It goes on at
   * its cursor: nothing is lost or repeated of the topics that it keeps, and of those that it gains
   * it receives everything after the cursor. An event that is being sent in parts is completed
   * first.
   *
   * @param topics empty to ask for the same as before
   * @return the new filter
   * @throws io.tidings.auth.NotGranted as {@link Audiences#open}; then nothing has changed
   */
  Filter renew(Principal fresh, Optional<Filter> topics) {
    Filter wanted = topics.orElse(rights.asked());
    AudienceKey key = audiences.key(fresh, wanted, audience.as());
    Filter shared = audiences.shared(wanted, key);
    boolean moves = !key.equals(audience.key());
    if (moves && part == 0) {
      stopReceiving();
    }
    if (!key.equals(next == null ? audience.key() : next)) {
      rights.tellFilter();
    }
    next = moves ? key : null;
    rights.replace(fresh, shared);
    if (ending == CloseReason.TOKEN_EXPIRED) {
      ending = null;
    }
    if (next != null && part == 0) {
      loop.scheduler().updateState(this); // if it fails, it is tried again
    }
    tellRights();
    if (state != StreamState.LEFT) {
      followToken();
      audiences.listener().renewed(this);
    }
    return key.selection().filter();
  }

  private void followToken() {
    try {
      rights.follow(this);
    } catch (RuntimeException | Error e) {
      cut(CloseReason.FAILED); // it would outlive its token
      throw e;
    }
  }

  /**
   * Takes the stream out of whatever it waits for in its audience. If that fails, for lack of
   * memory, it goes on there, with the rights that it has.
   */
  private void stopReceiving() {
    if (state != StreamState.LIVE) {
      loop.scheduler().forget(this);
      loop.pages().forget(this);
      state = state.after(Signal.UNWRITABLE);
      return;
    }
    try {
      audience.fallBehind(this, position());
    } catch (RuntimeException | Error e) {
      if (state != StreamState.LIVE) {
        loop.scheduler().updateState(this);
      }
      throw e;
    }
  }

  private void changeAudience() {
    audience = audiences.move(this, next);
    next = null;
  }

  /** Whether the stream has begun to receive and has not left. */
  boolean begun() {
    return state != StreamState.NEW && state != StreamState.LEFT;
  }

  /** Ends a stream that has begun, and sends how long to wait before reconnecting. */
  void drain(CloseReason why, int retryMillis) {
    if (!begun()) {
      return;
    }
    if (part > 0) {
      cut(why); // no other event can be written in the middle of one
    } else {
      write(audience.wire().drain(position().toString(), retryMillis));
      end(why);
    }
  }

  /**
   * What the stream receives: what it asked for, as far as it is granted. Any thread, but another
   * one may see what it received before it was renewed.
   */
  public Selection selection() {
    AudienceKey coming = next;
    return coming == null ? audience.selection() : coming.selection();
  }

  /** What it asked for, before it was cut to what is granted. */
  public Filter asked() {
    return rights.asked();
  }

  /** How it is encoded; the same for as long as it is open. */
  public WireFormat wire() {
    return audience.wire();
  }

  /** As which its deliveries are counted. */
  public Traffic traffic() {
    return audience.traffic();
  }

  /** The frame that describes the stream to its client, before all others. */
  public SseFrame opening(StreamStart start, Duration retry) {
    var description =
        new HubEvents.Description(
            id, asked(), audience.selection().filter(), principal().expires());
    return HubEvents.open(audience.wire(), description, start, retry);
  }

  /** Writes the {@link #opening}. */
  public void open(StreamStart start, Duration retry) {
    write(opening(start, retry));
  }

  /** Writes the {@link #opening} if the filter is less than what was asked for. */
  public void openIfCut(StreamStart start) {
    if (HubEvents.isCut(asked(), selection().filter())) {
      open(start, Duration.ZERO);
    }
  }

  /**
   * Ends the stream after the given time, but not before it has reached the head, with an event
   * that announces the end.
   */
  public void expireAtHead(Duration time) {
    if (state == StreamState.LEFT) {
      return;
    }
    if (time.isZero()) {
      expiresAtHead = true;
      if (state == StreamState.LIVE) {
        expire(CloseReason.EXPIRED);
      }
    } else {
      expiryTimer = loop.vertx().setTimer(time.toMillis(), timer -> expireAtHead(Duration.ZERO));
    }
  }

  /** Ends the stream after the given time, with an event that announces the end. */
  public void expireAfter(Duration time) {
    expiryTimer = loop.vertx().setTimer(time.toMillis(), timer -> expire(CloseReason.EXPIRED));
  }

  /** Ends the response and leaves. */
  public void end(CloseReason why) {
    if (part > 0) {
      cut(why); // the client must not mistake part of an event for all of it
    } else if (state != StreamState.LEFT) {
      writeEnd(why);
      try {
        leave(why);
      } finally {
        outlet.end(why);
      }
      if (why.told().isPresent()) {
        loop.cutIfStalled(outlet);
      }
    }
  }

  /** Announces the end to the client; it ends in any case. */
  private void writeEnd(CloseReason why) {
    try {
      if (begun() && why == CloseReason.EXPIRED) {
        write(audience.wire().close(position().toString()));
      } else if (begun() && why.told().isPresent()) {
        write(HubEvents.end(audience.wire(), position(), why.told().get()));
      }
    } catch (RuntimeException | Error e) {
      loop.scheduler().reportFailure("an end", audience, e);
    }
  }

  /** Closes the connection at once and leaves. */
  public void cut(CloseReason why) {
    try {
      leave(why);
    } finally {
      outlet.cut(why);
    }
  }

  /**
   * Cleans up, whatever ended the stream: leaves the audience and cancels the timers. Idempotent.
   */
  public void leave(CloseReason why) {
    if (state == StreamState.LEFT) {
      return;
    }
    state = state.after(Signal.END);
    if (expiryTimer != NO_TIMER) {
      loop.vertx().cancelTimer(expiryTimer);
    }
    rights.unfollow();
    try {
      audiences.leave(this, why);
    } finally {
      onLeave.run();
    }
  }

  /** Whether the time that the stream was opened for, or its token, is over. */
  boolean expired() {
    return ending != null;
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

  /** How many bytes of the entry after the cursor were sent. */
  int part() {
    return part;
  }

  /** When it fell behind, by the clock of its loop; valid while it is behind. */
  long laggingSince() {
    return laggingSince;
  }

  /** How many offsets it is behind the head of its loop; 0 if it is live or has not begun. */
  long lag() {
    return cursor == null ? 0 : Math.max(0, loop.head().offset() - cursor.offset());
  }

  /** How long it has been behind; 0 if it is not. */
  long behindMillis() {
    return lag() == 0 ? 0 : loop.now() - laggingSince;
  }

  Position cursor() {
    return cursor;
  }

  /** The index in its audience's list of live subscribers. */
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
   * Ends being live, because the socket is not writable or the audience resumes from the log. The
   * cursor is set to the given position; the caller must call {@link #updateState} unless the
   * socket is not writable.
   */
  void fallBehind(Position delivered) {
    state = state.after(Signal.FALL_BEHIND);
    cursor = delivered;
    cursorSent = false;
    laggingSince = loop.now();
  }

  /** The position up to which it has received; not valid before it has begun. */
  Position position() {
    return state == StreamState.LIVE ? audience.delivery().position(this) : cursor;
  }

  /**
   * Chooses the state by how far the cursor is from the head of the audience: at the head the
   * subscriber becomes live, behind it it is queued for a page unless its socket is blocked, and
   * ahead of it it waits for the loop.
   */
  void updateState() {
    if (state == StreamState.LEFT || state == StreamState.LIVE) {
      return; // it was live already when something failed for which it was to try again
    }
    if (state == StreamState.AHEAD) {
      loop.scheduler().unpark(this); // else it would be woken again, while it waits for a page
    }
    // calls that may fail come before the state change that relies on them
    if (next != null && part == 0) {
      changeAudience();
    }
    int toHead = audience.delivery().compareToHead(cursor);
    if (toHead == 0) {
      audience.join(this, cursor.offset(), cursorSent);
      state = state.after(Signal.AT_HEAD);
      cursor = null;
      if (expiresAtHead) {
        expire(CloseReason.EXPIRED);
      }
    } else if (toHead > 0) {
      loop.scheduler().park(this);
      state = state.after(Signal.PAST_HEAD);
    } else if (outlet.writable() && unsentPages < maxUnsentPages()) {
      loop.scheduler().add(this);
      state = state.after(Signal.BEHIND);
    } else {
      state = state.after(Signal.UNWRITABLE);
    }
  }

  private int maxUnsentPages() {
    return loop.pages().scarce() ? 1 : 2;
  }

  /** No page is available now; the caller updates the state later. */
  void pause() {
    if (state == StreamState.READING) {
      state = state.after(Signal.NO_PAGE);
    }
  }

  /** Sends a page and moves the cursor to its end. */
  void receive(SharedPage page) {
    if (state != StreamState.READING) {
      return; // it has left, or a failure occurred since it was queued
    }
    if (page.gap().isPresent()) {
      if (part > 0) {
        cut(CloseReason.FAILED); // the rest is lost; the client resumes and gets the gap
        return;
      }
      writeGap(page.gap().get(), page.begin());
    }
    if (page.chunk() != null && !writePage(page.chunk())) {
      loop.scheduler().pause(this);
      return;
    }
    cursor = page.end();
    part = page.part();
    cursorSent = false;
    if (page.chunk() != null) {
      loop.metrics().written(audience.traffic(), page.chunk(), page.events(), page.ticks(), 1);
    }
    if (ending != null && part == 0) {
      expire(ending);
      return;
    }
    tellUntold();
    updateState();
  }

  /** The socket has accepted a page. */
  private void sent() {
    unsentPages--;
    unblock();
  }

  /**
   * Writes a chunk.
   *
   * @return whether it was written; if not, either nothing of it was written or the stream has
   *     left, since only the client knows where to resume after a partial write
   */
  boolean write(Chunk chunk) {
    long before = outlet.written();
    try {
      outlet.write(chunk);
      return true;
    } catch (RuntimeException | Error e) {
      writeFailed(before, e);
      return false;
    }
  }

  /** Writes the chunk of a page, which counts as unsent until the socket accepts it. */
  private boolean writePage(Chunk chunk) {
    long before = outlet.written();
    unsentPages++;
    try {
      outlet.write(chunk, this::sent);
      return true;
    } catch (RuntimeException | Error e) {
      unsentPages--;
      writeFailed(before, e);
      return false;
    }
  }

  private void writeFailed(long writtenBefore, Throwable e) {
    loop.scheduler().reportFailure("a write", audience, e);
    if (outlet.written() != writtenBefore) {
      cut(CloseReason.FAILED);
    }
  }

  /**
   * Writes a frame of the hub's own, without a position, unless the socket keeps nothing more or an
   * event is being sent in parts.
   *
   * @return whether it was written
   */
  boolean tell(Chunk frame) {
    try {
      return part == 0 && begun() && outlet.writable() && write(frame);
    } catch (RuntimeException | Error e) {
      loop.scheduler().reportFailure("a notice", audience, e);
      return false;
    }
  }

  /** Tries again what has failed for lack of memory, if something has. */
  void retry() {
    boolean unblocked = state == StreamState.BLOCKED && outlet.writable();
    if (unblocked || state == StreamState.AHEAD) {
      updateState();
    }
    tellUntold();
  }

  /**
   * Checks whether the client still reads.
   *
   * @return whether the socket has accepted nothing for at least {@code patience} milliseconds
   *     although bytes were unsent
   */
  boolean stalled(long now, long patience) {
    long silent = progress.check(outlet, now);
    // the kernel's buffer of a lagging stream is not empty even if it accepted every byte: with a
    // small receive window it would time out a peer that reads slowly
    outlet.allSent(progress.allAccepted() && state == StreamState.LIVE);
    return patience > 0 && silent >= patience;
  }

  /** Ends the stream, but not in the middle of an event. */
  void expire(CloseReason why) {
    ending = why;
    if (part > 0) {
      return; // receive calls this again after the last part of the event
    }
    end(why);
  }

  private void unblock() {
    tellUntold();
    if (state == StreamState.BLOCKED) {
      updateState();
    }
  }

  /** Reports a gap, and the position after it, from which the client can resume. */
  private void writeGap(Gap gap, Position next) {
    loop.metrics().gap(audience.traffic());
    write(HubEvents.gap(audience.wire(), gap, next));
  }

  private void writeStale(Instant since) {
    write(HubEvents.stale(audience.wire(), since));
  }

  private void write(SseFrame frame) {
    Chunk chunk = Chunk.of(frame);
    try {
      outlet.write(chunk);
    } finally {
      chunk.release();
    }
  }
}
