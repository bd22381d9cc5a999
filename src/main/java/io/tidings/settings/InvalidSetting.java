package io.tidings.settings;

/** A setting with which the hub can't start. The message is one line with key, value and rule. */
public final class InvalidSetting extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InvalidSetting(String message) {
    super(message);
  }

  /** An exception whose message has key, value and rule. */
  public static InvalidSetting of(String key, Object value, String rule) {
    // the message stays one line whatever the value contains
    String shown = String.valueOf(value).replaceAll("\\p{Cntrl}", "?");
    return new InvalidSetting(key + "=" + shown + ": " + rule);
  }
}
