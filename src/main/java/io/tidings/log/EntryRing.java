package io.tidings.log;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * Consecutive entries in memory, in the order of their offsets: added at the end, removed at the
 * front. Each has a sequence number, counted from 0, which makes the ring dense where offsets are
 * not. Not thread-safe.
 */
final class EntryRing {
  private static final int MIN_CAPACITY = 64;

  private Entry[] ring = new Entry[MIN_CAPACITY];
  private long first;
  private long end;
  private long bytes;

  /** The sequence number of the oldest entry; {@link #end} if there is none. */
  long first() {
    return first;
  }

  /** The sequence number of the next entry to be added. */
  long end() {
    return end;
  }

  long size() {
    return end - first;
  }

  boolean isEmpty() {
    return first == end;
  }

  /** The time of the oldest entry, in milliseconds since 1970; empty if there is none. */
  OptionalLong oldestTime() {
    return isEmpty() ? OptionalLong.empty() : OptionalLong.of(get(first).time());
  }

  /** The sum of the entries' {@link Entry#cost}. */
  long bytes() {
    return bytes;
  }

  /** The entry with the sequence number, which must be in the ring. */
  Entry get(long sequence) {
    return ring[index(sequence)];
  }

  void add(Entry entry) {
    if (size() == ring.length) {
      grow();
    }
    ring[index(end++)] = entry;
    bytes += entry.cost();
  }

  Entry removeFirst() {
    Entry oldest = get(first);
    ring[index(first++)] = null;
    bytes -= oldest.cost();
    return oldest;
  }

  /** Removes all entries; sequence numbers are not used again. */
  void clear() {
    ring = new Entry[MIN_CAPACITY];
    first = end;
    bytes = 0;
  }

  /** A copy of the entries from one sequence number to another one, exclusive. */
  List<Entry> slice(long from, long to) {
    var entries = new Entry[(int) (to - from)];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = get(from + i);
    }
    return Arrays.asList(entries);
  }

  /** The sequence number of the first entry at or after the offset; {@link #end} if none. */
  long ceiling(long offset) {
    return firstMatch(entry -> entry.offset() >= offset);
  }

  /** The sequence number of the first entry not older than the time; {@link #end} if none. */
  long firstSince(long time) {
    return firstMatch(entry -> entry.time() >= time);
  }

  /** Binary search for a condition that, once true of an entry, is true of all later ones. */
  private long firstMatch(Predicate<Entry> condition) {
    long low = first;
    long high = end;
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (condition.test(get(middle))) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  private int index(long sequence) {
    return (int) sequence & (ring.length - 1);
  }

  private void grow() {
    var larger = new Entry[ring.length * 2];
    for (long s = first; s < end; s++) {
      larger[(int) s & (larger.length - 1)] = get(s);
    }
    ring = larger;
  }
}
