package io.tidings.settings;

/**
 * The section {@code logging}: what the process logs.
 *
 * @param level the least severe level that is logged
 */
public record LoggingSettings(Format format, Level level) {
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

  static LoggingSettings read(SettingValues values) {
    return new LoggingSettings(
        values.choice("logging.format", Format.TEXT, Format.class),
        values.choice("logging.level", Level.INFO, Level.class));
  }
}
