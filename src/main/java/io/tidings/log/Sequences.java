package io.tidings.log;

/**
 * Growing numbers: added at the end, taken away at the front, found by bisection. Not thread-safe.
 */
final class Sequences {
  private static final int SMALLEST = 4;

  private long[] ring = new long[SMALLEST];
  private int first;
  private int size;

  void add(long sequence) {
    if (size == ring.length) {
      grow();
    }
    ring[index(size++)] = sequence;
  }

  void removeFirst() {
    first = index(1);
    size--;
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** The number at the given place, from 0. */
  long get(int place) {
    return ring[index(place)];
  }

  long last() {
    return get(size - 1);
  }

  /**
   * The place of the first number that is not less than the given one; {@link #size} where there is
   * none.
   */
  int ceiling(long sequence) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (get(middle) < sequence) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private int index(int place) {
    return (first + place) & (ring.length - 1);
  }

  private void grow() {
    long[] larger = new long[ring.length * 2];
    for (int i = 0; i < size; i++) {
      larger[i] = get(i);
    }
    ring = larger;
    first = 0;
  }
}
