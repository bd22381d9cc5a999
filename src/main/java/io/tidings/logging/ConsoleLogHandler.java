package io.tidings.logging;

import io.tidings.settings.LoggingSettings;
import java.io.PrintStream;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * Writes log records to the console. As JSON, all go to standard output; as text, records of start
 * and stop go to standard output, and all others to standard error. Any thread.
 */
public final class ConsoleLogHandler extends Handler {
  /** The logger of start and stop, and of the reason for a failed start. */
  public static final String PROCESS = "io.tidings.Main";

  private final PrintStream lifecycle;
  private final PrintStream other;

  private ConsoleLogHandler(Formatter formatter, PrintStream lifecycle, PrintStream other) {
    this.lifecycle = lifecycle;
    this.other = other;
    setFormatter(formatter);
  }

  static ConsoleLogHandler of(LoggingSettings.Format format) {
    return switch (format) {
      case TEXT -> new ConsoleLogHandler(new TextFormatter(), System.out, System.err);
      case JSON -> new ConsoleLogHandler(new JsonFormatter(), System.out, System.out);
    };
  }

  /** Whether the record reports a successful start or stop of the process. */
  static boolean isLifecycle(LogRecord record) {
    return PROCESS.equals(record.getLoggerName())
        && record.getLevel().intValue() <= Level.INFO.intValue();
  }

  @Override
  public void publish(LogRecord record) {
    if (isLoggable(record)) {
      PrintStream to = isLifecycle(record) ? lifecycle : other;
      to.print(
          getFormatter()
              .format(record)); // in one call, so that lines of several threads do not mix
      to.flush();
    }
  }

  @Override
  public void flush() {
    // nothing is buffered
  }

  @Override
  public void close() {
    // the console stays open
  }
}
