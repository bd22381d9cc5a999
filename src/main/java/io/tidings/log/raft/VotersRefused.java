package io.tidings.log.raft;

/** The voters were not changed; the message says why, and what to do, in one line. */
public final class VotersRefused extends RuntimeException {
  private static final long serialVersionUID = 1;

  VotersRefused(String why) {
    super(why);
  }
}
