package io.tidings.log;

/** A queue of ascending numbers, with access by index. Not thread-safe. */
final class OffsetQueue implements OffsetList {
  private static final int MIN_CAPACITY = 4;

  private long[] ring = new long[MIN_CAPACITY];
  private int first;
  private int size;

  void add(long number) {
    if (size == ring.length) {
      grow();
    }
    ring[slot(size++)] = number;
  }

  void removeFirst() {
    first = slot(1);
    size--;
  }

  @Override
  public int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  @Override
  public long get(int index) {
    return ring[slot(index)];
  }

  long last() {
    return get(size - 1);
  }

  private int slot(int index) {
    return (first + index) & (ring.length - 1);
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
