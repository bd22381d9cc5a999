package io.tidings.log;

import io.tidings.metrics.Metrics;
import java.time.Duration;
import java.time.InstantSource;

/** Creates logs for tests of other packages. */
public final class TestLogs {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private TestLogs() {}

  /** A log in memory with its own committer thread. */
  public static StandaloneLog inMemory(Retention keep, Duration once, InstantSource clock) {
    return StandaloneLog.inMemory(keep, CommitLimits.of(once, PATIENCE), clock, new Metrics());
  }
}
