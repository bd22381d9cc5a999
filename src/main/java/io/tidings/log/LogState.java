package io.tidings.log;

/** The operations that a log supports at the moment. */
public enum LogState {
  /** It can be read and appended to. */
  UP,
  /** It can be read; appends fail. */
  READ_ONLY,
  /**
   * It can be read, but newer entries may be on other nodes; appends fail. The node has not reached
   * a majority of the cluster for some time. Reported instead of {@link #READ_ONLY} for as long as
   * that is so, whatever else prevents appends, since each change to it ends the open streams.
   */
  ISOLATED,
  /** It can neither be read nor appended to. */
  DOWN
}
