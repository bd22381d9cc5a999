package io.tidings.log;

/** Where records are: offsets that grow, each with its place in a segment. Immutable. */
interface Rows {
  Rows NONE = of(new long[0], 0, 0);

  int size();

  /** The offset in the given row, from 0. */
  long offset(int row);

  /** The place of its record in the segment's file. */
  int place(int row);

  /** The first row whose offset is not less than the given one; {@link #size} where none is. */
  default int ceiling(long offset) {
    int low = 0;
    int high = size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (offset(middle) < offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** A row as one number: the offset's distance from the segment's first, and the place. */
  static long pack(long distance, int place) {
    return distance << Integer.SIZE | place;
  }

  /** The first rows of an array of packed ones, to which more may be added behind. */
  static Rows of(long[] packed, int size, long first) {
    return new Rows() {
      @Override
      public int size() {
        return size;
      }

      @Override
      public long offset(int row) {
        return first + (packed[row] >>> Integer.SIZE);
      }

      @Override
      public int place(int row) {
        return (int) packed[row];
      }
    };
  }
}
