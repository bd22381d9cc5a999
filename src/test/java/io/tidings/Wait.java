package io.tidings;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Awaits a condition. A pause that is part of what a test does is in {@link Pacing}. */
public final class Wait {
  private static final Duration TIMEOUT = Duration.ofMinutes(1);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(10);

  private Wait() {}

  /** A condition; an exception fails the test. */
  public interface Condition {
    boolean holds() throws Exception;
  }

  /** Returns when the condition holds; fails after a minute. */
  public static void until(String what, Condition condition) {
    until(TIMEOUT, () -> what, condition);
  }

  /**
   * Returns when the condition holds; fails after that time.
   *
   * @param what is asked for only if the condition does not hold in time
   */
  public static void until(Duration timeout, Supplier<String> what, Condition condition) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!holds(what, condition)) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("timed out waiting until " + what.get());
      }
      if (Thread.currentThread().isInterrupted()) { // by the time limit of the test
        throw new AssertionError("interrupted while waiting until " + what.get());
      }
      LockSupport.parkNanos(POLL_INTERVAL.toNanos());
    }
  }

  private static boolean holds(Supplier<String> what, Condition condition) {
    try {
      return condition.holds();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError("failed while waiting until " + what.get(), e);
    }
  }
}
