package io.tidings.log.raft;

import java.io.IOException;

/**
 * This node must not take part in the cluster with what is in its directory, however often it is
 * started; the message says why, and what to do, in one line.
 */
final class NodeRefused extends IOException {
  private static final long serialVersionUID = 1;

  NodeRefused(String why) {
    super(why);
  }
}
