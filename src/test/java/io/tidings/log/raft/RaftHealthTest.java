package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.log.LogState;
import io.vertx.core.Handler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RaftHealthTest {
  private static final LogState UP = LogState.UP;
  private static final LogState READ_ONLY = LogState.READ_ONLY;
  private static final LogState ISOLATED = LogState.ISOLATED;
  private static final LogState DOWN = LogState.DOWN;

  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000); // nanoTime may overflow
  private final RaftHealth health = new RaftHealth(Duration.ofSeconds(10), now::get);
  private final List<LogState> states = new ArrayList<>();

  private void seconds(long seconds) {
    now.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
  }

  private void up() {
    health.leader(true);
    assertTrue(health.mustCatchUp());
    health.caughtUp(true);
    states.clear();
    health.watch(states::add);
  }

  @Test
  void aNodeIsUpWhenItHasALeaderAndHasCaughtUp() {
    health.watch(states::add);
    assertFalse(health.mustCatchUp());
    health.leader(true);
    assertTrue(health.mustCatchUp());
    assertFalse(health.mustCatchUp(), "once at a time");
    health.caughtUp(false);
    assertTrue(health.mustCatchUp());
    health.caughtUp(true);
    assertFalse(health.mustCatchUp());
    assertEquals(List.of(READ_ONLY, UP), states);
  }

  @Test
  void whoIsForgottenIsCalledNoMore() {
    Handler<LogState> gone = states::add;
    health.watch(gone);
    health.forget(gone);
    up();
    assertEquals(List.of(UP), states);
  }

  @Test
  void anElectionChangesNothing() {
    up();
    health.leader(false);
    seconds(3);
    health.leader(false);
    assertEquals(Optional.empty(), health.refusal());
    health.leader(true);
    assertFalse(health.mustCatchUp());
    assertEquals(List.of(UP), states);
  }

  @Test
  void withoutALeaderTheLogIsReadOnlyThenIsolatedAndUpAgainWhenTheNodeIsLevel() {
    up();
    seconds(4);
    health.leader(false);
    assertTrue(health.refusal().orElseThrow().contains("majority"));
    assertEquals(4_000, health.behindMillis());
    seconds(6);
    health.leader(false);
    health.leader(true);
    assertTrue(health.mustCatchUp());
    health.caughtUp(true);
    assertEquals(0, health.behindMillis());
    assertEquals(List.of(UP, READ_ONLY, ISOLATED, READ_ONLY, UP), states);
  }

  @Test
  void aNodeWhoseProcessWasPausedMayHaveMissedEntries() {
    up();
    seconds(60); // nobody looks
    assertEquals(60_000, health.behindMillis());
    health.leader(true);
    assertTrue(health.mustCatchUp());
    health.caughtUp(true);
    assertEquals(0, health.behindMillis());
    assertEquals(List.of(UP, READ_ONLY, UP), states);
  }

  @Test
  void aNodeThatLostItsLeaderWhileItCaughtUpIsNotLevel() {
    health.leader(true);
    assertTrue(health.mustCatchUp());
    health.leader(false);
    health.caughtUp(true);
    health.leader(true);
    assertTrue(health.mustCatchUp());
  }

  @Test
  void aFailureRefusesPublishingUntilItIsHealedAndWhatWasMissedIsApplied() {
    up();
    health.failed("no space left");
    assertTrue(health.refusal().orElseThrow().contains("no space left"));
    assertFalse(health.writes());
    assertFalse(health.mustCatchUp());
    health.recovered();
    assertTrue(health.writes());
    assertEquals(Optional.empty(), health.refusal());
    assertTrue(health.mustCatchUp());
    health.caughtUp(true);
    assertEquals(List.of(UP, READ_ONLY, UP), states);
  }

  @Test
  void whatCaughtUpBeforeAFailureCountsForNothingAfterIt() {
    health.leader(true);
    assertTrue(health.mustCatchUp());
    health.failed("the engine has ended");
    health.recovered();
    health.caughtUp(true);
    health.watch(states::add);
    assertEquals(List.of(READ_ONLY), states);
  }

  @Test
  void aNodeThatIsLeftBehindSaysWhatToDoUntilItAppliesAgain() {
    up();
    health.stuck("copy the directory of another voter");
    health.stuck("copy the directory of another voter");
    health.failed("a restart");
    health.recovered();
    assertEquals("copy the directory of another voter", health.refusal().orElseThrow());
    assertFalse(health.mustCatchUp());
    health.progressed();
    assertTrue(health.mustCatchUp());
    health.caughtUp(true);
    assertEquals(List.of(UP, READ_ONLY, UP), states);
  }

  @Test
  void isolationIsSaidWhateverElsePreventsPublishing() {
    up();
    health.failed("no space left");
    seconds(10);
    health.leader(false);
    health.recovered();
    health.failed("no space left");
    assertEquals(List.of(UP, READ_ONLY, ISOLATED), states);
  }

  @Test
  void aClosedLogIsDownForGood() {
    up();
    health.closed();
    health.leader(true);
    health.recovered();
    assertEquals(List.of(UP, DOWN), states);
    assertTrue(health.refusal().orElseThrow().contains("closed"));
  }

  @Test
  void aWatcherThatThrowsAffectsNoOther() {
    health.watch(
        state -> {
          throw new IllegalStateException("a bug of the watcher");
        });
    up();
    assertEquals(List.of(UP), states);
  }

  /** A watcher may wait for a thread that asks for the state. */
  @Test
  @Timeout(30)
  void watchersAreCalledWithoutTheLock() {
    health.watch(
        state ->
            states.addAll(
                CompletableFuture.supplyAsync(health::refusal)
                    .thenApply(refusal -> List.of(state))
                    .join()));
    health.leader(true);
    assertTrue(health.mustCatchUp());
    health.caughtUp(true);
    assertEquals(List.of(READ_ONLY, UP), states);
  }

  @Test
  void aChangeThatAWatcherCausesIsToldAfterTheOneItWasToldOf() {
    health.watch(
        state -> {
          states.add(state);
          if (state == UP) {
            health.failed("caused by a watcher");
            states.add(null);
          }
        });
    health.leader(true);
    assertTrue(health.mustCatchUp());
    health.caughtUp(true);
    var expected = new ArrayList<>(List.of(READ_ONLY, UP));
    expected.add(null);
    expected.add(READ_ONLY);
    assertEquals(expected, states);
  }
}
