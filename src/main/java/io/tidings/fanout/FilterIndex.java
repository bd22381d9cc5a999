package io.tidings.fanout;

import io.tidings.event.Filter;
import io.tidings.event.TopicPattern;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * Finds the listeners whose filters match a topic: by look-up for exact topics, and by comparison
 * for globs, whose result is cached for each topic. Adding and removing cost a look-up for each
 * pattern, however many other listeners the same topic has. Not thread-safe.
 */
final class FilterIndex<T> {
  private static final int MAX_CACHED = 10_000;

  private final Map<String, Collection<T>> named = new HashMap<>();
  private final Map<Filter, Collection<T>> globs = new HashMap<>();

  /** The result of {@link #matching} by topic, while there are globs. */
  private Map<String, List<T>> matches = new HashMap<>();

  void add(Filter filter, T listener) {
    if (!filter.exact()) {
      globs.merge(filter, one(listener), FilterIndex::joined);
      clearMatches();
      return;
    }
    for (TopicPattern pattern : filter.patterns()) {
      named.merge(pattern.pattern(), one(listener), FilterIndex::joined);
      matches.remove(pattern.pattern());
    }
  }

  void remove(Filter filter, T listener) {
    if (!filter.exact()) {
      clearMatches(); // first, since it may fail for lack of memory
      remove(globs, filter, listener);
      return;
    }
    for (TopicPattern pattern : filter.patterns()) {
      remove(named, pattern.pattern(), listener);
      matches.remove(pattern.pattern());
    }
  }

  /** The listeners whose filter matches the topic, each once. */
  Collection<T> matching(String topic) {
    if (globs.isEmpty()) {
      return named.getOrDefault(topic, List.of());
    }
    List<T> found = matches.get(topic);
    if (found == null) {
      found = findMatches(topic);
      if (matches.size() >= MAX_CACHED) {
        clearMatches();
      }
      matches.put(topic, found);
    }
    return found;
  }

  private List<T> findMatches(String topic) {
    var matching = new ArrayList<>(named.getOrDefault(topic, List.of()));
    var topics = List.of(topic);
    globs.forEach(
        (filter, listeners) -> {
          if (filter.matches(topics)) {
            matching.addAll(listeners);
          }
        });
    return matching;
  }

  /** Replaces the map if it has entries: clearing a map costs as much as its largest size ever. */
  private void clearMatches() {
    if (!matches.isEmpty()) {
      matches = new HashMap<>();
    }
  }

  /**
   * An immutable list, since most topics have one listener, which needs no more; {@link #joined}
   * replaces it.
   */
  private static <T> Collection<T> one(T listener) {
    return List.of(listener);
  }

  private static <T> Collection<T> joined(Collection<T> many, Collection<T> one) {
    Collection<T> set = many instanceof LinkedHashSet ? many : new LinkedHashSet<>(many);
    set.addAll(one);
    return set;
  }

  private static <K, T> void remove(Map<K, Collection<T>> from, K key, T listener) {
    Collection<T> listeners = from.get(key);
    if (listeners.size() == 1) {
      from.remove(key);
    } else {
      listeners.remove(listener);
    }
  }
}
