package io.tidings.log;

/**
 * A place where offsets do not go on one by one.
 *
 * @param after the offset of the record that stands before
 * @param previous the offset that the next record names as the one before it: where it is another,
 *     records are lost up to there; where it is the same, numbers were skipped and nothing is lost
 * @param next the offset of the record that stands after
 */
record Break(long after, long previous, long next) {
  /** Whether records are missing. */
  boolean lost() {
    return previous > after;
  }

  /**
   * Whether somebody who has heard up to the given offset, and goes on here, misses something: a
   * record that is lost; or heard one that the log does not have, and perhaps not all that are gone
   * with it.
   */
  boolean missedBy(long offset) {
    return lost() ? offset >= after && offset < previous : offset > after && offset < next;
  }
}
