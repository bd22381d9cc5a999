package io.tidings.log.raft;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Whether this node applies what is committed. A disk that hangs neither fails nor returns, so the
 * thread that applies can't tell. Confined to the thread that ticks.
 */
final class ApplyWatch {
  /** How long nothing may be applied though something is committed. */
  static final long HANGING_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final LongSupplier nanoTime;
  private long lastApplied = Long.MIN_VALUE;

  /** Since when something has been waiting, and when that was seen last. */
  private long since;

  private long seen;

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  ApplyWatch(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /**
   * Whether nothing was applied for too long; called many times a second.
   *
   * @param applied the index of the last entry that was applied
   * @param committed the highest index that is known to be committed
   */
  boolean hangs(long applied, long committed) {
    long now = nanoTime.getAsLong();
    boolean paused = now - seen >= HANGING_NANOS; // this process was stopped, too
    if (applied != lastApplied || applied >= committed || paused) {
      since = now;
    }
    lastApplied = applied;
    seen = now;
    return now - since >= HANGING_NANOS;
  }
}
