package io.tidings.fanout;

import io.tidings.event.Position;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;

/**
 * The head of the log as one event loop knows it: the position up to which the loop has received
 * entries, which the log itself may be ahead of. Confined to the loop.
 *
 * <p>Offsets are comparable within one epoch only. If an entry begins another epoch, or entries
 * before it are missing, the caller makes all subscribers read from the log and {@linkplain
 * #moveBefore moves} the head before that entry.
 */
final class LogHead {
  private final EventLog log;
  private Position position;

  /** Begins at the current head of the log. */
  LogHead(EventLog log) {
    this.log = log;
    this.position = log.bounds().head();
  }

  Position position() {
    return position;
  }

  long offset() {
    return position.offset();
  }

  /** The position of an earlier or later offset of the same epoch. */
  Position at(long offset) {
    return offset == position.offset() ? position : position.at(offset);
  }

  boolean inEpoch(long epoch) {
    return position.epoch() == epoch;
  }

  /** Whether the loop has received all entries before the given one. */
  boolean includesAllBefore(Entry next) {
    return inEpoch(next.position().epoch()) && next.previous() <= position.offset();
  }

  /** Whether the loop has received the given entry, which must be of the same epoch. */
  boolean includes(Entry entry) {
    return entry.offset() <= position.offset();
  }

  /** Moves to an entry that the loop has received. */
  void advance(Entry received) {
    position = received.position();
  }

  /** Moves to the position before the given entry, perhaps in another epoch. */
  void moveBefore(Entry next) {
    position = next.position().at(next.previous());
  }

  /**
   * Compares a cursor with an offset of the head's epoch: negative if the cursor is behind it, 0 if
   * it is there, positive if it is beyond. A cursor of the epoch that the log has meanwhile begun
   * is beyond every offset, one of an earlier epoch is behind.
   */
  int compare(Position cursor, long offset) {
    if (inEpoch(cursor.epoch())) {
      return Long.compare(cursor.offset(), offset);
    }
    return cursor.epoch() == log.bounds().epoch() ? 1 : -1;
  }
}
