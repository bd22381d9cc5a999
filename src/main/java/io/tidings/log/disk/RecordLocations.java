package io.tidings.log.disk;

import io.tidings.log.OffsetList;

/**
 * The locations of records in a segment: ascending offsets, each with the position in the file at
 * which its record begins. Immutable.
 */
interface RecordLocations extends OffsetList {
  RecordLocations NONE = of(new long[0], 0, 0);

  /** The position of the record in the segment's file. */
  int position(int row);

  /** A location as one number: the offset relative to the segment's first, and the position. */
  static long pack(long relativeOffset, int position) {
    return relativeOffset << Integer.SIZE | position;
  }

  /** A view of the first elements of an array of packed locations; others may be added later. */
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
      public int position(int row) {
        return (int) packed[row];
      }
    };
  }
}
