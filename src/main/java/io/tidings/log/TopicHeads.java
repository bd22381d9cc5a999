package io.tidings.log;

import io.tidings.event.Filter;
import io.tidings.event.TopicPattern;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The offset of each topic's newest entry, for the {@link #MAX_TOPICS} maxTopics recently used
 * topics, at about 250 bytes each. One thread at a time writes; any thread reads without a lock,
 * since a glob is matched against all topics.
 */
public final class TopicHeads {
  /** The default maximum number of topics. */
  static final int MAX_TOPICS = 1 << 16;

  private final int maxTopics;
  private final Map<String, Long> byTopic = new ConcurrentHashMap<>();

  /** The topics whose newest entry is at the offset. */
  private final ConcurrentSkipListMap<Long, List<String>> byOffset = new ConcurrentSkipListMap<>();

  private volatile boolean overflowed;

  public TopicHeads() {
    this(MAX_TOPICS);
  }

  /**
   * @param maxTopics the maximum number of topics
   */
  TopicHeads(int maxTopics) {
    this.maxTopics = maxTopics;
  }

  /** Adds an entry of the topics, whose offset is greater than all before it. */
  public void add(List<String> topics, long offset) {
    byOffset.put(offset, topics);
    for (String topic : topics) {
      Long before = byTopic.put(topic, offset);
      if (before != null && before != offset) {
        byOffset.computeIfPresent(before, (at, others) -> without(others, topic));
      }
    }
    while (byTopic.size() > maxTopics) {
      removeFirst();
      overflowed = true;
    }
  }

  /** Removes the topics that have no entry at or after the offset. */
  public void evictBefore(long offset) {
    while (!byOffset.isEmpty() && byOffset.firstKey() < offset) {
      removeFirst();
    }
  }

  /** Whether no topic was removed because there were too many. */
  public boolean complete() {
    return !overflowed;
  }

  /** The offset of the newest entry of the known topics that the filter matches. */
  public OptionalLong newest(Filter filter) {
    if (filter.exact()) {
      return filter.patterns().stream()
          .map(TopicPattern::pattern)
          .map(byTopic::get)
          .filter(offset -> offset != null)
          .mapToLong(Long::longValue)
          .max();
    }
    for (Map.Entry<Long, List<String>> head : byOffset.descendingMap().entrySet()) {
      if (filter.matches(head.getValue())) {
        return OptionalLong.of(head.getKey());
      }
    }
    return OptionalLong.empty();
  }

  private void removeFirst() {
    byOffset.pollFirstEntry().getValue().forEach(byTopic::remove);
  }

  /** The list without the topic; null if nothing is left. */
  private static List<String> without(List<String> topics, String topic) {
    if (topics.size() == 1) {
      return null;
    }
    return topics.stream().filter(other -> !other.equals(topic)).toList();
  }
}
