package io.tidings.log;

import io.tidings.event.Filter;
import io.tidings.event.TopicPattern;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The offset of each topic's newest entry, for the {@link #MOST} topics that had one last, at about
 * 250 bytes each. One thread at a time adds; any thread may look meanwhile, without a lock, for a
 * glob is compared with all topics.
 */
public final class TopicHeads {
  /** The most topics that it knows. */
  static final int MOST = 1 << 16;

  private final int most;
  private final Map<String, Long> byTopic = new ConcurrentHashMap<>();

  /** The topics whose newest entry is at the offset. */
  private final ConcurrentSkipListMap<Long, List<String>> byOffset = new ConcurrentSkipListMap<>();

  private volatile boolean overflowed;

  public TopicHeads() {
    this(MOST);
  }

  /**
   * @param most how many topics it knows at the most
   */
  public TopicHeads(int most) {
    this.most = most;
  }

  /** The entry at the offset, which is greater than all before it, has these topics. */
  public void add(List<String> topics, long offset) {
    byOffset.put(offset, topics);
    for (String topic : topics) {
      Long before = byTopic.put(topic, offset);
      if (before != null && before != offset) {
        byOffset.computeIfPresent(before, (at, others) -> without(others, topic));
      }
    }
    while (byTopic.size() > most) {
      removeFirst();
      overflowed = true;
    }
  }

  /** Forgets topics that have had no entry at or after the offset. */
  public void forgetBefore(long offset) {
    while (!byOffset.isEmpty() && byOffset.firstKey() < offset) {
      removeFirst();
    }
  }

  /** Whether it knows every topic that has an entry. */
  public boolean complete() {
    return !overflowed;
  }

  /** The offset of the newest entry of the filter, as far as it knows. */
  public OptionalLong newest(Filter what) {
    if (what.exact()) {
      return what.patterns().stream()
          .map(TopicPattern::pattern)
          .map(byTopic::get)
          .filter(offset -> offset != null)
          .mapToLong(Long::longValue)
          .max();
    }
    for (Map.Entry<Long, List<String>> head : byOffset.descendingMap().entrySet()) {
      if (what.matches(head.getValue())) {
        return OptionalLong.of(head.getKey());
      }
    }
    return OptionalLong.empty();
  }

  private void removeFirst() {
    byOffset.pollFirstEntry().getValue().forEach(byTopic::remove);
  }

  /** The list without the topic; null where nothing is left. */
  private static List<String> without(List<String> topics, String topic) {
    if (topics.size() == 1) {
      return null;
    }
    return topics.stream().filter(other -> !other.equals(topic)).toList();
  }
}
