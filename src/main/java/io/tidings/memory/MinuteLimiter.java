package io.tidings.memory;

import java.util.concurrent.TimeUnit;

/** Counts what is to be reported no more than once a minute. Any thread. */
public final class MinuteLimiter {
  private static final long BETWEEN_NANOS = TimeUnit.MINUTES.toNanos(1);

  private long count;
  private boolean reported;
  private long reportedNanos;

  /**
   * It happened once more.
   *
   * @param nanos the time, by {@link System#nanoTime}
   * @return how often since the last report, where it is time for one; else 0
   */
  public synchronized long count(long nanos) {
    count++;
    if (reported && nanos - reportedNanos < BETWEEN_NANOS) {
      return 0;
    }
    long since = count;
    count = 0;
    reported = true;
    reportedNanos = nanos;
    return since;
  }
}
