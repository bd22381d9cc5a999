package io.tidings.log;

/**
 * A place in the log where offsets are not consecutive.
 *
 * @param after the offset of the record before it
 * @param previous the offset that the next record names as its predecessor. If it is greater than
 *     {@code after}, the records up to it are lost; if it is equal, offsets were skipped and
 *     nothing is lost
 * @param next the offset of the record after it
 */
public record SequenceGap(long after, long previous, long next) {
  /** Whether records are missing. */
  public boolean lost() {
    return previous > after;
  }

  /**
   * Whether a subscriber that has received everything up to the offset misses records when it
   * resumes here: lost ones, or, if it received a record that the log does not have, others that
   * vanished with it.
   */
  public boolean missedBy(long offset) {
    return lost() ? offset >= after && offset < previous : offset > after && offset < next;
  }
}
