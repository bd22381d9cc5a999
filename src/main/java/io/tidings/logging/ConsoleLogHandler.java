package io.tidings.logging;

import io.tidings.Main;
import io.tidings.settings.LoggingSettings;
import java.io.PrintStream;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * Writes what is logged to the console: for programs all of it to the standard output; for people
 * start and stop there, and the rest to the standard error. Any thread.
 */
public final class ConsoleLogHandler extends Handler {
  /** Tells of start and stop, and of why there was none. */
  public static final String PROCESS = Main.class.getName();

  private final PrintStream news;
  private final PrintStream rest;

  private ConsoleLogHandler(Formatter formatter, PrintStream news, PrintStream rest) {
    this.news = news;
    this.rest = rest;
    setFormatter(formatter);
  }

  static ConsoleLogHandler of(LoggingSettings.Format format) {
    return switch (format) {
      case TEXT -> new ConsoleLogHandler(new TextFormatter(), System.out, System.err);
      case JSON -> new ConsoleLogHandler(new JsonFormatter(), System.out, System.out);
    };
  }

  /** Whether it tells of the process's start or stop, in good order. */
  static boolean news(LogRecord line) {
    return PROCESS.equals(line.getLoggerName())
        && line.getLevel().intValue() <= Level.INFO.intValue();
  }

  @Override
  public void publish(LogRecord line) {
    if (isLoggable(line)) {
      PrintStream to = news(line) ? news : rest;
      to.print(getFormatter().format(line)); // at once: lines of several threads stay whole
      to.flush();
    }
  }

  @Override
  public void flush() {
    // nothing is kept back
  }

  @Override
  public void close() {
    // the console stays open
  }
}
