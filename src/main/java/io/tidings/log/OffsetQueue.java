package io.tidings.log;

/** Ascending numbers: added at the end, removed at the front. Not thread-safe. */
final class OffsetQueue implements OffsetList {
  private static final int MIN_CAPACITY = 4;

  private long[] ring = new long[MIN_CAPACITY];
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

  @Override
  public int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  @Override
  public long get(int place) {
    return ring[index(place)];
  }

  long last() {
    return get(size - 1);
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
