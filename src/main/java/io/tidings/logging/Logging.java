package io.tidings.logging;

import io.tidings.settings.LoggingSettings;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Configures java.util.logging, which Vert.x and Hazelcast use as well. The hub never logs an
 * event's data or a token.
 */
public final class Logging {
  static {
    // read by the JVM when the first logger is created
    if (System.getProperty(NonResettingLogManager.PROPERTY) == null) {
      System.setProperty(NonResettingLogManager.PROPERTY, NonResettingLogManager.class.getName());
    }
  }

  /** Held here because the log manager references loggers, and thus their levels, weakly. */
  private static final Logger ROOT = Logger.getLogger("");

  private static final Logger HUB = Logger.getLogger("io.tidings");
  private static final Logger PROCESS = Logger.getLogger(ConsoleLogHandler.PROCESS);

  /**
   * The logger of decisions about clients. Its records have one parameter, a {@code JsonObject}.
   */
  public static final String AUDIT = "io.tidings.audit";

  private static final Logger AUDITS = Logger.getLogger(AUDIT);

  /** Logs every protocol error of a client, with bytes that the client sent. */
  private static final Logger CONNECTIONS =
      Logger.getLogger("io.vertx.core.net.impl.ConnectionBase");

  /** Logs lost nodes at length and by internal ids; the hub logs them by name. */
  private static final Logger BUS = Logger.getLogger("io.vertx.core.eventbus.impl");

  /** Logs exceptions on closed connections, which clients can cause. */
  private static final Logger PIPELINES =
      Logger.getLogger("io.netty.channel.DefaultChannelPipeline");

  /** Logs exceptions of future listeners. */
  private static final Logger PROMISES =
      Logger.getLogger("io.netty.util.concurrent.DefaultPromise");

  /** Logs each step of an election, and each attempt to reach a voter that is away. */
  private static final Logger RAFT = Logger.getLogger("org.apache.ratis");

  private static final String FORMAT = "logging.format";
  private static final String FORMAT_VARIABLE = "TIDINGS_LOGGING_FORMAT";

  private Logging() {}

  /** Logs as text until the settings are read. Must be called before anything is logged. */
  public static void begin() {
    set(LoggingSettings.initial(LoggingSettings.Format.TEXT));
  }

  /**
   * Applies {@code logging.format} before the settings are read, so that errors in the settings are
   * logged in that format.
   *
   * @param commandLine settings of the command line
   * @param environment the environment variables of the process
   */
  public static void begin(Map<String, String> commandLine, Map<String, String> environment) {
    String format = commandLine.getOrDefault(FORMAT, environment.getOrDefault(FORMAT_VARIABLE, ""));
    if (format.equals("json")) {
      set(LoggingSettings.initial(LoggingSettings.Format.JSON));
    }
  }

  /** Applies the settings. */
  public static void set(LoggingSettings settings) {
    for (Handler handler : ROOT.getHandlers()) {
      ROOT.removeHandler(handler);
    }
    ROOT.addHandler(ConsoleLogHandler.of(settings.format()));
    Level level = level(settings.level());
    HUB.setLevel(level);
    PROCESS.setLevel(Level.INFO); // start and stop
    AUDITS.setLevel(settings.audit() == LoggingSettings.Audit.OFF ? Level.OFF : Level.INFO);
    silenceLibraries();
    // debug applies to the hub only, not to libraries
    ROOT.setLevel(level.intValue() < Level.INFO.intValue() ? Level.INFO : level);
  }

  /** Silences loggers of libraries by which any client could fill the log. */
  public static void silenceLibraries() {
    CONNECTIONS.setLevel(Level.OFF);
    PIPELINES.setLevel(Level.OFF);
    BUS.setLevel(Level.SEVERE);
    RAFT.setLevel(Level.OFF);
    PROMISES.setFilter(line -> !isResetOfUnknownStream(line.getThrown()));
  }

  /** Vert.x 5.1 throws when it resets an HTTP/2 stream that was never opened. */
  private static boolean isResetOfUnknownStream(Throwable thrown) {
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
