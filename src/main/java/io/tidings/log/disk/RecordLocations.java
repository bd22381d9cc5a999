package io.tidings.log.disk;

import io.tidings.log.OffsetList;

/** Where records are: offsets that grow, each with its place in a segment. Immutable. */
interface RecordLocations extends OffsetList {
  RecordLocations NONE = of(new long[0], 0, 0);

  /** The place of its record in the segment's file. */
  int place(int row);

  /** A row as one number: the offset's distance from the segment's first, and the place. */
  static long pack(long distance, int place) {
    return distance << Integer.SIZE | place;
  }

  /** The first rows of an array of packed ones, to which more may be added behind. */
  static RecordLocations of(long[] packed, int size, long first) {
    return new RecordLocations() {
      @Override
      public int size() {
        return size;
      }

      @Override
      public long get(int row) {
        return first + (packed[row] >>> Integer.SIZE);
      }

      @Override
      public int place(int row) {
        return (int) packed[row];
      }
    };
  }
}
