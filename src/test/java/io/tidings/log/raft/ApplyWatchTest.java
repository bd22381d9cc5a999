package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ApplyWatchTest {
  private final AtomicLong now = new AtomicLong(5);
  private final ApplyWatch watch = new ApplyWatch(now::get);

  private boolean hangsAfter(long nanos, long applied, long committed) {
    now.addAndGet(nanos);
    return watch.hangs(applied, committed);
  }

  @Test
  void aNodeThatAppliesNothingThoughSomethingIsCommittedHangs() {
    assertFalse(hangsAfter(0, 3, 4));
    assertFalse(hangsAfter(ApplyWatch.HANGING_NANOS - 1, 3, 4));
    assertTrue(hangsAfter(1, 3, 9));
    assertTrue(hangsAfter(1, 3, 9));
    assertFalse(hangsAfter(1, 4, 9));
  }

  @Test
  void aNodeThatHasAppliedEverythingDoesNotHangHoweverLongNothingHappens() {
    assertFalse(hangsAfter(0, 3, 3));
    for (int i = 0; i < 10; i++) {
      assertFalse(hangsAfter(ApplyWatch.HANGING_NANOS / 2, 3, 3));
    }
    assertFalse(hangsAfter(ApplyWatch.HANGING_NANOS / 2, 3, 4));
  }

  @Test
  void aNodeThatAppliesSlowlyDoesNotHang() {
    for (long applied = 0; applied < 20; applied++) {
      assertFalse(hangsAfter(ApplyWatch.HANGING_NANOS - 1, applied, 100));
    }
  }

  @Test
  void aProcessThatWasStoppedHasTimeToContinue() {
    assertFalse(hangsAfter(0, 3, 4));
    assertFalse(hangsAfter(10 * ApplyWatch.HANGING_NANOS, 3, 4));
    assertFalse(hangsAfter(ApplyWatch.HANGING_NANOS - 1, 3, 4));
    assertTrue(hangsAfter(1, 3, 4));
  }

  @Test
  void anEngineThatWasStartedAgainAppliesFromAnEarlierIndex() {
    assertFalse(hangsAfter(0, 50, 60));
    assertFalse(hangsAfter(ApplyWatch.HANGING_NANOS - 1, 50, 60));
    assertFalse(hangsAfter(1, 10, 60));
  }
}
