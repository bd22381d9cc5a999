package io.tidings.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Waits until a change of the voters has ended, for some time: it goes on without the command. */
final class ChangeWait {
  static final Duration MOST = Duration.ofMinutes(10);
  private static final Duration PACE = Duration.ofMillis(500);

  private final Look look;
  private final Pause pause;
  private final LongSupplier nanoTime;

  /** Whether the voters are being changed. */
  interface Look {
    boolean changing() throws IOException, InterruptedException;
  }

  /** Sleeps. */
  interface Pause {
    void of(Duration time) throws InterruptedException;
  }

  /**
   * @param nanoTime as {@link System#nanoTime}; a look may take long too
   */
  ChangeWait(Look look, Pause pause, LongSupplier nanoTime) {
    this.look = look;
    this.pause = pause;
    this.nanoTime = nanoTime;
  }

  /** Returns whether it has ended in time. */
  boolean ended() throws IOException, InterruptedException {
    long begun = nanoTime.getAsLong();
    while (nanoTime.getAsLong() - begun < MOST.toNanos()) {
      if (!look.changing()) {
        return true;
      }
      pause.of(PACE);
    }
    return false;
  }
}
