package io.tidings.log;

import io.tidings.event.Position;

/**
 * What a log has.
 *
 * @param epoch the life that it is in
 * @param start the offset before its oldest entry: who has heard up to there misses nothing
 * @param newest the offset of its newest entry; equal to {@code start} where it is empty
 */
public record Bounds(long epoch, long start, long newest) {
  /** The position of the newest entry, after which nothing is. */
  public Position head() {
    return new Position(epoch, newest);
  }

  public boolean empty() {
    return start == newest;
  }
}
