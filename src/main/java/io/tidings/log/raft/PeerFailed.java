package io.tidings.log.raft;

import java.io.IOException;

/**
 * The log can't be fetched from a node, or not in this way: another one, or a new begin, may do.
 */
final class PeerFailed extends IOException {
  private static final long serialVersionUID = 1L;

  PeerFailed(String message, Throwable cause) {
    super(message, cause);
  }
}
