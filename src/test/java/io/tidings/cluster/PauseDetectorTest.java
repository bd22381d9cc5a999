package io.tidings.cluster;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PauseDetectorTest {
  private static final Duration SILENCE = Duration.ofSeconds(10);
  private static final Duration TICK = Duration.ofMillis(100);

  private long nanos = Long.MAX_VALUE - SILENCE.toNanos(); // nanoTime may overflow
  private final PauseDetector detector = new PauseDetector(SILENCE, () -> nanos);

  private void sleep(Duration duration) {
    nanos += duration.toNanos();
  }

  private void tickFor(Duration duration) {
    for (long i = 0; i < duration.toMillis() / TICK.toMillis(); i++) {
      sleep(TICK);
      detector.tick();
    }
  }

  @Test
  void aProcessThatTicksIsUpToDate() {
    assertTrue(detector.upToDate());
    tickFor(SILENCE.multipliedBy(3));
    assertTrue(detector.upToDate());
  }

  @Test
  void aPauseShorterThanHalfTheSilenceIsIgnored() {
    tickFor(SILENCE);
    sleep(SILENCE.dividedBy(2).minusMillis(1));
    assertTrue(detector.upToDate());
    detector.tick();
    assertTrue(detector.upToDate());
  }

  @Test
  void aPauseIsNoticedEvenBeforeTheNextTick() {
    tickFor(SILENCE);
    sleep(SILENCE.dividedBy(2));
    assertFalse(detector.upToDate());
  }

  @Test
  void afterAPauseAWholeSilenceMustPass() {
    tickFor(SILENCE);
    sleep(SILENCE);
    detector.tick();
    assertFalse(detector.upToDate());
    tickFor(SILENCE);
    assertFalse(detector.upToDate());
    tickFor(TICK);
    assertTrue(detector.upToDate());
  }

  @Test
  void aSecondPauseExtendsTheFirst() {
    sleep(SILENCE);
    detector.tick();
    tickFor(SILENCE);
    sleep(SILENCE);
    detector.tick();
    tickFor(SILENCE);
    assertFalse(detector.upToDate());
    tickFor(TICK);
    assertTrue(detector.upToDate());
  }

  @Test
  void theTimeBeforeTheStartIsNotAPause() {
    sleep(SILENCE.multipliedBy(2));
    detector.start();
    detector.tick();
    assertTrue(detector.upToDate());
  }
}
