package io.tidings.log;

import io.tidings.event.Position;

/**
 * The positions between which a log has entries.
 *
 * @param start the offset before its oldest entry: a stream that has received everything up to it
 *     misses nothing
 * @param head the position of its newest entry
 */
public record Bounds(long start, Position head) {
  /** The epoch of the log. */
  public long epoch() {
    return head.epoch();
  }

  /** The offset of the newest entry; equal to {@code start} if the log is empty. */
  public long newest() {
    return head.offset();
  }

  /** The position before the oldest entry. */
  public Position begin() {
    return head.at(start);
  }

  public boolean empty() {
    return start == newest();
  }
}
