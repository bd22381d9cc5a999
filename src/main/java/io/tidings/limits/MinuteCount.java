package io.tidings.limits;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How much was counted in the last minute. Any thread, without locks.
 *
 * <p>Counts are kept for periods of five seconds. Each is one number, with the period in the upper
 * bits, so that a slot is emptied and counted in by one compare-and-set. The minute ends now and
 * begins within the oldest period, which counts in part.
 */
final class MinuteCount {
  private static final int PERIODS = 12;
  private static final int SLOTS = PERIODS + 1;
  private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int COUNT_BITS = 40;
  private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;
  private static final long STAMP_MASK = -1L >>> COUNT_BITS;

  private final AtomicLongArray slots = new AtomicLongArray(SLOTS);

  /**
   * @param nanos the time, which begins at 0
   */
  void add(long count, long nanos) {
    long period = nanos / PERIOD_NANOS;
    int slot = (int) (period % SLOTS);
    long stamp = period & STAMP_MASK;
    while (true) {
      long old = slots.get(slot);
      if (old >>> COUNT_BITS == stamp) {
        slots.getAndAdd(slot, count);
        return;
      }
      if (slots.compareAndSet(slot, old, stamp << COUNT_BITS | count)) {
        return;
      }
    }
  }

  /** The sum of the last minute. */
  double sum(long nanos) {
    long period = nanos / PERIOD_NANOS;
    double sum = 0;
    for (long one = period; one > period - PERIODS && one >= 0; one--) {
      sum += of(one);
    }
    double over = (double) (nanos % PERIOD_NANOS) / PERIOD_NANOS;
    return period < PERIODS ? sum : sum + of(period - PERIODS) * (1 - over);
  }

  private long of(long period) {
    long slot = slots.get((int) (period % SLOTS));
    return slot >>> COUNT_BITS == (period & STAMP_MASK) ? slot & COUNT_MASK : 0;
  }
}
