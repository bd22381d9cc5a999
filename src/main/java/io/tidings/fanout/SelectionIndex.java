package io.tidings.fanout;

import io.tidings.event.Selection;
import io.tidings.event.Selector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds those who want to hear a topic: by look-up where topics were named, by comparison where
 * globs were, and that once for each topic. Not thread-safe.
 */
final class SelectionIndex<T> {
  private static final int MOST_REMEMBERED = 10_000;

  private final Map<String, List<T>> named = new HashMap<>();
  private final Map<Selection, List<T>> globs = new HashMap<>();
  private final Map<String, List<T>> remembered = new HashMap<>();

  void add(Selection selection, T listener) {
    if (!selection.exact()) {
      globs.computeIfAbsent(selection, globs -> new ArrayList<>(1)).add(listener);
      remembered.clear();
      return;
    }
    for (Selector selector : selection.selectors()) {
      named.computeIfAbsent(selector.pattern(), topic -> new ArrayList<>()).add(listener);
      remembered.remove(selector.pattern());
    }
  }

  void remove(Selection selection, T listener) {
    if (!selection.exact()) {
      List<T> listeners = globs.get(selection);
      listeners.remove(listener);
      if (listeners.isEmpty()) {
        globs.remove(selection);
      }
      remembered.clear();
      return;
    }
    for (Selector selector : selection.selectors()) {
      List<T> listeners = named.get(selector.pattern());
      listeners.remove(listener);
      if (listeners.isEmpty()) {
        named.remove(selector.pattern());
      }
      remembered.remove(selector.pattern());
    }
  }

  /** Those whose selection has the topic, each once. */
  List<T> matching(String topic) {
    if (globs.isEmpty()) {
      return named.getOrDefault(topic, List.of());
    }
    List<T> known = remembered.get(topic);
    if (known == null) {
      known = compare(topic);
      if (remembered.size() >= MOST_REMEMBERED) {
        remembered.clear();
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
}
