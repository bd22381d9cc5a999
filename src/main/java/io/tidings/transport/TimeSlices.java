package io.tidings.transport;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Limits the time of a kind of work to slices of {@link #SLICE_NANOS}; each is followed by a pause
 * of {@link #PAUSE_NANOS}. Confined to one event loop.
 */
final class TimeSlices {
  static final long SLICE_NANOS = TimeUnit.MICROSECONDS.toNanos(500);
  static final long PAUSE_NANOS = 3 * SLICE_NANOS;

  private final LongSupplier nanoTime;

  /** The time spent in this slice. */
  private long spentNanos;

  /** When the next slice begins; meaningful once this one is spent. */
  private long resumeNanos;

  /**
   * @param nanoTime the clock {@link System#nanoTime}, by which event loops wait
   */
  TimeSlices(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.resumeNanos = nanoTime.getAsLong();
  }

  /** Begins the next slice if the pause is over. */
  void renew() {
    if (spentNanos > 0 && nanoTime.getAsLong() - resumeNanos >= 0) {
      spentNanos = 0;
    }
  }

  /** Whether there is time left in this slice. */
  boolean open() {
    return spentNanos < SLICE_NANOS;
  }

  /** Begins a piece of work, and returns what {@link #spent} needs. */
  long begin() {
    return nanoTime.getAsLong();
  }

  /** Ends a piece of work. */
  void spent(long begin) {
    long end = nanoTime.getAsLong();
    spentNanos += end - begin;
    if (!open()) {
      resumeNanos = end + PAUSE_NANOS;
    }
  }

  /** The time until the next slice; 0 if it may begin. */
  long pauseNanos(long now) {
    return Math.max(0, resumeNanos - now);
  }
}
