package io.tidings;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Awaits a condition. */
public final class Wait {
  private static final long TIMEOUT = TimeUnit.SECONDS.toNanos(60);
  private static final long POLL_INTERVAL = TimeUnit.MILLISECONDS.toNanos(10);

  private Wait() {}

  /** Returns when the condition holds; fails after a minute. */
  public static void until(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TIMEOUT;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("timed out waiting until " + what);
      }
      LockSupport.parkNanos(POLL_INTERVAL);
    }
  }
}
