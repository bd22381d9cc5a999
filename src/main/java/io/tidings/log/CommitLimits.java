package io.tidings.log;

import java.time.Duration;

/**
 * What bounds the appends of a single node.
 *
 * @param once how long a repetition is recognised; zero for never
 * @param patience how long a publisher waits for its answer
 * @param retry how long to wait before it is tried again whether the log can be written
 * @param waitingBytes how much memory publications that wait may take
 */
public record CommitLimits(Duration once, Duration patience, Duration retry, long waitingBytes) {
  private static final long WAITING_BYTES = 64L << 20;
  private static final Duration RETRY = Duration.ofMillis(50);

  /** With the usual bounds on what waits, and on how long. */
  public static CommitLimits of(Duration once, Duration patience) {
    return new CommitLimits(once, patience, RETRY, WAITING_BYTES);
  }
}
