package io.tidings.fanout;

/** Why a stream ended. */
public enum CloseReason {
  /** The client closed or reset the connection, or the network did. */
  CLIENT,
  /** The time that the stream was opened for is over. */
  EXPIRED,
  /** The client read nothing for too long. */
  STALLED,
  /** The hub stops. */
  DRAINED,
  /** Reading the log or writing to the client failed. */
  FAILED;

  /**
   * Whether the client should reconnect at once, because the hub ended the stream before its time.
   */
  boolean clientReconnects() {
    return this == DRAINED || this == FAILED;
  }
}
