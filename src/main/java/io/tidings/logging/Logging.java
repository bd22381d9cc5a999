package io.tidings.logging;

import io.tidings.settings.LoggingSettings;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Sets how this process tells what happens in it; Vert.x and Hazelcast tell by java.util.logging
 * too. Nothing that is logged has an event's data in it, or a token.
 */
public final class Logging {
  static {
    // Java reads it with the first logger
    if (System.getProperty(NonResettingLogManager.PROPERTY) == null) {
      System.setProperty(NonResettingLogManager.PROPERTY, NonResettingLogManager.class.getName());
    }
  }

  /** Java keeps loggers only weakly, and their levels with them. */
  private static final Logger EVERYTHING = Logger.getLogger("");

  private static final Logger HUB = Logger.getLogger("io.tidings");
  private static final Logger PROCESS = Logger.getLogger(ConsoleLogHandler.PROCESS);

  /** Tells of whatever a client does wrong on the wire, with bytes that it sent. */
  private static final Logger CONNECTIONS =
      Logger.getLogger("io.vertx.core.net.impl.ConnectionBase");

  /** Tells at length, and by ids that nobody knows, of nodes that are gone; the hub says it too. */
  private static final Logger BUS = Logger.getLogger("io.vertx.core.eventbus.impl");

  /** Tells of exceptions that reach a connection which is closed already: of clients, too. */
  private static final Logger PIPELINES =
      Logger.getLogger("io.netty.channel.DefaultChannelPipeline");

  /** Tells of listeners that fail. */
  private static final Logger PROMISES =
      Logger.getLogger("io.netty.util.concurrent.DefaultPromise");

  private static final String FORMAT = "logging.format";
  private static final String FORMAT_VARIABLE = "TIDINGS_LOGGING_FORMAT";

  private Logging() {}

  /** Until the settings are known: text. Must come before anything is logged. */
  public static void begin() {
    set(new LoggingSettings(LoggingSettings.Format.TEXT, LoggingSettings.Level.INFO));
  }

  /**
   * As the settings will want it, as far as can be told before they are read: also what is wrong
   * with them shall be told so.
   *
   * @param given settings of the command line
   * @param environment in which others may be
   */
  public static void begin(Map<String, String> given, Map<String, String> environment) {
    String format = given.getOrDefault(FORMAT, environment.getOrDefault(FORMAT_VARIABLE, ""));
    if (format.equals("json")) {
      set(new LoggingSettings(LoggingSettings.Format.JSON, LoggingSettings.Level.INFO));
    }
  }

  /** From now on as the settings want it. */
  public static void set(LoggingSettings settings) {
    for (Handler handler : EVERYTHING.getHandlers()) {
      EVERYTHING.removeHandler(handler);
    }
    EVERYTHING.addHandler(ConsoleLogHandler.of(settings.format()));
    Level level = level(settings.level());
    HUB.setLevel(level);
    PROCESS.setLevel(Level.INFO); // start and stop
    hush();
    // what others say in detail is of no use to who wants the hub's details
    EVERYTHING.setLevel(level.intValue() < Level.INFO.intValue() ? Level.INFO : level);
  }

  /** What libraries tell of clients' mistakes is not told: anybody could fill the log with it. */
  public static void hush() {
    CONNECTIONS.setLevel(Level.OFF);
    PIPELINES.setLevel(Level.OFF);
    BUS.setLevel(Level.SEVERE);
    PROMISES.setFilter(line -> !isOfResetStream(line.getThrown()));
  }

  /** Vert.x 5.1 fails on a reset that can't be sent any more, of a stream that never was. */
  private static boolean isOfResetStream(Throwable thrown) {
    return thrown instanceof NullPointerException
        && thrown.getStackTrace().length > 0
        && thrown.getStackTrace()[0].getMethodName().equals("onConnectionError");
  }

  private static Level level(LoggingSettings.Level level) {
    return switch (level) {
      case ERROR -> Level.SEVERE;
      case WARNING -> Level.WARNING;
      case INFO -> Level.INFO;
      case DEBUG -> Level.FINE;
    };
  }
}
