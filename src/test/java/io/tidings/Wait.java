package io.tidings;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waiting for something that must come to be so. */
public final class Wait {
  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);
  private static final long BETWEEN_LOOKS = TimeUnit.MILLISECONDS.toNanos(10);

  private Wait() {}

  /** Returns when it is so; fails when it is not after a minute. */
  public static void until(String what, BooleanSupplier isSo) {
    long deadline = System.nanoTime() + PATIENCE;
    while (!isSo.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("waited in vain: " + what);
      }
      LockSupport.parkNanos(BETWEEN_LOOKS);
    }
  }
}
