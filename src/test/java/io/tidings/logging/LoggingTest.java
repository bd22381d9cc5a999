package io.tidings.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.settings.LoggingSettings;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Set;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LoggingTest {
  private static LogRecord line(Level level, String logger, String message, Object... parameters) {
    var line = new LogRecord(level, message);
    line.setInstant(Instant.parse("2026-01-02T03:04:05.678901Z"));
    line.setLoggerName(logger);
    line.setParameters(parameters);
    return line;
  }

  private static String text(LogRecord line) {
    return new TextFormatter().format(line);
  }

  @Test
  void textHasTimeLevelLoggerAndMessage() {
    assertEquals(
        "2026-01-02T03:04:05.678Z WARNING io.tidings.cluster.Cluster: b is gone; there are [a]\n",
        text(
            line(
                Level.WARNING,
                "io.tidings.cluster.Cluster",
                "{0} is gone; there are {1}",
                "b",
                "[a]")));
    assertTrue(text(line(Level.SEVERE, "x", "m")).contains(" ERROR x: m"));
    assertTrue(text(line(Level.FINEST, "x", "m")).contains(" DEBUG x: m"));
  }

  @Test
  void startAndStopAreLoggedAsTheMessageAlone() {
    assertEquals("Tidings is at …\n", text(line(Level.INFO, "io.tidings.Main", "Tidings is at …")));
    assertEquals(
        "tidings: http.port=x: no\n",
        text(line(Level.SEVERE, "io.tidings.Main", "http.port=x: no")));
  }

  @Test
  void aMessageIsOneLineWithoutControlCharacters() {
    for (Formatter formatter : new Formatter[] {new TextFormatter(), new JsonFormatter()}) {
      String text = formatter.format(line(Level.INFO, "x", "one\r\n  two\u001b[2Jthree\n"));
      assertEquals(text.length() - 1, text.indexOf('\n'), text);
      assertFalse(text.contains("\u001b"), text);
    }
    assertTrue(text(line(Level.INFO, "x", "one\r\n  two\u001b[2J")).endsWith(": one; two?[2J\n"));
  }

  @Test
  void jsonIsOneObjectPerLine() {
    LogRecord line = line(Level.SEVERE, "io.tidings.log.DiskWriter", "\"it\"\nfailed: {0}", 7);
    var object = new JsonObject(new JsonFormatter().format(line));
    assertEquals(Set.of("time", "level", "logger", "message"), object.fieldNames());
    assertEquals("2026-01-02T03:04:05.678Z", object.getString("time"));
    assertEquals("ERROR", object.getString("level"));
    assertEquals("io.tidings.log.DiskWriter", object.getString("logger"));
    assertEquals("\"it\"\nfailed: 7", object.getString("message"));
  }

  @Test
  void aRecordWithAnObjectHasItsFieldsInPlaceOfAMessage() {
    var fields = new JsonObject().put("time", "never").put("logger", "x").put("topic", "a{0}\n");
    LogRecord line = line(Level.INFO, Logging.AUDIT, "{0}", fields);
    var object = new JsonObject(new JsonFormatter().format(line));
    assertEquals(Set.of("time", "level", "logger", "topic"), object.fieldNames());
    assertEquals("2026-01-02T03:04:05.678Z", object.getString("time"));
    assertEquals(Logging.AUDIT, object.getString("logger"));
    assertEquals("a{0}\n", object.getString("topic"));
    assertEquals(
        "2026-01-02T03:04:05.678Z INFO io.tidings.audit: " + fields.encode() + "\n", text(line));
  }

  @Test
  void theAuditLogDoesNotDependOnTheLevel() {
    var audit = java.util.logging.Logger.getLogger(Logging.AUDIT);
    try {
      for (LoggingSettings.Audit decisions : LoggingSettings.Audit.values()) {
        Logging.set(
            new LoggingSettings(
                LoggingSettings.Format.TEXT, LoggingSettings.Level.ERROR, decisions));
        assertEquals(decisions != LoggingSettings.Audit.OFF, audit.isLoggable(Level.INFO));
      }
    } finally {
      Logging.begin();
    }
  }

  @Test
  void anExceptionIsLoggedWithItsStackTrace() {
    LogRecord line = line(Level.SEVERE, "x", "failed");
    line.setThrown(new IllegalStateException("why", new RuntimeException("deeper")));
    String thrown = new JsonObject(new JsonFormatter().format(line)).getString("thrown");
    assertTrue(thrown.startsWith("java.lang.IllegalStateException: why\n\tat "), thrown);
    assertTrue(thrown.contains("Caused by: java.lang.RuntimeException: deeper"), thrown);
    assertTrue(text(line).endsWith(thrown), text(line));
  }
}
