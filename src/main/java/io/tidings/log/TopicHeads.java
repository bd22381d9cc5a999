package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.Selection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The offset of each topic's newest entry, by {@link TopicKeys}, for the {@link #MAX_TOPICS}
 * maxTopics recently used topics, at about 250 bytes each. One thread at a time writes; any thread
 * reads without a lock, since a glob is matched against all topics.
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

  /** Adds an event, whose offset is greater than all before it. */
  public void add(Event event, long offset) {
    List<String> topics = TopicKeys.of(event);
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

  /** The offset of the newest entry of the known topics that the selection matches. */
  public OptionalLong newest(Selection selection) {
    if (selection.exact()) {
      return TopicKeys.of(selection).stream()
          .map(byTopic::get)
          .filter(offset -> offset != null)
          .mapToLong(Long::longValue)
          .max();
    }
    for (Map.Entry<Long, List<String>> head : byOffset.descendingMap().entrySet()) {
      if (head.getValue().stream().anyMatch(key -> TopicKeys.matches(selection, key))) {
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
