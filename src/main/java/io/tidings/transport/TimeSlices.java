package io.tidings.transport;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Limits the time of a kind of work to a quarter of the whole, in slices of {@link #SLICE_NANOS},
 * each of which is followed by a pause of {@link #PAUSE_NANOS}. A loop that comes late to a slice,
 * because it is busy or the machine is, gets a longer one: a third of the time since the last, at
 * most {@link #MAX_SLICE_NANOS}. Confined to one event loop.
 */
final class TimeSlices {
  static final long SLICE_NANOS = TimeUnit.MICROSECONDS.toNanos(500);
  static final long PAUSE_NANOS = 3 * SLICE_NANOS;

  /** About as long as a loop may be busy with anything else. */
  static final long MAX_SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final LongSupplier nanoTime;

  private long sliceNanos = SLICE_NANOS;

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
    if (spentNanos == 0) {
      return;
    }
    long late = nanoTime.getAsLong() - resumeNanos;
    if (late >= 0) {
      sliceNanos = open() ? SLICE_NANOS : Math.min(MAX_SLICE_NANOS, (PAUSE_NANOS + late) / 3);
      spentNanos = 0;
    }
  }

  /** Whether there is time left in this slice. */
  boolean open() {
    return spentNanos < sliceNanos;
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
