package io.tidings.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ChangeWaitTest {
  private Duration waited = Duration.ZERO;

  private void pause(Duration time) {
    waited = waited.plus(time);
  }

  @Test
  void itEndsWithTheChange() throws Exception {
    var looks = new AtomicInteger();
    assertTrue(
        new ChangeWait(() -> looks.incrementAndGet() < 3, this::pause, () -> waited.toNanos())
            .ended());
    assertEquals(Duration.ofSeconds(1), waited);
  }

  @Test
  void aChangeThatDoesNotEndIsNotAwaitedForEver() throws Exception {
    assertFalse(new ChangeWait(() -> true, this::pause, () -> waited.toNanos()).ended());
    assertEquals(ChangeWait.MOST, waited);
  }

  /** A hub that answers slowly. */
  @Test
  void looksThatTakeLongCountToo() throws Exception {
    var looks = new AtomicInteger();
    ChangeWait.Look slow =
        () -> {
          pause(Duration.ofSeconds(40));
          return looks.incrementAndGet() > 0;
        };
    assertFalse(new ChangeWait(slow, this::pause, () -> waited.toNanos()).ended());
    assertEquals(15, looks.get());
  }
}
