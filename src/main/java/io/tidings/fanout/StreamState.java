package io.tidings.fanout;

import java.util.EnumMap;
import java.util.Map;

/**
 * The states of a stream, with the one table of what each signal makes of each of them. A signal
 * that a state has no cell for is a bug.
 */
enum StreamState {
  /** Opened; it has not begun. */
  NEW,
  /** Behind, and in line for a page. */
  READING,
  /** Behind; the page could not be had, and is asked for again in a moment. */
  PAUSED,
  /** Behind, and its socket takes nothing. */
  BLOCKED,
  /** Ahead of its loop, which has not received yet what the log has. */
  AHEAD,
  /** At the head, delivered to with its audience. */
  LIVE,
  /** Gone. */
  LEFT;

  /** What can happen to a stream. */
  enum Signal {
    /** Its cursor is before the head, and the socket takes something. */
    BEHIND,
    /** Its cursor is before the head, and the socket takes nothing. */
    UNWRITABLE,
    /** Its cursor is at the head. */
    AT_HEAD,
    /** Its cursor is at a place that the loop has not received yet. */
    PAST_HEAD,
    /** There is no page for it now. */
    NO_PAGE,
    /** It can't be served with its audience any more. */
    FALL_BEHIND,
    /** It ends. */
    END
  }

  private static final Map<StreamState, Map<Signal, StreamState>> TABLE =
      new EnumMap<>(StreamState.class);

  static {
    for (StreamState state : new StreamState[] {NEW, READING, PAUSED, BLOCKED, AHEAD}) {
      row(state, Signal.BEHIND, READING);
      row(state, Signal.UNWRITABLE, BLOCKED);
      row(state, Signal.AT_HEAD, LIVE);
      row(state, Signal.PAST_HEAD, AHEAD);
      row(state, Signal.END, LEFT);
    }
    row(READING, Signal.NO_PAGE, PAUSED);
    row(LIVE, Signal.FALL_BEHIND, BLOCKED);
    row(LIVE, Signal.END, LEFT);
  }

  private static void row(StreamState state, Signal signal, StreamState next) {
    TABLE.computeIfAbsent(state, none -> new EnumMap<>(Signal.class)).put(signal, next);
  }

  /** Whether the table has a cell for the signal. */
  boolean accepts(Signal signal) {
    return TABLE.getOrDefault(this, Map.of()).containsKey(signal);
  }

  /** The state after the signal. */
  StreamState after(Signal signal) {
    StreamState next = TABLE.getOrDefault(this, Map.of()).get(signal);
    if (next == null) {
      throw new IllegalStateException(signal + " does not happen to a stream that is " + this);
    }
    return next;
  }

  /**
   * Whether it waits for something, with a cursor of its own, among those of its audience behind.
   */
  boolean behind() {
    return this != LIVE && this != LEFT;
  }
}
