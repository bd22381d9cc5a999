package io.tidings.cluster;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Detects that this process was suspended: stopped, starved of CPU, or moved to another machine.
 * The other nodes may have removed it from the cluster meanwhile, which it learns only some time
 * after it runs again. Any thread; {@link #tick} by one at a time.
 */
final class PauseDetector {
  private final LongSupplier nanoTime;
  private final long maxPauseNanos;
  private volatile long lastTick;
  private volatile long resumedAt;
  private volatile boolean recovering;

  /**
   * @param silence after which the other nodes remove a node
   * @param nanoTime as {@link System#nanoTime}
   */
  PauseDetector(Duration silence, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.maxPauseNanos = silence.toNanos() / 2;
    this.lastTick = nanoTime.getAsLong();
    this.resumedAt = lastTick;
  }

  /** Starts to measure: the time before is not a pause. */
  void start() {
    lastTick = nanoTime.getAsLong();
  }

  /** To be called many times within half of the silence; a longer interval is a pause. */
  void tick() {
    long now = nanoTime.getAsLong();
    if (now - lastTick > maxPauseNanos) {
      recovering = true;
      resumedAt = now;
    } else if (recovering && now - resumedAt > 2 * maxPauseNanos) {
      recovering = false;
    }
    lastTick = now;
  }

  /**
   * Whether this node knows of its removal, if it was removed: there is no pause now, and a whole
   * silence has passed since the last one.
   */
  boolean upToDate() {
    return !recovering && nanoTime.getAsLong() - lastTick < maxPauseNanos;
  }
}
