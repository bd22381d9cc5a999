package io.tidings.logging;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.temporal.ChronoUnit;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * Lines of text: time, level, logger and message, followed by the stack trace of an exception.
 * Records of start and stop consist of the message alone.
 */
final class TextFormatter extends Formatter {
  @Override
  public String format(LogRecord record) {
    String message = oneLine(formatMessage(record));
    if (ConsoleLogHandler.isLifecycle(record)) {
      return message + "\n";
    }
    if (ConsoleLogHandler.PROCESS.equals(record.getLoggerName())) {
      return "tidings: " + message + "\n";
    }
    return "%s %s %s: %s%n%s"
        .formatted(
            record.getInstant().truncatedTo(ChronoUnit.MILLIS),
            level(record.getLevel()),
            record.getLoggerName(),
            message,
            stack(record.getThrown()));
  }

  /** The level's name in the settings, in upper case. */
  static String level(Level level) {
    if (level.intValue() >= Level.SEVERE.intValue()) {
      return "ERROR";
    } else if (level.intValue() >= Level.WARNING.intValue()) {
      return "WARNING";
    }
    return level.intValue() >= Level.INFO.intValue() ? "INFO" : "DEBUG";
  }

  /** The stack trace; empty for null. */
  static String stack(Throwable thrown) {
    if (thrown == null) {
      return "";
    }
    var text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }

  /**
   * Replaces line ends and control characters, so that a message can neither forge a log line nor
   * contain terminal escape sequences.
   */
  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", "; ").replaceAll("\\p{Cntrl}", "?");
  }
}
