package io.tidings.limits;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * A rate with bursts: a bucket of tokens that refills steadily. Immutable; the state of a bucket is
 * one number, the time at which it is full again (the generic cell rate algorithm), so that it
 * changes by one compare-and-set and needs no timer.
 *
 * <p>Tokens that do not fit into the bucket are taken once it is full, and leave it in debt: what
 * is larger than a burst passes, and the rate holds. The debt of one request is at most {@link
 * #MAX_DEBT}.
 *
 * <p>Times are of {@link System#nanoTime}: only their differences count. A bucket that seems to
 * lack more than is possible was written before the clock was set back, and counts as full.
 */
public final class Rate {
  static final Duration MAX_DEBT = Duration.ofDays(1);

  private final int slot;
  private final long tokens;
  private final long periodNanos;
  private final long burstNanos;

  /**
   * @param slot the index of its buckets in the state of a client
   * @param tokens what a client may take in a period; 0 for any number
   * @param burst how long an empty bucket takes to be full
   */
  public Rate(int slot, long tokens, Duration period, Duration burst) {
    this.slot = slot;
    this.tokens = tokens;
    this.periodNanos = period.toNanos();
    this.burstNanos = burst.toNanos();
  }

  boolean unlimited() {
    return tokens == 0;
  }

  /**
   * Takes tokens from a bucket, all or none.
   *
   * @return 0 if they were taken, else the nanoseconds after which they may be
   */
  public long take(AtomicLongArray buckets, long count, long now) {
    if (unlimited()) {
      return 0;
    }
    long cost = cost(count);
    while (true) {
      long full = buckets.get(slot);
      long missing = missing(full, now);
      long wait = wait(missing, cost);
      if (wait > 0) {
        return wait;
      }
      if (cost == 0 || buckets.compareAndSet(slot, full, now + missing + cost)) {
        return 0;
      }
    }
  }

  /** As {@link #take}, without taking. */
  long peek(AtomicLongArray buckets, long count, long now) {
    return unlimited() ? 0 : wait(missing(buckets.get(slot), now), cost(count));
  }

  /** Puts tokens back that were taken for something that was then refused. */
  void giveBack(AtomicLongArray buckets, long count) {
    if (!unlimited()) {
      buckets.addAndGet(slot, -cost(count));
    }
  }

  /** Whether the bucket is full, as a new one is. */
  boolean full(AtomicLongArray buckets, long now) {
    return unlimited() || missing(buckets.get(slot), now) == 0;
  }

  private long wait(long missing, long cost) {
    return Math.max(0, missing + Math.min(cost, burstNanos) - burstNanos);
  }

  /** How long the bucket takes to be full. */
  private long missing(long full, long now) {
    long missing = full - now; // the difference is right even if a time has overflowed
    return missing < 0 || missing > burstNanos + MAX_DEBT.toNanos() ? 0 : missing;
  }

  /** How long the refilling of that many tokens takes. */
  private long cost(long count) {
    double nanos = Math.ceil((double) count * periodNanos / tokens); // exceeds no double
    return nanos >= MAX_DEBT.toNanos() ? MAX_DEBT.toNanos() : (long) nanos;
  }
}
