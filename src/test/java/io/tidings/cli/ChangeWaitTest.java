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
    assertTrue(new ChangeWait(() -> looks.incrementAndGet() < 3, this::pause).ended());
    assertEquals(Duration.ofSeconds(1), waited);
  }

  @Test
  void aChangeThatDoesNotEndIsNotAwaitedForEver() throws Exception {
    assertFalse(new ChangeWait(() -> true, this::pause).ended());
    assertEquals(ChangeWait.MOST, waited);
  }
}
