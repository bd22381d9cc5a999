package io.tidings.fanout;

import io.tidings.event.Filter;
import io.tidings.event.TopicPattern;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts the streams of this node, on all event loops, by the topics they select. Thread-safe.
 *
 * <p>Streams that name topics are counted topic by topic, so that opening a stream, ending one, and
 * counting those of a topic cost a few look-ups, however many there are. Filters with globs, and
 * events of several topics, for which a stream counts once, are counted filter by filter.
 */
public final class SubscriptionCounts {
  private final Map<Filter, Tally> tallies = new HashMap<>();

  /** Streams that name the topic and select nothing by a glob. */
  private final Map<String, Count> exact = new HashMap<>();

  /** Streams that select the topic and nothing else. */
  private final Map<String, Count> alone = new HashMap<>();

  /** Streams that name the topic, whatever else they select. */
  private final Map<String, Count> naming = new HashMap<>();

  /** Filters of several topics, by each topic. */
  private final FilterIndex<Tally> several = new FilterIndex<>();

  /** Filters with globs. */
  private final FilterIndex<Tally> globs = new FilterIndex<>();

  private final Map<LagMonitor, List<SlowSubscriber>> slowSubscribers = new ConcurrentHashMap<>();
  private int streams;

  synchronized void add(Filter filter) {
    streams++;
    count(filter, 1);
    tallies.computeIfAbsent(filter, this::open).streams++;
  }

  synchronized void remove(Filter filter) {
    streams--;
    count(filter, -1);
    Tally tally = tallies.get(filter);
    if (--tally.streams == 0) {
      tallies.remove(filter);
      close(filter, tally);
    }
  }

  /** The number of streams that are open. */
  public synchronized int streams() {
    return streams;
  }

  /** The number of streams that receive an event of these topics. */
  public synchronized int streams(List<String> topics) {
    if (topics.size() == 1) {
      return of(exact, topics.get(0)) + sum(globs.matching(topics.get(0)));
    }
    int sum = 0;
    Set<Tally> each = Collections.newSetFromMap(new IdentityHashMap<>());
    for (String topic : topics) {
      sum += of(alone, topic);
      each.addAll(several.matching(topic));
      each.addAll(globs.matching(topic));
    }
    return sum + sum(each);
  }

  /** Sets the most lagging streams of an event loop. */
  void slowSubscribers(LagMonitor loop, List<SlowSubscriber> slowest) {
    slowSubscribers.put(loop, slowest);
  }

  /** The most lagging streams, at most the given number, in descending order of lag. */
  public List<SlowSubscriber> slowest(int most) {
    return slowSubscribers.values().stream()
        .flatMap(List::stream)
        .sorted(Comparator.comparingLong(SlowSubscriber::lag).reversed())
        .limit(most)
        .toList();
  }

  /** The number of streams that select this topic by its name, not by a glob. */
  public synchronized int naming(String topic) {
    return of(naming, topic);
  }

  private void count(Filter filter, int more) {
    boolean exactly = filter.exact();
    if (exactly && filter.patterns().size() == 1) {
      count(alone, filter.patterns().get(0).pattern(), more);
    }
    for (TopicPattern pattern : filter.patterns()) {
      if (pattern.exact()) {
        count(naming, pattern.pattern(), more);
        if (exactly) {
          count(exact, pattern.pattern(), more);
        }
      }
    }
  }

  private static void count(Map<String, Count> counts, String topic, int more) {
    Count count = counts.computeIfAbsent(topic, first -> new Count());
    count.streams += more;
    if (count.streams == 0) {
      counts.remove(topic);
    }
  }

  private static int of(Map<String, Count> counts, String topic) {
    Count count = counts.get(topic);
    return count == null ? 0 : count.streams;
  }

  private Tally open(Filter filter) {
    var tally = new Tally();
    if (!filter.exact()) {
      globs.add(filter, tally);
    } else if (filter.patterns().size() > 1) {
      several.add(filter, tally);
    }
    return tally;
  }

  private void close(Filter filter, Tally tally) {
    if (!filter.exact()) {
      globs.remove(filter, tally);
    } else if (filter.patterns().size() > 1) {
      several.remove(filter, tally);
    }
  }

  private static int sum(Iterable<Tally> tallies) {
    int sum = 0;
    for (Tally tally : tallies) {
      sum += tally.streams;
    }
    return sum;
  }

  private static final class Count {
    private int streams;
  }

  private static final class Tally {
    private int streams;
  }
}
