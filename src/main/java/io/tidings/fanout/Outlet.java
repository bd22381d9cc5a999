package io.tidings.fanout;

/** The way to one client's socket. Confined to the stream's event loop. */
public interface Outlet {
  /** How many bytes may wait for the socket before it counts as not writable. */
  int MAX_UNSENT = 16 * 1024;

  /** Sends the bytes, or keeps them until the socket takes them. The chunk stays the caller's. */
  void write(Chunk chunk);

  /**
   * The same, and calls the action once when the socket has taken all of it, or never will.
   *
   * @throws RuntimeException or an Error as the other does, and then nothing is called
   */
  default void write(Chunk chunk, Runnable sent) {
    write(chunk);
    sent.run();
  }

  /** Whether the bytes of one event can come in several chunks. */
  default boolean acceptsParts() {
    return true;
  }

  /** Whether the socket keeps up; where it does not, what is written only piles up. */
  boolean writable();

  /** Calls the action whenever the socket has become writable again. */
  void onWritable(Runnable action);

  /** How many bytes were written, up to now. */
  long written();

  /** How many of them the socket has not taken yet; about right is enough. */
  long unsent();

  /**
   * Notes whether all was sent. As long as it was, only the kernel can notice that a peer is gone
   * without a word; and while it was not, the kernel must not take a slow peer for one that is
   * gone.
   */
  void allSent(boolean all);

  /** The client's address and port. */
  String peer();

  /** Ends the response in good order, after what was written. */
  void end(CloseReason why);

  /** Cuts the connection at once, whatever is unsent and whoever does not read it. */
  void cut();
}
