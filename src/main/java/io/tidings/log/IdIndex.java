package io.tidings.log;

import java.security.SecureRandom;

/**
 * The offsets of entries with a publisher's id: of the newest {@link #MAX_ENTRIES}, and of entries
 * with the same id the {@link #MAX_SAME_ID} oldest. Ids are stored as hashes, so the caller must
 * verify that the entry at an offset has the id. Not thread-safe.
 *
 * <p>Entries are stored in a ring in the order of arrival, 28 bytes each; those of a hash bucket
 * are linked, the oldest first. So the next entry to evict is always the first of its bucket. The
 * hash is seeded randomly, so that publishers can't choose ids that share a bucket.
 */
public final class IdIndex {
  /** The default maximum number of entries: at 28 bytes each, 28 MiB. */
  static final int MAX_ENTRIES = 1 << 20;

  /** The maximum number of entries with the same id. */
  static final int MAX_SAME_ID = 64;

  private static final int MIN_CAPACITY = 64;
  private static final int NONE = 0;

  private final int maxEntries;
  private final long seed = new SecureRandom().nextLong();

  private long[] hashes;
  private long[] offsets;

  /** Slots plus 1: of the next entry in the same bucket, and of a bucket's first and last. */
  private int[] next;

  private int[] heads;
  private int[] tails;

  private long first;
  private long end;

  public IdIndex() {
    this(MAX_ENTRIES);
  }

  /**
   * @param maxEntries the maximum number of entries; a power of two
   */
  IdIndex(int maxEntries) {
    this.maxEntries = maxEntries;
    allocate(Math.min(maxEntries, MIN_CAPACITY));
  }

  /** Adds an entry with the id, whose offset is greater than all before it. */
  public void add(String id, long offset) {
    long hash = hash(id);
    if (count(hash) == MAX_SAME_ID) {
      return;
    }
    if (end - first == offsets.length) {
      if (offsets.length < maxEntries) {
        grow();
      } else {
        removeFirst();
      }
    }
    append(hash, offset);
  }

  /** Removes the entries before the offset. */
  public void evictBefore(long offset) {
    while (first < end && offsets[slot(first)] < offset) {
      removeFirst();
    }
  }

  /** The offsets of entries that may have the id, the oldest first. */
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

  /** The number of entries. */
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
