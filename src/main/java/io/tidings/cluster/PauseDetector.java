package io.tidings.cluster;

import java.time.Duration;

/**
 * Notices that this process was held up: stopped, starved, or moved to another machine. Whoever was
 * away for long may have been given up, and learns that a moment after it is back. Any thread.
 */
final class PauseDetector {
  private final long longAbsence;
  private volatile long lastLook = System.nanoTime();
  private volatile long divided = lastLook;
  private volatile boolean wasAway;

  /**
   * @param silence after which others give a node up
   */
  PauseDetector(Duration silence) {
    this.longAbsence = silence.toNanos() / 2;
  }

  /** It counts from now on. */
  void begin() {
    lastLook = System.nanoTime();
  }

  /** To be called many times in that time, for as long as the process is not held up. */
  void look() {
    long now = System.nanoTime();
    if (now - lastLook > longAbsence) {
      wasAway = true;
      divided = now;
    } else if (wasAway && now - divided > 2 * longAbsence) {
      wasAway = false;
    }
    lastLook = now;
  }

  /** Whether it was here for so long that it knows what the others know. */
  boolean undivided() {
    return !wasAway && System.nanoTime() - lastLook < longAbsence;
  }
}
