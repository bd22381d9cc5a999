package io.tidings.log.raft;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A wait for other nodes that has no end, since they may come at any time: reported once a minute,
 * so that it is seen if they never will. One thread.
 */
final class LongWait {
  private static final long REPORT_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final LongSupplier nanoTime;
  private long since;
  private long reported;

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  LongWait(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    answered();
  }

  /** One of them has answered. */
  void answered() {
    since = nanoTime.getAsLong();
    reported = since;
  }

  /** None of them answers; returns for how many minutes, if that is to be reported. */
  Optional<Long> silent() {
    long now = nanoTime.getAsLong();
    if (now - reported < REPORT_NANOS) {
      return Optional.empty();
    }
    reported = now;
    return Optional.of(TimeUnit.NANOSECONDS.toMinutes(now - since));
  }

  /** What is logged. */
  static String text(Iterable<String> nodes, long minutes) {
    return "none of "
        + String.join(", ", nodes)
        + " has answered for "
        + minutes
        + " min, and this node goes on waiting: if they are gone, start it again with nodes of the cluster that run as cluster.members";
  }
}
