package io.tidings.log;

import io.tidings.event.Publication;

/**
 * Thrown if it is unknown whether an append succeeded or will succeed: the events are stored once
 * or never. With a key, publishing them again is safe.
 */
public final class OutcomeUnknown extends LogUnavailable {
  private static final long serialVersionUID = 1L;

  /**
   * @param reason in one line
   */
  public OutcomeUnknown(String reason, Throwable cause) {
    super(reason + ", and it may be stored: publish again with the same " + Publication.KEY, cause);
  }
}
