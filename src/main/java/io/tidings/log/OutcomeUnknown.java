package io.tidings.log;

import io.tidings.event.Publication;

/**
 * Thrown if it is unknown whether an append succeeded or will succeed: the events are stored once
 * or never. With a key, publishing them again is safe; so is storing a record again.
 */
public final class OutcomeUnknown extends LogUnavailable {
  private static final long serialVersionUID = 1L;

  /**
   * The outcome of an append.
   *
   * @param reason in one line
   */
  public OutcomeUnknown(String reason, Throwable cause) {
    this(reason, "publish again with the same " + Publication.KEY, cause);
  }

  private OutcomeUnknown(Throwable cause, String message) {
    super(message, cause);
  }

  private OutcomeUnknown(String reason, String remedy, Throwable cause) {
    super(reason + ", and it may be stored: " + remedy, cause);
  }

  /**
   * The outcome of a change of a cluster's voters; asking for it again is safe.
   *
   * @param reason in one line
   */
  public static OutcomeUnknown ofVoters(String reason, Throwable cause) {
    return new OutcomeUnknown(
        cause, reason + ", and the voters may be changed: look at them, and repeat the request");
  }

  /**
   * The outcome of a change of a cluster's settings; asking for it again is safe.
   *
   * @param reason in one line
   */
  public static OutcomeUnknown ofSettings(String reason, Throwable cause) {
    return new OutcomeUnknown(
        cause, reason + ", and the settings may be changed: look at them, and repeat the request");
  }

  /**
   * The outcome of storing an {@link ExpiringRecord}; storing it again is safe.
   *
   * @param reason in one line
   */
  public static OutcomeUnknown ofRecord(String reason, Throwable cause) {
    return new OutcomeUnknown(reason, "repeat the request", cause);
  }
}
