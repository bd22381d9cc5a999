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
  private final Collection<Audience> all;

  private Iterator<Audience> audiences = Collections.emptyIterator();

  /** The audience that the round is at; null between two rounds. */
  private Audience audience;

  /** Its streams that were not looked at yet; null before the first. */
  private Iterator<Subscriber> streams;

  private boolean scheduled;

  /**
   * @param all a view of the audiences of the loop
   */
  StreamCheck(LoopContext loop, LivenessCheck liveness, LagMonitor lag, Collection<Audience> all) {
    this.loop = loop;
    this.liveness = liveness;
    this.lag = lag;
    this.all = all;
  }

  /** Begins a round; if one is running still, it goes on instead. Called by a timer. */
  void tick() {
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
    lag.stop();
  }

  /** A failure ends only the slice: the next one goes on with the next stream. */
  private void slice() {
    try {
      long now = loop.now();
      for (int left = SLICE; left > 0 && audience != null; left--) {
        checkNext(now);
      }
      if (audience == null) {
        report();
      }
    } catch (RuntimeException | Error e) {
      loop.scheduler().reportFailure("checking the streams", e);
    }
    schedule();
  }

  private void report() {
    long lagging = lag.report(all.size());
    if (lagging == 0 && loop.scheduler().nothingToRead()) { // nobody began to lag meanwhile
      loop.pages().clear();
    }
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

  /** What can't be scheduled the next tick does. */
  private void schedule() {
    try {
      loop.scheduler().schedule(); // what is to be delivered now, such as heartbeats
      if (audience != null && !scheduled) {
        loop.vertx().setTimer(PAUSE_MILLIS, timer -> resume());
        scheduled = true;
      }
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
