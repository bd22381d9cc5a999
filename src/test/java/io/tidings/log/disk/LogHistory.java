package io.tidings.log.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Visibility;
import io.tidings.log.Entry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The answers that the publishers of a log received over all of its runs, and the properties that
 * the entries in the log must have. It is independent of the implementation of the log: it knows
 * only answers and entries.
 */
final class LogHistory {
  private static final String PRIVATE = "private ";

  /** The data of each event that was acknowledged, by its offset. */
  private final Map<Long, String> acknowledged = new HashMap<>();

  private final Set<String> refused = new HashSet<>();

  /** The data that was observed at each offset. */
  private final Map<Long, String> observed = new HashMap<>();

  void acknowledge(List<Entry> entries) {
    for (Entry entry : entries) {
      observe(entry);
      acknowledged.put(entry.offset(), entry.event().data());
    }
  }

  void refuse(List<String> data) {
    refused.addAll(data);
  }

  /** An event whose data says whether it is private. */
  static Event event(String topic, String id, String data, boolean isPrivate) {
    return new Event(
        List.of(topic),
        "",
        id,
        Event.NO_RETRY,
        isPrivate ? PRIVATE + data : data,
        isPrivate ? Visibility.PRIVATE : Visibility.PUBLIC);
  }

  private void observe(Entry entry) {
    Event event = entry.event();
    assertEquals(event.data().startsWith(PRIVATE), event.isPrivate(), entry::toString);
    String before = observed.put(entry.offset(), entry.event().data());
    assertTrue(
        before == null || before.equals(entry.event().data()),
        () -> "offset " + entry.offset() + " had " + before + " and has " + entry.event().data());
  }

  /**
   * Checks the entries of the log.
   *
   * @param start the offset before its oldest entry
   * @param entries all of its entries
   * @param lossReported whether a reader of all of them got a gap because some are lost
   */
  void check(long start, List<Entry> entries, boolean lossReported) {
    var data = new HashSet<String>();
    long offset = start;
    long time = Long.MIN_VALUE;
    for (Entry entry : entries) {
      observe(entry);
      assertTrue(entry.offset() > offset, () -> "the offset does not grow at " + entry);
      assertTrue(entry.time() >= time, () -> "the time decreases at " + entry);
      assertTrue(data.add(entry.event().data()), () -> "twice: " + entry);
      assertFalse(
          refused.contains(entry.event().data()), () -> "refused, but in the log: " + entry);
      offset = entry.offset();
      time = entry.time();
    }
    if (!lossReported) {
      acknowledged.forEach(
          (at, text) ->
              assertTrue(
                  at <= start || data.contains(text),
                  () -> "acknowledged, but not in the log: " + text));
    }
    assertEquals(entries.size(), data.size());
  }

  /** Whether the entry was acknowledged with the data that it has. */
  boolean has(Entry entry) {
    return entry.event().data().equals(acknowledged.get(entry.offset()));
  }

  /** The number of acknowledged events. */
  int size() {
    return acknowledged.size();
  }
}
