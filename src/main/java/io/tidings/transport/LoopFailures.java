package io.tidings.transport;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Logs failures within an event loop, at most one in ten seconds, with the number of the others:
 * when memory is short, thousands may follow each other. Confined to the event loop.
 */
final class LoopFailures {
  private static final System.Logger LOG = System.getLogger(LoopFailures.class.getName());
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final LongSupplier nanoTime;
  private boolean reported;
  private long reportedNanos;

  /** The failures since the last one that was logged. */
  private int others;

  /**
   * @param nanoTime a monotonic clock
   */
  LoopFailures(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  void report(String what, Throwable failure) {
    long now = nanoTime.getAsLong();
    if (reported && now - reportedNanos < INTERVAL_NANOS) {
      others++;
      return;
    }
    try {
      String more = others == 0 ? "" : " (and " + others + " others since the last report)";
      LOG.log(System.Logger.Level.WARNING, what + more, failure);
      others = 0;
      reported = true;
      reportedNanos = now;
    } catch (OutOfMemoryError e) {
      others++; // told by the next report
    }
  }
}
