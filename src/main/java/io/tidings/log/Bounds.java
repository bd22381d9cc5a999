package io.tidings.log;

import io.tidings.event.Position;

/**
 * What a log has.
 *
 * @param start the offset before its oldest entry: who has heard up to there misses nothing
 * @param head the position of its newest entry, after which nothing is
 */
public record Bounds(long start, Position head) {
  /** The life that it is in. */
  public long epoch() {
    return head.epoch();
  }

  /** The offset of its newest entry; equal to {@code start} where it is empty. */
  public long newest() {
    return head.offset();
  }

  /** The place before its oldest entry. */
  public Position begin() {
    return head.at(start);
  }

  public boolean empty() {
    return start == newest();
  }
}
