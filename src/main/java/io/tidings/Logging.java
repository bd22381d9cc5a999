package io.tidings;

import io.tidings.settings.Settings;
import java.util.Map;
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

  /** Tells of whatever a client does wrong on the wire, with bytes that it sent. */
  private static final Logger CONNECTIONS =
      Logger.getLogger("io.vertx.core.net.impl.ConnectionBase");

  /** Tells at length, and by ids that nobody knows, of nodes that are gone; the hub says it too. */
  private static final Logger BUS = Logger.getLogger("io.vertx.core.eventbus.impl");

  private static final String FORMAT = "logging.format";
  private static final String FORMAT_VARIABLE = "TIDINGS_LOGGING_FORMAT";

  private Logging() {}

  /** Until the settings are known: text. Must come before anything is logged. */
  static void begin() {
    set(new Settings.Logging(Settings.Logging.Format.TEXT, Settings.Logging.Level.INFO));
  }

  /**
   * As the settings will want it, as far as can be told before they are read: also what is wrong
   * with them shall be told so.
   *
   * @param given settings of the command line
   * @param environment in which others may be
   */
  static void begin(Map<String, String> given, Map<String, String> environment) {
    String format = given.getOrDefault(FORMAT, environment.getOrDefault(FORMAT_VARIABLE, ""));
    if (format.equals("json")) {
      set(new Settings.Logging(Settings.Logging.Format.JSON, Settings.Logging.Level.INFO));
    }
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
    CONNECTIONS.setLevel(Level.OFF);
    BUS.setLevel(Level.SEVERE);
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
