package io.tidings.fanout;

import java.util.concurrent.TimeUnit;

/**
 * How much of the work that can wait an event loop does before it looks at its sockets again:
 * little at first and where a round took long, more where it did not. What a round costs can't be
 * known before (a JVM just started needs ten times as long), and whoever listens waits for as long
 * as a round takes. Confined to one loop.
 */
public final class Pace {
  private static final long LONG_ROUND = TimeUnit.MILLISECONDS.toNanos(3);

  private final int most;
  private int size = 1;

  /** Begins with one, and never allows more than that. */
  public Pace(int most) {
    this.most = most;
  }

  /** How much to do before the next look at the sockets. */
  public int size() {
    return size;
  }

  /** Takes account of what the last round took. */
  public void took(long nanos) {
    size = nanos > LONG_ROUND ? Math.max(1, size / 2) : Math.min(most, size + 1);
  }
}
