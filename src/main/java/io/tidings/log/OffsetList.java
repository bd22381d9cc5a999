package io.tidings.log;

/** Strictly ascending numbers. */
public interface OffsetList {
  int size();

  /** The number at the index, from 0. */
  long get(int index);

  /**
   * The index of the first number that is not less than the given one; {@link #size} if there is
   * none.
   */
  default int ceiling(long number) {
    int low = 0;
    int high = size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (get(middle) < number) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
