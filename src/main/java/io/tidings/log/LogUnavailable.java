package io.tidings.log;

/** The log can't do now what it was asked for; later it may. */
public final class LogUnavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public LogUnavailable(String message, Throwable cause) {
    super(message, cause);
  }
}
