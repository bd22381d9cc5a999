package io.tidings.fanout;

import io.tidings.metrics.Door;

/** Writes to one client's connection. Confined to the stream's event loop. */
public interface Outlet {
  /** How many bytes may be unsent before the socket counts as not writable. */
  int MAX_UNSENT = 16 * 1024;

  /** Prepares the connection for a stream, before the head of the response is written. */
  default void begin() {}

  /**
   * Writes the bytes; those that the socket can't accept yet are buffered. The caller keeps its
   * reference to the chunk.
   */
  void write(Chunk chunk);

  /**
   * The same, and calls the action once when the socket has accepted all of it or never will.
   *
   * @throws RuntimeException or an Error under the same conditions as the other method; the action
   *     is then not called
   */
  default void write(Chunk chunk, Runnable sent) {
    write(chunk);
    sent.run();
  }

  /** Whether the bytes of one event can be written in several chunks. */
  default boolean acceptsParts() {
    return true;
  }

  /** Whether the socket keeps up; if not, further writes are only buffered. */
  boolean writable();

  /** Sets the action to call whenever the socket has become writable again. */
  void onWritable(Runnable action);

  /** The number of bytes written so far. */
  long written();

  /** The number of these bytes that the socket has not accepted yet; may be approximate. */
  long unsent();

  /**
   * Sets whether everything written was sent. While it was, only the kernel can detect a peer that
   * disappeared without closing; while it was not, the kernel must not time out a slow peer.
   */
  void allSent(boolean all);

  /** The door by which the stream was opened. */
  default Door door(WireFormat wire) {
    return wire.eventStream() ? Door.STREAM : Door.LINES;
  }

  /** The client's address and port. */
  String peer();

  /**
   * Whether the client, which is still to be answered, has closed its side of the connection: it is
   * gone, or sends no more and reads the answer.
   */
  default boolean inputEnded() {
    return false;
  }

  /** Calls the action when all that was written until now is sent, or will never be. */
  void onSent(Runnable action);

  /** Ends the response gracefully, after everything written. */
  void end(CloseReason why);

  /** Closes the connection at once, even if bytes are unsent and the client does not read. */
  void cut(CloseReason why);
}
