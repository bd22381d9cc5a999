package io.tidings.memory;

import java.util.concurrent.TimeUnit;

/** Counts what was refused, and says once a minute how much it was. Any thread. */
public final class Refusals {
  private static final long BETWEEN_NANOS = TimeUnit.MINUTES.toNanos(1);

  private long refused;
  private boolean reported;
  private long reportedNanos;

  /**
   * One more was refused.
   *
   * @param nanos the time, by {@link System#nanoTime}
   * @return how many were since the last report, where it is time for one; else 0
   */
  public synchronized long refused(long nanos) {
    refused++;
    if (reported && nanos - reportedNanos < BETWEEN_NANOS) {
      return 0;
    }
    long count = refused;
    refused = 0;
    reported = true;
    reportedNanos = nanos;
    return count;
  }
}
