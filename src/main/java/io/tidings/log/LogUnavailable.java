package io.tidings.log;

/**
 * The log can't do now what it was asked for; later it may. Of an append it means that nothing was
 * stored and nothing of it will ever appear, unless it is an {@link OutcomeUnknown}.
 */
public sealed class LogUnavailable extends RuntimeException permits OutcomeUnknown {
  private static final long serialVersionUID = 1L;

  public LogUnavailable(String message, Throwable cause) {
    super(message, cause);
  }
}
