package io.tidings;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * The pace of what a test does itself: of a publisher's events, or of a client's attempts. To wait
 * for what the hub does, use {@link Wait}. Confined to one thread.
 */
public final class Pacing {
  private final long interval;
  private final long maxLag;
  private long due = System.nanoTime();

  private Pacing(Duration interval, Duration maxLag) {
    this.interval = interval.toNanos();
    this.maxLag = maxLag.toNanos();
  }

  /**
   * A pace that is kept on average: after a delay, actions follow each other without a pause until
   * they have caught up.
   *
   * @param maxLag the delay that is caught up; of a longer one, nothing is
   */
  public static Pacing of(Duration interval, Duration maxLag) {
    return new Pacing(interval, maxLag);
  }

  /** Pauses until the next action is due, which is an interval after the previous one. */
  public void next() {
    due += interval;
    long now = System.nanoTime();
    if (now - due > maxLag) {
      due = now;
    }
    sleepUntil(due);
  }

  /** Pauses between two actions of a client or a publisher. */
  public static void pause(Duration time) {
    sleepUntil(System.nanoTime() + time.toNanos());
  }

  /** Returns early if the thread is interrupted. */
  private static void sleepUntil(long nanos) {
    long left = nanos - System.nanoTime();
    while (left > 0 && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(left);
      left = nanos - System.nanoTime();
    }
  }
}
