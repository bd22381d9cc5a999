package io.tidings.log.redis;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Promise;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WaitersTest {
  private long nanos = 1;
  private final Waiters waiters = new Waiters(() -> nanos);

  @Test
  void aCallWaitsUntilItsOffsetIsReached() {
    Promise<Void> early = Promise.promise();
    Promise<Void> late = Promise.promise();
    waiters.add(early, 5);
    waiters.add(late, 7);
    waiters.reached(4);
    assertFalse(early.future().isComplete());
    waiters.reached(6);
    assertTrue(early.future().succeeded());
    assertFalse(late.future().isComplete());
    waiters.reached(7);
    assertTrue(late.future().succeeded());
  }

  @Test
  void aCallThatHasWaitedForTwoSecondsFails() {
    Promise<Void> promise = Promise.promise();
    waiters.add(promise, 5);
    nanos += Duration.ofSeconds(2).toNanos();
    waiters.expire();
    assertFalse(promise.future().isComplete());
    nanos++;
    waiters.expire();
    assertTrue(promise.future().failed());
    waiters.reached(5);
    assertTrue(promise.future().failed());
  }
}
