package io.tidings.fanout;

/** Why a stream ended. */
public enum CloseReason {
  /** The client closed or reset the connection, or the network did. */
  CLIENT,
  /** It was opened for a certain time, which is over. */
  EXPIRED,
  /** The client took nothing for too long. */
  STALLED,
  /** The hub stops. */
  DRAINED,
  /** The log failed it. */
  FAILED;

  /** Whether the client is to come back at once, for it was not its end. */
  boolean comesBack() {
    return this == DRAINED || this == FAILED;
  }
}
