package io.tidings.log.redis;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the last records of a shared log were, so that one which came twice is recognised: by who
 * wrote it, by its key, by its events' ids. Every hub has read the same records, so all recognise
 * the same. Not thread-safe.
 */
final class DedupWindow {
  /** How many records it remembers; a shared log must have room for more than that. */
  static final int REACH = 4_096;

  private final Deque<Seen> records = new ArrayDeque<>();
  private final Map<Object, Long> newest = new HashMap<>();
  private long begin;
  private boolean full;

  /**
   * @param begin it knows what came after this offset
   */
  DedupWindow(long begin) {
    this.begin = begin;
  }

  /** Whether it knows all that came after the offset. */
  boolean knows(long offset) {
    return offset >= begin;
  }

  /** Whether it forgets already, and so has forgotten what every hub has forgotten. */
  boolean full() {
    return full;
  }

  /** Whether something came after the offset. */
  boolean came(Object identity, long after) {
    Long offset = newest.get(identity);
    return offset != null && offset > after;
  }

  /** The record at the offset was these. */
  void add(long offset, List<Object> identities) {
    records.add(new Seen(offset, identities));
    identities.forEach(identity -> newest.put(identity, offset));
    if (records.size() > REACH) {
      Seen oldest = records.remove();
      oldest.identities.forEach(identity -> newest.remove(identity, oldest.offset));
      begin = oldest.offset;
      full = true;
    }
  }

  private record Seen(long offset, List<Object> identities) {}
}
