package io.tidings.log;

/** What can be done with a log at the moment. */
public enum LogState {
  /** All. */
  UP,
  /** It can be read; an append fails. */
  READ_ONLY,
  /** Nothing. */
  DOWN
}
