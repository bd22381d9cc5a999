package io.tidings.log;

import io.tidings.event.Publication;

/**
 * Nobody knows whether the log has, or will have, what was to be appended: it is there once or
 * never. With a key, publishing it again is safe.
 */
public final class OutcomeUnknown extends LogUnavailable {
  private static final long serialVersionUID = 1L;

  /**
   * @param why in one line
   */
  public OutcomeUnknown(String why, Throwable cause) {
    super(why + ", and it may be stored: publish again with the same " + Publication.KEY, cause);
  }
}
