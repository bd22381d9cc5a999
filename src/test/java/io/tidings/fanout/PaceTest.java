package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final long SHORT = TimeUnit.MICROSECONDS.toNanos(200);
  private static final long LONG = TimeUnit.MILLISECONDS.toNanos(20);

  private final Pace pace = new Pace(8);

  @Test
  void beginsWithOne() {
    assertEquals(1, pace.size());
  }

  @Test
  void growsByOneWithEachShortRoundUpToTheMost() {
    pace.took(SHORT);
    assertEquals(2, pace.size());
    rounds(20, SHORT);
    assertEquals(8, pace.size());
  }

  @Test
  void isHalvedByALongRoundButNeverNothing() {
    rounds(20, SHORT);
    pace.took(LONG);
    assertEquals(4, pace.size());
    rounds(20, LONG);
    assertEquals(1, pace.size());
  }

  private void rounds(int count, long nanos) {
    for (int i = 0; i < count; i++) {
      pace.took(nanos);
    }
  }
}
