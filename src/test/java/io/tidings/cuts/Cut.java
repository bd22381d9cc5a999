package io.tidings.cuts;

/**
 * How long each shard's log is, as the order log has stored it. A shard that is not in it yet has
 * the length 0.
 *
 * @param number of the cut, from 0, without holes
 * @param lengths of the shards' logs, in events
 */
record Cut(long number, long... lengths) {
  static final Cut NONE = new Cut(-1);

  /**
   * @throws IllegalArgumentException if a length is negative
   */
  Cut {
    lengths = lengths.clone();
    for (long length : lengths) {
      if (length < 0) {
        throw new IllegalArgumentException("a length must not be negative");
      }
    }
  }

  long length(int shard) {
    return shard < lengths.length ? lengths[shard] : 0;
  }

  int shards() {
    return lengths.length;
  }

  /** How many events there are up to this cut: the offset of the first one after it. */
  long end() {
    long end = 0;
    for (long length : lengths) {
      end += length;
    }
    return end;
  }
}
