package io.tidings.dashboard;

import io.tidings.log.Entry;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counts how often topics come, to tell of those that come most. Not thread-safe. */
final class TopTopics {
  /** Topics beyond that are not counted before the next look. */
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

  /** The busiest since the last look, the busiest first; counts anew from here. */
  List<Topic> look(int most) {
    List<Topic> busiest =
        counts.entrySet().stream()
            .map(entry -> new Topic(entry.getKey(), entry.getValue().events))
            .sorted(Comparator.comparingLong(Topic::events).reversed().thenComparing(Topic::topic))
            .limit(most)
            .toList();
    counts.clear();
    return busiest;
  }

  /** A topic, and how many events came. */
  record Topic(String topic, long events) {}

  private static final class Count {
    private long events = 1;
  }
}
