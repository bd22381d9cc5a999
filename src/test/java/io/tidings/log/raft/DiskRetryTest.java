package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DiskRetryTest {
  private final RaftHealth health = new RaftHealth(Duration.ofSeconds(10), () -> 0);
  private final DiskRetry retry = new DiskRetry(health);

  @Test
  void publishingIsRefusedUntilTheDiskAcceptsWritesAgain() throws Exception {
    retry.await(new IOException("no space left"));
    assertTrue(health.refusal().orElseThrow().contains("no space left"));
    retry.recovered();
    assertEquals(Optional.empty(), health.refusal());
  }

  @Test
  void theThreadThatWaitsIsReleasedWhenTheRunEnds() {
    retry.stop();
    assertThrows(InterruptedException.class, () -> retry.await(new IOException("no space left")));
  }
}
