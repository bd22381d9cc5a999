package io.tidings.fanout;

import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/**
 * The periodic round over all streams of one event loop: {@link LivenessCheck} and {@link
 * LagMonitor} look at each. It runs in slices, between which the loop serves its sockets and
 * deliveries: to look at 15,000 streams takes some 10 ms. Confined to the loop.
 */
final class StreamCheck {
  /** The streams and audiences that are looked at in one task of the loop. */
  static final int SLICE = 256;

  /** The shortest delay of a Vert.x timer. */
  private static final long PAUSE_MILLIS = 1;

  private final LoopContext loop;
  private final LivenessCheck liveness;
  private final LagMonitor lag;

  private Iterator<Audience> audiences = Collections.emptyIterator();

  /** The audience that the round is at; null between two rounds. */
  private Audience audience;

  /** Its streams that were not looked at yet; null before the first. */
  private Iterator<Subscriber> streams;

  private boolean scheduled;

  StreamCheck(LoopContext loop, LivenessCheck liveness, LagMonitor lag) {
    this.loop = loop;
    this.liveness = liveness;
    this.lag = lag;
  }

  /** Begins a round; if one is running still, it goes on instead. Called by a timer. */
  void tick(Collection<Audience> all) {
    if (audience == null) {
      audiences = List.copyOf(all).iterator(); // an audience whose last stream is cut is removed
      lag.begin();
      nextAudience();
    }
    slice();
  }

  /** Whether no round is running. */
  boolean idle() {
    return audience == null;
  }

  /** Ends the round. */
  void stop() {
    audiences = Collections.emptyIterator();
    nextAudience();
  }

  /** A failure ends only the slice: the next one goes on with the next stream. */
  private void slice() {
    try {
      long now = loop.now();
      for (int left = SLICE; left > 0 && audience != null; left--) {
        checkNext(now);
      }
      if (audience == null && lag.report() == 0) {
        loop.pages().clear();
      }
      loop.scheduler().schedule();
    } catch (RuntimeException | Error e) {
      loop.scheduler().reportFailure("checking the streams", e);
    }
    schedule();
  }

  /** Looks at one stream, or at an audience after its streams. */
  private void checkNext(long now) {
    if (streams == null) {
      streams = Collections.emptyIterator(); // if copying fails, its turn comes with the next round
      streams = audience.subscribers().iterator();
    }
    if (streams.hasNext()) {
      liveness.check(streams.next(), now);
      return;
    }
    Audience complete = audience;
    nextAudience();
    liveness.check(complete, now);
    lag.add(complete);
  }

  private void nextAudience() {
    streams = null;
    audience = audiences.hasNext() ? audiences.next() : null;
    if (audience == null) {
      audiences = Collections.emptyIterator(); // it must not keep audiences that are removed
    }
  }

  /** If the next slice can't be scheduled, the next tick runs it. */
  private void schedule() {
    if (audience == null || scheduled) {
      return;
    }
    try {
      loop.vertx().setTimer(PAUSE_MILLIS, timer -> resume());
      scheduled = true;
    } catch (RuntimeException | Error e) {
      loop.scheduler().reportFailure("scheduling the check of the streams", e);
    }
  }

  private void resume() {
    scheduled = false;
    if (audience != null) {
      slice();
    }
  }
}
