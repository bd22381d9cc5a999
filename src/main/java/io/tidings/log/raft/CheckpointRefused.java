package io.tidings.log.raft;

/** A checkpoint can't be stored, however often it is tried; the message says why. */
public final class CheckpointRefused extends RuntimeException {
  private static final long serialVersionUID = 1;

  CheckpointRefused(String why) {
    super(why);
  }
}
