package io.tidings;

import io.tidings.settings.Settings;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Sets how this process tells what happens in it; Vert.x and Hazelcast tell by java.util.logging
 * too. Nothing that is logged has an event's data in it, or a token.
 */
final class Logging {
  static {
    // Java reads it with the first logger
    if (System.getProperty(LastWords.PROPERTY) == null) {
      System.setProperty(LastWords.PROPERTY, LastWords.class.getName());
    }
  }

  /** Java keeps loggers only weakly, and their levels with them. */
  private static final Logger EVERYTHING = Logger.getLogger("");

  private static final Logger HUB = Logger.getLogger("io.tidings");
  private static final Logger PROCESS = Logger.getLogger(LogHandler.PROCESS);

  private Logging() {}

  /** Until the settings are known: text. Must come before anything is logged. */
  static void begin() {
    set(new Settings.Logging(Settings.Logging.Format.TEXT, Settings.Logging.Level.INFO));
  }

  /** From now on as the settings want it. */
  static void set(Settings.Logging settings) {
    for (Handler handler : EVERYTHING.getHandlers()) {
      EVERYTHING.removeHandler(handler);
    }
    EVERYTHING.addHandler(LogHandler.of(settings.format()));
    Level level = level(settings.level());
    HUB.setLevel(level);
    PROCESS.setLevel(Level.INFO); // start and stop
    // what others say in detail is of no use to who wants the hub's details
    EVERYTHING.setLevel(level.intValue() < Level.INFO.intValue() ? Level.INFO : level);
  }

  private static Level level(Settings.Logging.Level level) {
    return switch (level) {
      case ERROR -> Level.SEVERE;
      case WARNING -> Level.WARNING;
      case INFO -> Level.INFO;
      case DEBUG -> Level.FINE;
    };
  }
}
