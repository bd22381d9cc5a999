package io.tidings.log.redis;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The identities of the newest records of a shared log: writer and number, key, and ids of events.
 * A duplicate is recognised by them. Every hub reads the same records and so recognises the same
 * duplicates. Not thread-safe.
 */
final class DedupWindow {
  /** The number of records that are remembered; a shared log must retain more than that. */
  static final int RECORDS = 4_096;

  private final Deque<Remembered> records = new ArrayDeque<>();
  private final Map<Object, Long> newestOffset = new HashMap<>();
  private long begin;
  private boolean full;

  /**
   * @param begin the offset after which all records are added
   */
  DedupWindow(long begin) {
    this.begin = begin;
  }

  /** Whether all records after the offset are remembered. */
  boolean covers(long offset) {
    return offset >= begin;
  }

  /**
   * Whether records have been dropped for their number: then the window of every hub begins at the
   * same record.
   */
  boolean full() {
    return full;
  }

  /** Whether a record after the offset has the identity. */
  boolean containsAfter(Object identity, long offset) {
    Long newest = newestOffset.get(identity);
    return newest != null && newest > offset;
  }

  /** Adds the record at the offset with its identities. */
  void add(long offset, List<Object> identities) {
    records.add(new Remembered(offset, identities));
    identities.forEach(identity -> newestOffset.put(identity, offset));
    if (records.size() > RECORDS) {
      Remembered oldest = records.remove();
      oldest.identities.forEach(identity -> newestOffset.remove(identity, oldest.offset));
      begin = oldest.offset;
      full = true;
    }
  }

  private record Remembered(long offset, List<Object> identities) {}
}
