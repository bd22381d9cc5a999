package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LongWaitTest {
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
  private final LongWait wait = new LongWait(now::get);

  private void pass(long seconds) {
    now.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
  }

  @Test
  void itIsReportedOnceAMinuteForAsLongAsNobodyAnswers() {
    pass(59);
    assertEquals(Optional.empty(), wait.silent());
    pass(1);
    assertEquals(Optional.of(1L), wait.silent());
    assertEquals(Optional.empty(), wait.silent());
    pass(60);
    assertEquals(Optional.of(2L), wait.silent());
  }

  @Test
  void anAnswerBeginsItAnew() {
    pass(50);
    wait.answered();
    pass(50);
    assertEquals(Optional.empty(), wait.silent());
    pass(10);
    assertEquals(Optional.of(1L), wait.silent());
  }

  @Test
  void theReportNamesTheNodes() {
    String text = LongWait.text(List.of("10.0.0.1:7700", "10.0.0.2:7700"), 3);
    assertEquals(
        "none of 10.0.0.1:7700, 10.0.0.2:7700 has answered for 3 min", text.split(", and")[0]);
  }
}
