package io.tidings.fanout;

import io.tidings.event.Selection;
import io.tidings.event.Selector;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * Finds those who want to hear a topic: by look-up where topics were named, by comparison where
 * globs were, and that once for each topic. To add and to remove costs a look-up for each selector,
 * however many others there are for the same topic. Not thread-safe.
 */
final class SelectionIndex<T> {
  private static final int MOST_REMEMBERED = 10_000;

  private final Map<String, Collection<T>> named = new HashMap<>();
  private final Map<Selection, Collection<T>> globs = new HashMap<>();
  private Map<String, List<T>> remembered = new HashMap<>();

  void add(Selection selection, T listener) {
    if (!selection.exact()) {
      globs.merge(selection, one(listener), SelectionIndex::joined);
      forgetMatches();
      return;
    }
    for (Selector selector : selection.selectors()) {
      named.merge(selector.pattern(), one(listener), SelectionIndex::joined);
      remembered.remove(selector.pattern());
    }
  }

  void remove(Selection selection, T listener) {
    if (!selection.exact()) {
      remove(globs, selection, listener);
      forgetMatches();
      return;
    }
    for (Selector selector : selection.selectors()) {
      remove(named, selector.pattern(), listener);
      remembered.remove(selector.pattern());
    }
  }

  /** Those whose selection has the topic, each once. */
  Collection<T> matching(String topic) {
    if (globs.isEmpty()) {
      return named.getOrDefault(topic, List.of());
    }
    List<T> known = remembered.get(topic);
    if (known == null) {
      known = compare(topic);
      if (remembered.size() >= MOST_REMEMBERED) {
        forgetMatches();
      }
      remembered.put(topic, known);
    }
    return known;
  }

  private List<T> compare(String topic) {
    var matching = new ArrayList<>(named.getOrDefault(topic, List.of()));
    var topics = List.of(topic);
    globs.forEach(
        (selection, listeners) -> {
          if (selection.matches(topics)) {
            matching.addAll(listeners);
          }
        });
    return matching;
  }

  /** A new map where there was something: to clear one costs as much as it ever had in it. */
  private void forgetMatches() {
    if (!remembered.isEmpty()) {
      remembered = new HashMap<>();
    }
  }

  /** Most topics have one listener, which needs no more than a list; the first is all it has. */
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
