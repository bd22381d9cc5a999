package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.log.LogState;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;

class ReadinessTest {
  private final Readiness readiness = new Readiness();

  @Test
  void aHubIsNotReadyWhileItStarts() {
    readiness.log(LogState.UP);
    assertFalse(readiness.ready());
    assertEquals("starting", readiness.reason());
    readiness.listening();
    assertTrue(readiness.ready());
    assertEquals("", readiness.reason());
  }

  @Test
  void aHubIsNotReadyWhileItsLogIsUnavailable() {
    readiness.listening();
    assertEquals("the log is down", readiness.reason(), "initially");
    for (LogState state : EnumSet.complementOf(EnumSet.of(LogState.UP))) {
      readiness.log(state);
      assertFalse(readiness.ready(), state.toString());
      readiness.log(LogState.UP);
      assertTrue(readiness.ready(), state.toString());
    }
  }

  @Test
  void aDrainingHubIsNotReadyWhateverTheStateOfItsLog() {
    readiness.listening();
    readiness.log(LogState.UP);
    readiness.draining();
    readiness.log(LogState.UP);
    assertFalse(readiness.ready());
    assertEquals("stopping", readiness.reason());
    assertTrue(readiness.isDraining());
  }

  @Test
  void aHubWhoseEventLoopHasEndedIsNotReadyUntilItIsStartedAgain() {
    readiness.listening();
    readiness.log(LogState.UP);
    assertTrue(readiness.alive());
    readiness.loopEnded();
    readiness.log(LogState.UP);
    assertFalse(readiness.ready());
    assertFalse(readiness.alive());
    assertTrue(readiness.reason().contains("event loop"), readiness::reason);
  }
}
