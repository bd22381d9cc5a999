package io.tidings.settings;

/**
 * The section {@code logging}: what the process logs.
 *
 * @param level the least severe level that is logged
 * @param audit which decisions about clients are logged, whatever the level
 */
public record LoggingSettings(Format format, Level level, Audit audit) {
  /** What is logged until the settings are read. */
  public static LoggingSettings initial(Format format) {
    return new LoggingSettings(format, Level.INFO, Audit.REFUSALS);
  }

  /** Lines of text, or one JSON object per line. */
  public enum Format {
    TEXT,
    JSON
  }

  /** Severity, the most severe first. */
  public enum Level {
    ERROR,
    WARNING,
    INFO,
    DEBUG
  }

  /** Decisions: none, refusals, or also the streams and logins that are allowed. */
  public enum Audit {
    OFF,
    REFUSALS,
    ALL
  }

  static LoggingSettings read(SettingValues values) {
    return new LoggingSettings(
        values.choice("logging.format", Format.TEXT, Format.class),
        values.choice("logging.level", Level.INFO, Level.class),
        values.choice("logging.audit", Audit.REFUSALS, Audit.class));
  }
}
