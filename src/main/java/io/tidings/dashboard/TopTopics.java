package io.tidings.dashboard;

import io.tidings.log.Entry;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Counts events by topic, to report the topics with the most events and their rates. Not
 * thread-safe.
 */
final class TopTopics {
  /** Further topics are not counted until the next {@link #drain}. */
  private static final int MAX_COUNTED = 10_000;

  private static final double MIN_SECONDS = 0.001;

  private final LongSupplier nanoTime;
  private final Map<String, Count> counts = new HashMap<>();
  private long sinceNanos;

  /**
   * @param nanoTime the clock that measures what rates cover, as {@link System#nanoTime}
   */
  TopTopics(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.sinceNanos = nanoTime.getAsLong();
  }

  /** Counts anew from now on. */
  void restart() {
    counts.clear();
    sinceNanos = nanoTime.getAsLong();
  }

  /** Counts all but the hub's own clock, as traffic does. */
  void count(List<Entry> entries) {
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      if (!entry.ofClock()) {
        entry.event().topics().forEach(this::count);
      }
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
   * The topics with the most events since the last call, in descending order; {@linkplain #restart
   * restarts} the counts.
   */
  Counted drain(int max) {
    List<Topic> top =
        counts.entrySet().stream()
            .map(entry -> new Topic(entry.getKey(), entry.getValue().events))
            .sorted(Comparator.comparingLong(Topic::events).reversed().thenComparing(Topic::topic))
            .limit(max)
            .toList();
    double seconds = Math.max(MIN_SECONDS, (nanoTime.getAsLong() - sinceNanos) / 1e9);
    restart();
    return new Counted(top, seconds);
  }

  /** Topics, and the time in which their events were counted. */
  record Counted(List<Topic> topics, double seconds) {}

  /** A topic, and its number of events. */
  record Topic(String topic, long events) {}

  private static final class Count {
    private long events = 1;
  }
}
