package io.tidings.fanout;

import java.util.EnumMap;
import java.util.Map;

/**
 * The states of a stream, with the one table of transitions. A signal without an entry for the
 * current state is a bug.
 */
enum StreamState {
  /** Opened, but not begun. */
  NEW,
  /** Behind, and queued for a page. */
  READING,
  /** Behind; no page was available, and it asks again after a short delay. */
  PAUSED,
  /** Behind, and its socket is not writable. */
  BLOCKED,
  /** Ahead of its loop, which has not received all that the log has yet. */
  AHEAD,
  /** At the head; receives with its audience. */
  LIVE,
  /** Ended. */
  LEFT;

  /** The events that change the state of a stream. */
  enum Signal {
    /** Its cursor is behind the head, and the socket is writable. */
    BEHIND,
    /** Its cursor is behind the head, and the socket is not writable. */
    UNWRITABLE,
    /** Its cursor is at the head. */
    AT_HEAD,
    /** Its cursor is at a position that the loop has not received yet. */
    PAST_HEAD,
    /** No page is available for it now. */
    NO_PAGE,
    /** It can't receive with its audience any more. */
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

  /** Whether the table has an entry for the signal. */
  boolean accepts(Signal signal) {
    return TABLE.getOrDefault(this, Map.of()).containsKey(signal);
  }

  /** The state after the signal. */
  StreamState after(Signal signal) {
    StreamState next = TABLE.getOrDefault(this, Map.of()).get(signal);
    if (next == null) {
      throw new IllegalStateException(signal + " is not valid for a stream that is " + this);
    }
    return next;
  }

  /** Whether the stream has a cursor of its own, among the lagging subscribers of its audience. */
  boolean lagging() {
    return this != LIVE && this != LEFT;
  }
}
