package io.tidings.log.disk;

/**
 * A Bloom filter of hashes with ten bits per hash: about 1 % of the hashes that were not added are
 * reported as possibly contained; an added hash always is. Immutable once it is filled.
 */
final class HashFilter {
  private static final int BITS_PER_HASH = 10;
  private static final int PROBES = 7;

  private final long[] bits;

  /**
   * @param count the number of hashes that will be added
   */
  HashFilter(int count) {
    bits = new long[(int) (((long) count * BITS_PER_HASH + Long.SIZE - 1) / Long.SIZE)];
  }

  void add(long hash) {
    for (int probe = 0; probe < PROBES; probe++) {
      int bit = bit(hash, probe);
      bits[bit >>> 6] |= 1L << bit;
    }
  }

  /** Whether the hash may have been added. */
  boolean mightContain(long hash) {
    for (int probe = 0; bits.length > 0 && probe < PROBES; probe++) {
      int bit = bit(hash, probe);
      if ((bits[bit >>> 6] & 1L << bit) == 0) {
        return false;
      }
    }
    return bits.length > 0;
  }

  private int bit(long hash, int probe) {
    long mixed = (hash + probe * 0x9e3779b97f4a7c15L) * 0xbf58476d1ce4e5b9L;
    return (int) Long.remainderUnsigned(mixed ^ mixed >>> 29, (long) bits.length * Long.SIZE);
  }
}
