package io.tidings.fanout;

/**
 * The open streams that an event reaches.
 *
 * @param live at the head, with a socket that accepts: the event is written to these at once
 * @param behind still catching up: these receive the event from the log, when they reach it
 */
public record Reach(int live, int behind) {
  static final Reach NONE = new Reach(0, 0);

  /** The number of streams. */
  public int streams() {
    return live + behind;
  }

  Reach plus(Reach other) {
    return new Reach(live + other.live, behind + other.behind);
  }
}
