package io.tidings.log.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.log.Entry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What publishers of a log were told through all of its lives, and what must hold of what a reader
 * finds. It knows nothing of how the log works: only answers and entries.
 */
final class LogHistory {
  /** The data of each event that was acknowledged, by its offset. */
  private final Map<Long, String> acknowledged = new HashMap<>();

  private final Set<String> refused = new HashSet<>();

  /** The data that was ever seen at an offset. */
  private final Map<Long, String> seen = new HashMap<>();

  void acknowledge(List<Entry> entries) {
    for (Entry entry : entries) {
      see(entry);
      acknowledged.put(entry.offset(), entry.event().data());
    }
  }

  void refuse(List<String> data) {
    refused.addAll(data);
  }

  private void see(Entry entry) {
    String before = seen.put(entry.offset(), entry.event().data());
    assertTrue(
        before == null || before.equals(entry.event().data()),
        () -> "offset " + entry.offset() + " had " + before + " and has " + entry.event().data());
  }

  /**
   * Checks what is in the log.
   *
   * @param start the offset before its oldest entry
   * @param entries all of them
   * @param lossTold whether a reader of all of them was told that some are lost
   */
  void check(long start, List<Entry> entries, boolean lossTold) {
    var data = new HashSet<String>();
    long offset = start;
    long time = Long.MIN_VALUE;
    for (Entry entry : entries) {
      see(entry);
      assertTrue(entry.offset() > offset, () -> "offsets do not grow at " + entry);
      assertTrue(entry.time() >= time, () -> "time falls at " + entry);
      assertTrue(data.add(entry.event().data()), () -> "twice: " + entry);
      assertFalse(refused.contains(entry.event().data()), () -> "refused, and there: " + entry);
      offset = entry.offset();
      time = entry.time();
    }
    if (!lossTold) {
      acknowledged.forEach(
          (at, text) ->
              assertTrue(
                  at <= start || data.contains(text), () -> "acknowledged, and gone: " + text));
    }
    assertEquals(entries.size(), data.size());
  }

  /** Whether the entry was acknowledged as what it is. */
  boolean has(Entry entry) {
    return entry.event().data().equals(acknowledged.get(entry.offset()));
  }

  /** A power cut took away what was not forced: it may be gone, if that is told. */
  int size() {
    return acknowledged.size();
  }
}
