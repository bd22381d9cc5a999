package io.tidings.fanout;

import java.util.Optional;

/** Why a stream ended. */
public enum CloseReason {
  /** The client closed or reset the connection, or the network did. */
  CLIENT,
  /** The time that the stream was opened for is over. */
  EXPIRED,
  /** The token with which it was opened, or last renewed, ended. */
  TOKEN_EXPIRED,
  /** The client read nothing for too long. */
  STALLED,
  /** The principal's right to it was withdrawn, or an administrator ended it. */
  REVOKED,
  /** The hub stops. */
  DRAINED,
  /** The log has become isolated: other nodes have newer entries. */
  ISOLATED,
  /** Reading the log or writing to the client failed. */
  FAILED;

  /** The reason that the client is told in {@code hub.end}; empty if it is told otherwise. */
  public Optional<String> told() {
    return switch (this) {
      case TOKEN_EXPIRED -> Optional.of("expired");
      case REVOKED -> Optional.of("revoked");
      default -> Optional.empty();
    };
  }

  /**
   * Whether the client should reconnect at once, because the hub ended the stream before its time.
   */
  boolean clientReconnects() {
    return this == DRAINED || this == ISOLATED || this == FAILED;
  }

  /**
   * Whether the connection ends with the stream, so that the client's next request can reach
   * another node. A hub that stops closes its connections itself.
   */
  boolean endsConnection() {
    return this == ISOLATED;
  }
}
