package io.tidings.log;

import java.time.Duration;

/**
 * The bounds of a single node's appends.
 *
 * @param once how long duplicates are recognised; zero for never
 * @param patience how long a publisher waits for its result
 * @param retry the interval at which a log that can't be written is probed
 * @param waitingBytes the maximum memory of waiting publications
 */
public record CommitLimits(Duration once, Duration patience, Duration retry, long waitingBytes) {
  private static final long WAITING_BYTES = 64L << 20;
  private static final Duration RETRY = Duration.ofMillis(50);

  /** Limits with a retry interval of 50 ms and 64 MiB of waiting publications. */
  public static CommitLimits of(Duration once, Duration patience) {
    return new CommitLimits(once, patience, RETRY, WAITING_BYTES);
  }
}
