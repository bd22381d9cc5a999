package io.tidings.logging;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.temporal.ChronoUnit;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * Lines for people: time, level, who says it, what; below it the stack, where something was thrown.
 * What the process says of its start and stop stands alone.
 */
final class TextFormatter extends Formatter {
  @Override
  public String format(LogRecord line) {
    String what = oneLine(formatMessage(line));
    if (ConsoleLogHandler.news(line)) {
      return what + "\n";
    }
    if (ConsoleLogHandler.PROCESS.equals(line.getLoggerName())) {
      return "tidings: " + what + "\n";
    }
    return "%s %s %s: %s%n%s"
        .formatted(
            line.getInstant().truncatedTo(ChronoUnit.MILLIS),
            level(line.getLevel()),
            line.getLoggerName(),
            what,
            stack(line.getThrown()));
  }

  /** The level, as it is called in the settings, in capitals. */
  static String level(Level level) {
    if (level.intValue() >= Level.SEVERE.intValue()) {
      return "ERROR";
    } else if (level.intValue() >= Level.WARNING.intValue()) {
      return "WARNING";
    }
    return level.intValue() >= Level.INFO.intValue() ? "INFO" : "DEBUG";
  }

  /** The stack of what was thrown, line by line; empty where nothing was. */
  static String stack(Throwable thrown) {
    if (thrown == null) {
      return "";
    }
    var text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }

  /**
   * Whatever is said in it, it is not taken for a line of its own, nor for a terminal's commands.
   */
  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", "; ").replaceAll("\\p{Cntrl}", "?");
  }
}
