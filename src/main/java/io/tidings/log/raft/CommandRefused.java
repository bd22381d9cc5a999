package io.tidings.log.raft;

/** A command was not written; the message says why, and what to do, in one line. */
public final class CommandRefused extends RuntimeException {
  private static final long serialVersionUID = 1;

  CommandRefused(String why) {
    super(why);
  }
}
