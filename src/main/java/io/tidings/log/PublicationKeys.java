package io.tidings.log;

import io.tidings.event.HeapSize;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The entries of a window's publications by their deduplication key. A key that is used again
 * refers to the newest publication. Not thread-safe.
 */
final class PublicationKeys {
  /** The bytes of a key without its text: its nodes in the map and the queue, and its range. */
  private static final int KEY_BYTES = 96;

  private final Map<String, Range> byKey = new HashMap<>();

  /** The keys in the order in which they were added; a key that was used twice is in it twice. */
  private final Deque<String> order = new ArrayDeque<>();

  private long bytes;

  /** Sequence numbers of the entries of a publication. */
  record Range(long first, int count) {}

  void add(String key, long first, int count) {
    byKey.put(key, new Range(first, count));
    order.add(key);
    bytes += cost(key);
  }

  Optional<Range> find(String key) {
    return Optional.ofNullable(byKey.get(key));
  }

  /** Removes the oldest keys, as far as their publications begin before the sequence number. */
  void evictBefore(long sequence) {
    for (String oldest = order.peek(); oldest != null; oldest = order.peek()) {
      Range range = byKey.get(oldest);
      if (range != null && range.first >= sequence) {
        return;
      }
      order.remove();
      bytes -= cost(oldest);
      if (range != null) {
        byKey.remove(oldest);
      }
    }
  }

  void clear() {
    byKey.clear();
    order.clear();
    bytes = 0;
  }

  /** The bytes of memory that the keys occupy. */
  long bytes() {
    return bytes;
  }

  private static long cost(String key) {
    return KEY_BYTES + HeapSize.of(key);
  }
}
