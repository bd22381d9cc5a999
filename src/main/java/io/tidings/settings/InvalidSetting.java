package io.tidings.settings;

/**
 * A setting that the hub can't start with. The message is one line that names key, value and rule.
 */
public final class InvalidSetting extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InvalidSetting(String message) {
    super(message);
  }

  /** Names key, value and rule. */
  public static InvalidSetting of(String key, Object value, String rule) {
    // whatever was written, it stays one line
    String shown = String.valueOf(value).replaceAll("\\p{Cntrl}", "?");
    return new InvalidSetting(key + "=" + shown + ": " + rule);
  }
}
