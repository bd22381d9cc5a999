package io.tidings.cli;

import java.io.IOException;
import java.time.Duration;

/** Waits until a change of the voters has ended, for some time: it goes on without the command. */
final class ChangeWait {
  static final Duration MOST = Duration.ofMinutes(10);
  private static final Duration PACE = Duration.ofMillis(500);

  private final Look look;
  private final Pause pause;

  /** Whether the voters are being changed. */
  interface Look {
    boolean changing() throws IOException, InterruptedException;
  }

  /** Sleeps. */
  interface Pause {
    void of(Duration time) throws InterruptedException;
  }

  ChangeWait(Look look, Pause pause) {
    this.look = look;
    this.pause = pause;
  }

  /** Returns whether it has ended in time. */
  boolean ended() throws IOException, InterruptedException {
    for (long looks = MOST.dividedBy(PACE); looks > 0; looks--) {
      if (!look.changing()) {
        return true;
      }
      pause.of(PACE);
    }
    return false;
  }
}
