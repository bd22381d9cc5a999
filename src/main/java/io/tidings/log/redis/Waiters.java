package io.tidings.log.redis;

import io.tidings.log.LogUnavailable;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Those who wait until all is handed over that a store had when they asked. Confined to the store's
 * thread.
 */
public final class Waiters {
  private static final long PATIENCE_MILLIS = 2_000;
  private static final long UNKNOWN = Long.MAX_VALUE;

  private final List<Waiter> waiting = new ArrayList<>();

  /** One more, of whom it is to be found out for what he waits. */
  public void add(Promise<Void> promise) {
    waiting.add(new Waiter(promise, UNKNOWN));
  }

  /** One more, who waits until that is handed over. */
  public void add(Promise<Void> promise, long target) {
    waiting.add(new Waiter(promise, target));
  }

  public boolean none() {
    return waiting.isEmpty();
  }

  /**
   * Whoever asked before that time waits for what the store was found to have then.
   *
   * @param nanos when the store was asked, by {@link System#nanoTime}
   */
  public void found(long end, long nanos) {
    for (Waiter waiter : waiting) {
      if (waiter.target == UNKNOWN && nanos - waiter.asked >= 0) {
        waiter.target = end;
      }
    }
  }

  /** All up to there is handed over. */
  public void reached(long place) {
    waiting.removeIf(waiter -> place >= waiter.target && waiter.promise.tryComplete());
  }

  /** Lets those go who have waited for too long; their futures fail. */
  public void giveUpLate() {
    long late = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
    waiting.removeIf(
        waiter ->
            waiter.asked - late < 0
                && waiter.promise.tryFail(
                    new LogUnavailable("the log does not answer in time", null)));
  }

  private static final class Waiter {
    private final Promise<Void> promise;
    private final long asked = System.nanoTime();
    private long target;

    Waiter(Promise<Void> promise, long target) {
      this.promise = promise;
      this.target = target;
    }
  }
}
