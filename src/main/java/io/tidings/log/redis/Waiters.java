package io.tidings.log.redis;

import io.tidings.log.LogUnavailable;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The calls that wait until all records up to an offset are delivered. Confined to the store's
 * thread.
 */
final class Waiters {
  private static final long PATIENCE_NANOS = Duration.ofSeconds(2).toNanos();

  private final LongSupplier nanoTime;
  private final List<Waiter> waiting = new ArrayList<>();

  /**
   * @param nanoTime the clock that limits waiting, as {@link System#nanoTime}
   */
  Waiters(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Completes the promise when the offset is {@link #reached}. */
  void add(Promise<Void> promise, long offset) {
    waiting.add(new Waiter(promise, offset, nanoTime.getAsLong() + PATIENCE_NANOS));
  }

  /** All records up to the offset are delivered. */
  void reached(long offset) {
    waiting.removeIf(waiter -> offset >= waiter.offset && waiter.promise.tryComplete());
  }

  /** Fails the promises that have waited for too long. */
  void expire() {
    long now = nanoTime.getAsLong();
    waiting.removeIf(
        waiter ->
            now - waiter.deadline > 0
                && waiter.promise.tryFail(
                    new LogUnavailable("the log does not answer in time", null)));
  }

  private record Waiter(Promise<Void> promise, long offset, long deadline) {}
}
