package io.tidings.log;

/**
 * A place where offsets do not go on one by one.
 *
 * @param after the offset of the record before it
 * @param previous the offset that the next record names as its predecessor. Where it is greater
 *     than {@code after}, the records up to it are lost; where it is equal, offsets were skipped
 *     and nothing is lost
 * @param next the offset of the record after it
 */
public record SequenceGap(long after, long previous, long next) {
  /** Whether records are missing. */
  public boolean lost() {
    return previous > after;
  }

  /**
   * Whether a subscriber that has received everything up to the offset, and goes on here, misses
   * something: a lost record; or it received one that the log does not have, and perhaps not all
   * that are gone with it.
   */
  public boolean missedBy(long offset) {
    return lost() ? offset >= after && offset < previous : offset > after && offset < next;
  }
}
