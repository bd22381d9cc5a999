package io.tidings.log;

import java.security.SecureRandom;

/**
 * At which offsets entries are that have a publisher's id: the newest {@link #MOST} of them, and of
 * those that share one id the {@link #SAME} oldest. An id is known by a hash of it, so whoever
 * finds an offset here must look whether the entry has the id. Not thread-safe.
 *
 * <p>Entries are numbered as they come and lie in a ring, 28 bytes each; those whose hashes share a
 * bucket are linked, the oldest first. So the entry that is forgotten next is always the first of
 * its bucket. The hash has a seed of its own, so that nobody can choose ids that share a bucket.
 */
public final class IdIndex {
  /** The most entries that it knows: at 28 bytes each, 28 MiB. */
  static final int MOST = 1 << 20;

  /** How many entries with one id it knows. */
  static final int SAME = 64;

  private static final int SMALLEST = 64;
  private static final int NONE = 0;

  private final int most;
  private final long seed = new SecureRandom().nextLong();

  private long[] hashes;
  private long[] offsets;

  /** The slot of the next entry of the same bucket, and of a bucket's first and last, plus 1. */
  private int[] next;

  private int[] heads;
  private int[] tails;

  private long first;
  private long end;

  public IdIndex() {
    this(MOST);
  }

  /**
   * @param most how many entries it knows at the most; a power of two
   */
  public IdIndex(int most) {
    this.most = most;
    allocate(Math.min(most, SMALLEST));
  }

  /** The entry at the offset, which is greater than all before it, has the id. */
  public void add(String id, long offset) {
    long hash = hash(id);
    if (count(hash) == SAME) {
      return;
    }
    if (end - first == offsets.length) {
      if (offsets.length < most) {
        grow();
      } else {
        removeFirst();
      }
    }
    append(hash, offset);
  }

  /** Forgets what is before the offset. */
  public void forgetBefore(long offset) {
    while (first < end && offsets[slot(first)] < offset) {
      removeFirst();
    }
  }

  /** The offsets where the id may be, the oldest first. */
  public long[] offsets(String id) {
    long hash = hash(id);
    var found = new long[count(hash)];
    int count = 0;
    for (int at = heads[slot(hash)]; at != NONE; at = next[at - 1]) {
      if (hashes[at - 1] == hash) {
        found[count++] = offsets[at - 1];
      }
    }
    return found;
  }

  /** How many entries it knows. */
  public int size() {
    return (int) (end - first);
  }

  private int count(long hash) {
    int count = 0;
    for (int at = heads[slot(hash)]; at != NONE; at = next[at - 1]) {
      count += hashes[at - 1] == hash ? 1 : 0;
    }
    return count;
  }

  private void append(long hash, long offset) {
    int slot = slot(end++);
    hashes[slot] = hash;
    offsets[slot] = offset;
    next[slot] = NONE;
    int bucket = slot(hash);
    if (tails[bucket] == NONE) {
      heads[bucket] = slot + 1;
    } else {
      next[tails[bucket] - 1] = slot + 1;
    }
    tails[bucket] = slot + 1;
  }

  private void removeFirst() {
    int slot = slot(first++);
    int bucket = slot(hashes[slot]);
    heads[bucket] = next[slot];
    if (heads[bucket] == NONE) {
      tails[bucket] = NONE;
    }
  }

  private void grow() {
    long[] oldHashes = hashes;
    long[] oldOffsets = offsets;
    long from = first;
    long to = end;
    allocate(oldOffsets.length * 2);
    first = from;
    end = from;
    for (long i = from; i < to; i++) {
      int slot = (int) i & (oldOffsets.length - 1);
      append(oldHashes[slot], oldOffsets[slot]);
    }
  }

  private void allocate(int size) {
    hashes = new long[size];
    offsets = new long[size];
    next = new int[size];
    heads = new int[size];
    tails = new int[size];
  }

  private int slot(long number) {
    return (int) number & (offsets.length - 1);
  }

  private long hash(String id) {
    long hash = seed;
    for (int i = 0; i < id.length(); i++) {
      hash = (hash ^ id.charAt(i)) * 0x9e3779b97f4a7c15L;
      hash ^= hash >>> 32;
    }
    return hash;
  }
}
