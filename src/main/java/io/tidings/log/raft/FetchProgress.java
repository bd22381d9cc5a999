package io.tidings.log.raft;

import java.util.Locale;

/** How far a fetch is. One thread changes it, any thread reads. */
final class FetchProgress {
  private volatile long moved;
  private volatile long total;
  private volatile long done;
  private volatile String from = "";
  private volatile String waiting = "";

  /**
   * A round begins.
   *
   * @param bytes those of the round
   * @param have how many of them are there already
   */
  void round(String peer, long bytes, long have) {
    from = peer;
    waiting = "";
    total = bytes;
    done = have;
  }

  void add(int bytes) {
    moved += bytes; // one thread writes
    done += bytes;
    waiting = "";
  }

  /** Nothing is received at present. */
  void waits(String reason) {
    waiting = reason;
  }

  /** All bytes that were received. */
  long moved() {
    return moved;
  }

  /** The bytes of the round that are to be received. */
  long remaining() {
    return Math.max(0, total - done);
  }

  /** In a few words. */
  String text() {
    String size = String.format(Locale.ROOT, "%.2f of %.2f GB", done / 1e9, total / 1e9);
    String percent = total == 0 ? "0 %" : done * 100 / total + " %";
    String state = from.isEmpty() ? "begins" : percent + ", " + size + " from " + from;
    return waiting.isEmpty() ? state : state + "; it waits: " + waiting;
  }
}
