package io.tidings.fanout;

import io.tidings.event.Filter;
import io.tidings.event.TopicPattern;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Counts streams by their filters. Not thread-safe.
 *
 * <p>Streams that name topics are counted topic by topic, so that opening a stream, ending one, and
 * counting those of a topic cost a few look-ups, however many there are. Filters with globs, and
 * events of several topics, for which a stream counts once, are counted filter by filter.
 */
final class FilterCounts {
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

  void add(Filter filter) {
    count(filter, 1);
    tallies.computeIfAbsent(filter, this::open).streams++;
  }

  void remove(Filter filter) {
    count(filter, -1);
    Tally tally = tallies.get(filter);
    if (--tally.streams == 0) {
      tallies.remove(filter);
      close(filter, tally);
    }
  }

  /** The number of streams whose filter matches one of the topics. */
  int streams(List<String> topics) {
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

  /** The number of streams that select this topic by its name, not by a glob. */
  int naming(String topic) {
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
