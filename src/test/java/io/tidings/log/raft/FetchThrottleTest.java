package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FetchThrottleTest {
  private final AtomicLong now = new AtomicLong(5);

  @Test
  void theRateIsKeptAndAPauseIsNotMadeUpFor() {
    var throttle = new FetchThrottle(1_000_000, now::get);
    assertEquals(0, throttle.delay(500_000));
    assertEquals(TimeUnit.MILLISECONDS.toNanos(500), throttle.delay(250_000));
    now.addAndGet(TimeUnit.SECONDS.toNanos(60));
    assertEquals(0, throttle.delay(1_000_000));
    assertEquals(TimeUnit.SECONDS.toNanos(1), throttle.delay(1));
  }

  @Test
  void aRequestIsForAQuarterOfASecondWithinBounds() {
    assertEquals(16 << 10, new FetchThrottle(64 << 10, now::get).chunk(1 << 30));
    assertEquals(512 << 10, new FetchThrottle(1 << 30, now::get).chunk(1 << 30));
    assertEquals(7, new FetchThrottle(1 << 30, now::get).chunk(7));
  }
}
