package io.tidings.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StoreHealthTest {
  private static final long LATER = TimeUnit.SECONDS.toNanos(3);
  private final StoreHealth health = new StoreHealth();

  private static final Optional<String> WELL = Optional.empty();

  @Test
  void itIsWellUntilSomethingIsSeen() {
    assertEquals(WELL, health.problem(LATER));
  }

  @Test
  void whatIsRefusedIsAProblemUntilSomethingIsTaken() {
    health.addStarted(1);
    health.addFailed("full");
    assertEquals(Optional.of("full"), health.problem(2));
    health.probeStarted(2);
    health.probeEnded("");
    assertEquals(Optional.of("full"), health.problem(3));
    health.addStarted(3);
    health.addSucceeded(1, 4);
    assertEquals(WELL, health.problem(4));
  }

  @Test
  void whatHasNoAnswerForLongIsAProblem() {
    health.addStarted(1);
    assertEquals(WELL, health.problem(2));
    assertEquals(Optional.of("the store does not answer"), health.problem(LATER));
    health.addSucceeded(1, LATER);
    assertEquals(WELL, health.problem(LATER));
    health.probeStarted(LATER);
    assertEquals(Optional.of("the store does not answer"), health.problem(2 * LATER));
    health.probeEnded("");
    assertEquals(WELL, health.problem(2 * LATER - 1_000_000_000));
  }

  @Test
  void whatIsStoredAndNotReadBackIsAProblemWhileNothingComes() {
    health.addSucceeded(1, 1);
    health.addSucceeded(2, LATER / 2);
    assertEquals(
        Optional.of("the store does not deliver the records that it stored"),
        health.problem(LATER));
    health.readBack(1, LATER);
    assertEquals(WELL, health.problem(LATER + 1));
    health.readBack(2, LATER + 1);
    assertEquals(WELL, health.problem(9 * LATER));
  }

  @Test
  void whatIsReadBackBeforeItsAnswerCameIsNotAwaited() {
    health.readBack(5, 1);
    health.addSucceeded(5, 2);
    assertEquals(WELL, health.problem(LATER));
  }

  @Test
  void whatWasLostIsNotAwaitedAfterTheStoreWasReadAnew() {
    health.addSucceeded(5, 1);
    health.reloaded();
    assertEquals(WELL, health.problem(LATER));
  }

  @Test
  void whatIsNotFollowedIsAProblemWhateverElseGoesWell() {
    health.unreachable("no way");
    health.addSucceeded(1, 1);
    health.readBack(1, 1);
    assertEquals(Optional.of("no way"), health.problem(2));
    health.unreachable("");
    assertEquals(WELL, health.problem(2));
  }
}
