package io.tidings.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RateTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final long NANOS = SECOND.toNanos();

  /** Ten tokens a second, twenty at once. */
  private final Rate rate = new Rate(0, 10, SECOND, Duration.ofSeconds(2));

  private final AtomicLongArray bucket = new AtomicLongArray(1);

  private int takeOnes(long now) {
    int taken = 0;
    while (taken < 1_000 && rate.take(bucket, 1, now) == 0) {
      taken++;
    }
    return taken;
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1_000_000_000_000L, -5_000_000_000L, Long.MAX_VALUE - 1, Long.MIN_VALUE})
  void aBurstPassesThenTheRateWhateverTheOriginOfTheClock(long start) {
    bucket.set(0, start);
    assertEquals(20, takeOnes(start));
    assertEquals(NANOS / 10, rate.take(bucket, 1, start));
    assertEquals(1, takeOnes(start + NANOS / 10));
    assertEquals(0, takeOnes(start + NANOS / 10 + 1));
    assertEquals(10, takeOnes(start + NANOS + NANOS / 10));
  }

  @Test
  void aBucketNeverHoldsMoreThanABurst() {
    assertEquals(20, takeOnes(0));
    assertEquals(20, takeOnes(1_000_000 * NANOS));
  }

  @Test
  void allTokensAreTakenOrNone() {
    assertEquals(0, rate.take(bucket, 15, 0));
    assertEquals(NANOS, rate.take(bucket, 15, 0));
    assertEquals(5, takeOnes(0));
  }

  @Test
  void whatIsLargerThanABurstPassesWhenTheBucketIsFullAndTheRateHolds() {
    assertEquals(0, rate.take(bucket, 100, 0));
    assertEquals(8 * NANOS + NANOS / 10, rate.take(bucket, 1, 0));
    assertEquals(0, takeOnes(8 * NANOS));
    assertEquals(1, takeOnes(8 * NANOS + NANOS / 10));
    assertEquals(2 * NANOS, rate.take(bucket, 100, 8 * NANOS + NANOS / 10));
    assertEquals(0, rate.take(bucket, 100, 20 * NANOS));
  }

  @Test
  void lookingTakesNothing() {
    for (int i = 0; i < 100; i++) {
      assertEquals(0, rate.peek(bucket, 20, 0));
    }
    assertTrue(rate.full(bucket, 0));
    assertEquals(20, takeOnes(0));
    assertEquals(NANOS / 10, rate.peek(bucket, 1, 0));
    assertFalse(rate.full(bucket, 0));
    assertTrue(rate.full(bucket, 2 * NANOS));
  }

  @Test
  void whatIsGivenBackCanBeTakenAgainButNeverMakesMoreThanABurst() {
    assertEquals(0, rate.take(bucket, 20, 0));
    rate.giveBack(bucket, 5);
    assertEquals(5, takeOnes(0));
    rate.giveBack(bucket, 20);
    rate.giveBack(bucket, 20);
    assertEquals(20, takeOnes(NANOS));
  }

  @Test
  void noNumberOverflowsAndADebtIsAtMostADay() {
    for (Rate any :
        new Rate[] {
          new Rate(0, 1, Duration.ofMinutes(1), Duration.ofMinutes(1)),
          new Rate(0, Long.MAX_VALUE, SECOND, SECOND),
          rate
        }) {
      bucket.set(0, 0);
      assertEquals(0, any.take(bucket, Long.MAX_VALUE, 0));
      long wait = any.take(bucket, Long.MAX_VALUE, 0);
      assertTrue(wait >= 0 && wait <= Rate.MAX_DEBT.toNanos(), "" + wait);
    }
  }

  @Test
  void aClockThatIsSetBackLocksNobodyOut() {
    long late = 100 * Rate.MAX_DEBT.toNanos();
    bucket.set(0, late);
    assertEquals(20, takeOnes(late));
    assertEquals(20, takeOnes(0));
    assertEquals(0, takeOnes(0));
  }

  @Test
  void withoutALimitEverythingPasses() {
    var unlimited = new Rate(0, 0, SECOND, SECOND);
    assertTrue(unlimited.unlimited());
    assertEquals(0, unlimited.take(bucket, Long.MAX_VALUE, 0));
    assertEquals(0, unlimited.take(bucket, Long.MAX_VALUE, 0));
    assertTrue(unlimited.full(bucket, 0));
  }

  @Test
  void threadsThatTakeAtOnceTakeNoMoreThanThereIs() throws Exception {
    var many = new Rate(0, 10_000, SECOND, SECOND);
    var taken = new AtomicInteger();
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < 4; i++) {
      var thread =
          new Thread(
              () -> {
                while (many.take(bucket, 1, 0) == 0) {
                  taken.incrementAndGet();
                }
              });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(10_000, taken.get());
  }
}
