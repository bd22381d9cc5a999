package io.tidings.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TimeSlicesTest {
  private static final long SLICE = TimeSlices.SLICE_NANOS;
  private static final long PAUSE = TimeSlices.PAUSE_NANOS;

  private long now = Long.MAX_VALUE - SLICE; // the clock overflows
  private final TimeSlices slices = new TimeSlices(() -> now);

  @Test
  void aSliceEndsAndTheNextBeginsAfterThePause() {
    work(SLICE - 1);
    assertTrue(slices.open());
    work(1);
    assertFalse(slices.open());
    assertEquals(PAUSE, slices.pauseNanos(now));
    now += PAUSE - 1;
    slices.renew();
    assertFalse(slices.open());
    now++;
    slices.renew();
    assertTrue(slices.open());
    assertEquals(SLICE, lengthOfSlice());
  }

  @Test
  void slicesAreLongOnceShortOnesHaveNotSufficedForTheTimeOfABacklog() {
    slices.renew();
    long begin = now;
    while (now + PAUSE - begin < TimeSlices.BACKLOG_NANOS) {
      assertEquals(SLICE, lengthOfSlice());
      now += PAUSE;
      slices.renew();
    }
    lengthOfSlice();
    now += PAUSE;
    slices.renew();
    assertEquals(TimeSlices.LONG_SLICE_NANOS, lengthOfSlice());
    now += PAUSE;
    slices.renew();
    assertEquals(TimeSlices.LONG_SLICE_NANOS, lengthOfSlice());
  }

  @Test
  void slicesAreShortAgainOnceOneSuffices() {
    work(SLICE);
    now += TimeSlices.BACKLOG_NANOS;
    slices.renew();
    work(SLICE);
    slices.renew();
    assertEquals(0, slices.pauseNanos(now));
    now += TimeSlices.BACKLOG_NANOS;
    slices.renew();
    assertEquals(SLICE, lengthOfSlice());
  }

  @Test
  void workThatArrivesPostponesTheNextSliceButNotForever() {
    slices.renew();
    work(SLICE);
    long begin = now - SLICE;
    int postponed = 0;
    while (now - begin < TimeSlices.ARRIVAL_NANOS) {
      slices.postpone();
      assertEquals(PAUSE, slices.pauseNanos(now));
      now += PAUSE / 2;
      slices.renew();
      assertFalse(slices.open());
      postponed++;
    }
    assertTrue(postponed > 300, "postponed " + postponed + " times");
    slices.postpone();
    now += PAUSE / 2;
    slices.renew();
    assertEquals(SLICE, lengthOfSlice());
  }

  @Test
  void workThatArrivesWithinASlicePostponesNothing() {
    slices.renew();
    work(SLICE / 2);
    slices.postpone();
    assertTrue(slices.open());
    assertEquals(0, slices.pauseNanos(now));
    assertEquals(SLICE / 2, lengthOfSlice());
  }

  private long lengthOfSlice() {
    long begin = now;
    while (slices.open()) {
      work(SLICE / 10);
    }
    return now - begin;
  }

  private void work(long nanos) {
    long begin = slices.begin();
    now += nanos;
    slices.spent(begin);
  }
}
