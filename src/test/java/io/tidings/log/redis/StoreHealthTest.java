package io.tidings.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StoreHealthTest {
  private static final long LATER = TimeUnit.SECONDS.toNanos(3);
  private final StoreHealth health = new StoreHealth();

  private static final Optional<String> NONE = Optional.empty();

  @Test
  void thereIsNoProblemAtFirst() {
    assertEquals(NONE, health.problem(LATER));
  }

  @Test
  void aRefusedAddIsAProblemUntilAnotherSucceeds() {
    health.addStarted(1);
    health.addFailed("full");
    assertEquals(Optional.of("full"), health.problem(2));
    health.probeStarted(2);
    health.probeEnded("");
    assertEquals(Optional.of("full"), health.problem(3));
    health.addStarted(3);
    health.addSucceeded(1, 4);
    assertEquals(NONE, health.problem(4));
  }

  @Test
  void anOverdueAnswerIsAProblem() {
    health.addStarted(1);
    assertEquals(NONE, health.problem(2));
    assertEquals(Optional.of("the store does not answer"), health.problem(LATER));
    health.addSucceeded(1, LATER);
    assertEquals(NONE, health.problem(LATER));
    health.probeStarted(LATER);
    assertEquals(Optional.of("the store does not answer"), health.problem(2 * LATER));
    health.probeEnded("");
    assertEquals(NONE, health.problem(2 * LATER - 1_000_000_000));
  }

  @Test
  void storedPublicationsThatAreNotReadBackAreAProblemWhileNoneIs() {
    health.addSucceeded(1, 1);
    health.addSucceeded(2, LATER / 2);
    assertEquals(
        Optional.of("the store does not deliver the records that it stored"),
        health.problem(LATER));
    health.readBack(1, LATER);
    assertEquals(NONE, health.problem(LATER + 1));
    health.readBack(2, LATER + 1);
    assertEquals(NONE, health.problem(9 * LATER));
  }

  @Test
  void aPublicationReadBackBeforeItsAnswerIsNotAwaited() {
    health.readBack(5, 1);
    health.addSucceeded(5, 2);
    assertEquals(NONE, health.problem(LATER));
  }

  @Test
  void lostPublicationsAreNotAwaitedAfterAReload() {
    health.addSucceeded(5, 1);
    health.reloaded();
    assertEquals(NONE, health.problem(LATER));
  }

  @Test
  void anUnreachableStoreIsAProblemThoughAddsSucceed() {
    health.unreachable("no way");
    health.addSucceeded(1, 1);
    health.readBack(1, 1);
    assertEquals(Optional.of("no way"), health.problem(2));
    health.unreachable("");
    assertEquals(NONE, health.problem(2));
  }

  @Test
  void aStoreThatIsBeingReadIsAProblemUntilItIsLoaded() {
    health.loading("it is read");
    health.unreachable("no way");
    assertEquals(Optional.of("it is read"), health.problem(1));
    assertTrue(health.isLoading());
    health.unreachable("");
    health.loaded();
    assertEquals(NONE, health.problem(1));
  }
}
