package io.tidings.scenes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LogTailTest {
  private final LogTail tail = new LogTail();

  @Test
  void aLineHasItsLevelAsTypeAndItsParametersInTheMessage() {
    var record = new LogRecord(Level.WARNING, "{0} of {1}");
    record.setParameters(new Object[] {1, "two"});
    record.setLoggerName("io.tidings.Hub");
    record.setThrown(new IllegalStateException("broken"));
    tail.publish(record);
    LogTail.Line line = tail.drain().get(0);
    assertEquals("warning", line.type());
    assertEquals("WARNING", line.data().getString("level"));
    assertEquals("io.tidings.Hub", line.data().getString("logger"));
    assertEquals(
        "1 of two: java.lang.IllegalStateException: broken", line.data().getString("message"));
  }

  @Test
  void aLineIsDrainedOnceAndDebugLinesNever() {
    log(Level.INFO, "one");
    log(Level.FINE, "debugging");
    log(Level.SEVERE, "two");
    assertEquals(List.of("one", "two"), messages(tail.drain()));
    assertEquals(List.of(), tail.drain());
  }

  @Test
  void theNewestLinesAreRetainedAndTheOthersCounted() {
    for (int i = 0; i < 60; i++) {
      log(Level.INFO, "line " + i);
    }
    List<LogTail.Line> lines = tail.drain();
    assertEquals(50, lines.size());
    assertEquals("line 10", lines.get(0).data().getString("message"));
    assertEquals(10, lines.get(0).data().getInteger("skipped"));
    assertNull(lines.get(1).data().getInteger("skipped"));
    log(Level.INFO, "later");
    assertNull(tail.drain().get(0).data().getInteger("skipped"));
  }

  @Test
  void aLongMessageIsCutToValidText() {
    log(Level.INFO, "x".repeat(1_999) + "\uD83D\uDE00".repeat(10));
    String message = messages(tail.drain()).get(0);
    assertTrue(message.endsWith("x?\u2026"), message);
  }

  @Test
  void aRecordWithoutLoggerOrMessageIsAccepted() {
    tail.publish(new LogRecord(Level.INFO, null));
    assertEquals(1, tail.drain().size());
  }

  private void log(Level level, String message) {
    tail.publish(new LogRecord(level, message));
  }

  private static List<String> messages(List<LogTail.Line> lines) {
    return lines.stream().map(line -> line.data().getString("message")).toList();
  }
}
