package io.tidings.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RefusalLimiterTest {
  private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

  private final RefusalLimiter limiter = new RefusalLimiter();

  @Test
  void eachSubjectIsReportedOnceAMinute() {
    assertEquals(1, limiter.count("a", 0));
    assertEquals(1, limiter.count("b", 1));
    assertEquals(0, limiter.count("a", 2));
    assertEquals(2, limiter.count("a", MINUTE + 3));
    assertEquals(1, limiter.count("b", MINUTE + 3));
  }

  @Test
  void inventedNamesShareOneLimitAndHideNobodyForLong() {
    for (int i = 0; i < RefusalLimiter.MAX_SUBJECTS; i++) {
      assertEquals(1, limiter.count("name " + i, i));
    }
    assertEquals(1, limiter.count("one more", MINUTE));
    assertEquals(0, limiter.count("and another", MINUTE));
    assertEquals(2, limiter.count("a node", 2 * MINUTE));
    assertEquals(1, limiter.count("a node", 12 * MINUTE), "the others are forgotten");
    assertEquals(1, limiter.count("a second node", 12 * MINUTE));
  }
}
