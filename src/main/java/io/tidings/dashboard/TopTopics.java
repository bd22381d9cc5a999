package io.tidings.dashboard;

import io.tidings.log.Entry;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counts events by topic, to report the topics with the most events. Not thread-safe. */
final class TopTopics {
  /** Further topics are not counted until the next {@link #drain}. */
  private static final int MAX_COUNTED = 10_000;

  private final Map<String, Count> counts = new HashMap<>();

  void count(List<Entry> entries) {
    for (int i = 0; i < entries.size(); i++) {
      entries.get(i).event().topics().forEach(this::count);
    }
  }

  private void count(String topic) {
    Count count = counts.get(topic);
    if (count != null) {
      count.events++;
    } else if (counts.size() < MAX_COUNTED) {
      counts.put(topic, new Count());
    }
  }

  /**
   * The topics with the most events since the last call, in descending order; resets the counts.
   */
  List<Topic> drain(int max) {
    List<Topic> top =
        counts.entrySet().stream()
            .map(entry -> new Topic(entry.getKey(), entry.getValue().events))
            .sorted(Comparator.comparingLong(Topic::events).reversed().thenComparing(Topic::topic))
            .limit(max)
            .toList();
    counts.clear();
    return top;
  }

  /** A topic, and its number of events. */
  record Topic(String topic, long events) {}

  private static final class Count {
    private long events = 1;
  }
}
