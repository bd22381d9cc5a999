package io.tidings.log;

import io.tidings.event.HeapSize;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The newest entry of a window by the name of its event ({@link DedupNames#ofEvent}), for scopes
 * that are not empty. Not thread-safe.
 */
final class ScopedIds {
  /** The bytes of an entry without its name: nodes in the map and the queue, and numbers. */
  private static final int ENTRY_BYTES = 96;

  private final Map<String, Long> newest = new HashMap<>();
  private final Deque<Named> order = new ArrayDeque<>();
  private long bytes;

  private record Named(long sequence, String name) {}

  /** Adds an entry, whose sequence number is greater than all before it. */
  void add(String name, long sequence) {
    newest.put(name, sequence);
    order.add(new Named(sequence, name));
    bytes += cost(name);
  }

  /**
   * Removes the oldest entry if it has the sequence number.
   *
   * @return whether it had
   */
  boolean removeFirst(long sequence) {
    Named oldest = order.peek();
    if (oldest == null || oldest.sequence != sequence) {
      return false;
    }
    order.remove();
    newest.remove(oldest.name, sequence);
    bytes -= cost(oldest.name);
    return true;
  }

  /** The sequence number of the newest entry with the name. */
  Optional<Long> newest(String name) {
    return Optional.ofNullable(newest.get(name));
  }

  void clear() {
    newest.clear();
    order.clear();
    bytes = 0;
  }

  /** The bytes of memory that the names occupy. */
  long bytes() {
    return bytes;
  }

  private static long cost(String name) {
    return ENTRY_BYTES + HeapSize.of(name);
  }
}
