package io.tidings.log;

/** The operations that a log supports at the moment. */
public enum LogState {
  /** It can be read and appended to. */
  UP,
  /** It can be read; appends fail. */
  READ_ONLY,
  /** It can neither be read nor appended to. */
  DOWN
}
