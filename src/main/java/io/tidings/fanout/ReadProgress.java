package io.tidings.fanout;

/**
 * Whether a client still reads, by the bytes that its socket accepts. Times are those of the clock
 * of its loop, in milliseconds. Confined to the loop of its stream.
 */
public final class ReadProgress {
  /** The bytes that the socket had accepted at the previous check. */
  private long accepted;

  /** When the socket was last found to have accepted bytes, or to have none. */
  private long last;

  /** Whether the socket had accepted everything at the last check. */
  private boolean allAccepted;

  public ReadProgress(long now) {
    this.last = now;
  }

  /**
   * Looks at what the socket has accepted since the previous call.
   *
   * @return for how long it has accepted nothing although bytes were unsent
   */
  public long check(Outlet outlet, long now) {
    long unsent = outlet.unsent();
    long sent = outlet.written() - unsent;
    if (unsent <= 0 || sent > accepted) {
      last = now;
    }
    accepted = sent;
    allAccepted = unsent <= 0;
    return now - last;
  }

  /** Whether the socket had accepted everything at the last {@link #check}. */
  public boolean allAccepted() {
    return allAccepted;
  }
}
