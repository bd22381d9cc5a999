package io.tidings.memory;

import java.util.concurrent.TimeUnit;

/** Counts occurrences that are reported at most once a minute. Any thread. */
public final class MinuteLimiter {
  private static final long INTERVAL_NANOS = TimeUnit.MINUTES.toNanos(1);

  private long count;
  private boolean reported;
  private long reportedNanos;

  /**
   * Counts one occurrence.
   *
   * @param nanos the time by {@link System#nanoTime}
   * @return the count since the last report if a report is due, else 0
   */
  public synchronized long count(long nanos) {
    count++;
    if (reported && nanos - reportedNanos < INTERVAL_NANOS) {
      return 0;
    }
    long since = count;
    count = 0;
    reported = true;
    reportedNanos = nanos;
    return since;
  }
}
