package io.tidings.log.raft;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Has the thread that applies wait while the disk refuses, until the run of the engine ends.
 * Thread-safe.
 */
final class DiskRetry implements CommandApplier.WriteRetry {
  private static final long RETRY_MILLIS = 100;

  private final RaftHealth health;
  private final CountDownLatch stopped = new CountDownLatch(1);

  DiskRetry(RaftHealth health) {
    this.health = health;
  }

  @Override
  public void await(IOException cause) throws InterruptedException {
    health.failed(String.valueOf(cause.getMessage()));
    if (stopped.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
      throw new InterruptedException("the log is being closed");
    }
  }

  @Override
  public void recovered() {
    health.recovered();
  }

  /** Nothing is written again. */
  void stop() {
    stopped.countDown();
  }
}
