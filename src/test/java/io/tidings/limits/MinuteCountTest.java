package io.tidings.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MinuteCountTest {
  private final MinuteCount count = new MinuteCount();

  private static long at(double seconds) {
    return (long) (seconds * TimeUnit.SECONDS.toNanos(1));
  }

  @Test
  void nothingWasCountedAtFirst() {
    assertEquals(0, count.sum(at(0)));
    assertEquals(0, count.sum(at(1_000)));
  }

  @Test
  void whatWasCountedStaysForAMinute() {
    count.add(3, at(1));
    count.add(4, at(59));
    assertEquals(7, count.sum(at(59)));
    assertEquals(4, count.sum(at(65)));
    assertEquals(0, count.sum(at(120)));
    assertEquals(0, count.sum(at(1_000_000)));
  }

  @Test
  void theOldestPeriodCountsInPart() {
    count.add(10, at(1)); // from 0 to 5
    assertEquals(10, count.sum(at(60)));
    assertEquals(5, count.sum(at(62.5)));
    assertEquals(0, count.sum(at(65)));
  }

  @Test
  void aSlotIsUsedAgainAfterAMinute() {
    count.add(10, at(1));
    count.add(1, at(66));
    assertEquals(1, count.sum(at(66)));
  }

  /** Against a list of all that was counted, as exact as periods are. */
  @Test
  void theSumIsThatOfTheLastMinute() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    Deque<double[]> all = new ArrayDeque<>();
    double now = 0;
    for (int i = 0; i < 20_000; i++) {
      now += random.nextInt(100) == 0 ? random.nextInt(90) : random.nextDouble();
      int some = random.nextInt(1_000);
      count.add(some, at(now));
      all.add(new double[] {now, some});
      double least = 0;
      double most = 0;
      for (double[] one : all) {
        least += one[0] > now - 55 ? one[1] : 0;
        most += one[0] >= now - 65 ? one[1] : 0;
      }
      double sum = count.sum(at(now));
      if (sum < least || sum > most) {
        throw new AssertionError("seed " + seed + ": " + least + " " + sum + " " + most);
      }
      while (all.peek()[0] < now - 70) {
        all.poll();
      }
    }
  }

  @Test
  void threadsCountTogether() throws Exception {
    var threads = new Thread[4];
    for (int i = 0; i < threads.length; i++) {
      threads[i] =
          new Thread(
              () -> {
                for (int k = 0; k < 50_000; k++) {
                  count.add(1, at(k / 1_000.0)); // over some periods
                }
              });
      threads[i].start();
    }
    for (Thread thread : threads) {
      thread.join(20_000);
    }
    assertEquals(200_000, count.sum(at(50)));
  }
}
