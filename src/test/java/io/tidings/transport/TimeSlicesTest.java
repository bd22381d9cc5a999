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
  void whoComesLateKeepsAQuarterOfTheTime() {
    work(SLICE);
    now += PAUSE + 3 * SLICE;
    slices.renew();
    assertEquals(2 * SLICE, lengthOfSlice());
  }

  @Test
  void noSliceIsLongerThanOtherWorkMayBe() {
    work(SLICE);
    now += 1_000 * PAUSE;
    slices.renew();
    assertEquals(TimeSlices.MAX_SLICE_NANOS, lengthOfSlice());
    now += PAUSE;
    slices.renew();
    assertEquals(SLICE, lengthOfSlice());
  }

  @Test
  void aSliceThatWasNotUsedUpIsNotWaitedFor() {
    work(SLICE / 2);
    now += 1_000 * PAUSE;
    slices.renew();
    assertEquals(SLICE, lengthOfSlice());
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
