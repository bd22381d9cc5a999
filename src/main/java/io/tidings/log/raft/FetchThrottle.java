package io.tidings.log.raft;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Keeps a rate of bytes a second, after a pause too. One thread. */
final class FetchThrottle {
  private final long bytesPerSecond;
  private final LongSupplier nanoTime;
  private long next;

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  FetchThrottle(long bytesPerSecond, LongSupplier nanoTime) {
    this.bytesPerSecond = bytesPerSecond;
    this.nanoTime = nanoTime;
    this.next = nanoTime.getAsLong();
  }

  /** How long to wait, in nanoseconds, before these bytes are asked for. */
  long delay(int bytes) {
    long now = nanoTime.getAsLong();
    long begin = Math.max(now, next);
    next = begin + (long) (bytes * 1e9 / bytesPerSecond);
    return begin - now;
  }

  /** The most bytes to ask for at once: those of a quarter of a second, within bounds. */
  int chunk(long left) {
    long quarter = bytesPerSecond * TimeUnit.MILLISECONDS.toNanos(250) / 1_000_000_000L;
    return (int) Math.min(left, Math.max(4 << 10, Math.min(512 << 10, quarter)));
  }
}
