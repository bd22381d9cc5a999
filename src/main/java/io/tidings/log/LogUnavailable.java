package io.tidings.log;

/**
 * Thrown if the log can't perform an operation at the moment; a retry may succeed. From an append
 * it means that nothing was stored and nothing will ever appear, unless it is an {@link
 * OutcomeUnknown}.
 */
public sealed class LogUnavailable extends RuntimeException permits OutcomeUnknown, TooManyRecords {
  private static final long serialVersionUID = 1L;

  public LogUnavailable(String message, Throwable cause) {
    super(message, cause);
  }
}
