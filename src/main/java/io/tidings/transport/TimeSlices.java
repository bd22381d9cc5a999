package io.tidings.transport;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Limits the time of a kind of work to slices of {@link #SLICE_NANOS}; each is followed by a pause
 * of {@link #PAUSE_NANOS}. Work that arrives postpones the next slice, for {@link #ARRIVAL_NANOS}
 * at most. When slices have not sufficed for {@link #BACKLOG_NANOS}, because the machine is busy
 * and the loop comes late to each, they are of {@link #LONG_SLICE_NANOS} until one suffices.
 * Confined to one event loop.
 */
final class TimeSlices {
  static final long SLICE_NANOS = TimeUnit.MICROSECONDS.toNanos(500);
  static final long PAUSE_NANOS = 3 * SLICE_NANOS;

  /** How long it takes to receive the ends of some 15,000 connections. */
  static final long ARRIVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

  static final long BACKLOG_NANOS = ARRIVAL_NANOS + TimeUnit.SECONDS.toNanos(1);

  /** About as long as a loop may be busy with anything else. */
  static final long LONG_SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final LongSupplier nanoTime;

  private long sliceNanos = SLICE_NANOS;

  /** When the work began that slices do not suffice for; meaningful after one that is spent. */
  private long backlogNanos;

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
    this.backlogNanos = resumeNanos;
  }

  /** Begins the next slice if the pause is over. */
  void renew() {
    long now = nanoTime.getAsLong();
    if (open()) {
      backlogNanos = now;
      sliceNanos = SLICE_NANOS;
    }
    if (spentNanos > 0 && now - resumeNanos >= 0) {
      boolean backlog = !open() && now - backlogNanos >= BACKLOG_NANOS;
      sliceNanos = backlog ? LONG_SLICE_NANOS : sliceNanos;
      spentNanos = 0;
    }
  }

  /**
   * Postpones the next slice, since more work has arrived: the others of the loop are waiting for
   * it already, and as long as work arrives whoever sends it needs the processors too.
   */
  void postpone() {
    long now = nanoTime.getAsLong();
    if (!open() && now - backlogNanos < ARRIVAL_NANOS) {
      resumeNanos = now + PAUSE_NANOS;
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
