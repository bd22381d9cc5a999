package io.tidings.log;

import java.util.HashMap;
import java.util.Map;

/**
 * The sequence numbers of a window's entries by a string that they have: a topic, or a publisher's
 * id. Not thread-safe.
 */
final class SequenceIndex {
  private final Map<String, OffsetQueue> sequences = new HashMap<>();

  /** Adds a sequence number, which is greater than all before it. */
  void add(String key, long sequence) {
    sequences.computeIfAbsent(key, k -> new OffsetQueue()).add(sequence);
  }

  /** The sequence numbers in ascending order; null if there is none. */
  OffsetQueue get(String key) {
    return sequences.get(key);
  }

  /** Removes the lowest sequence number of the key, which must have one. */
  void removeFirst(String key) {
    OffsetQueue queue = sequences.get(key);
    queue.removeFirst();
    if (queue.isEmpty()) {
      sequences.remove(key);
    }
  }

  void clear() {
    sequences.clear();
  }
}
