package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.Selection;
import io.tidings.event.TopicPattern;
import io.tidings.event.Visibility;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys of indexes by topic. A topic has one for its public events, its name, and another one
 * for its private events, which begins with a dot, as no topic does. So a look-up for a selection
 * finds only what it may, and costs nothing for what it may not.
 */
public final class TopicKeys {
  /** What the keys of private events begin with. */
  public static final char PRIVATE_MARK = '.';

  private static final String PRIVATE = String.valueOf(PRIVATE_MARK);

  private TopicKeys() {}

  /** The keys under which an event is found. */
  public static List<String> of(Event event) {
    return of(event.topics(), event.visibility());
  }

  /** The keys under which an event of the topics is found. */
  public static List<String> of(List<String> topics, Visibility visibility) {
    return visibility == Visibility.PUBLIC ? topics : topics.stream().map(PRIVATE::concat).toList();
  }

  /** The keys of the events that a selection without wildcards selects. */
  public static List<String> of(Selection selection) {
    List<TopicPattern> named = selection.filter().patterns();
    List<TopicPattern> privates = selection.privates().map(Filter::patterns).orElse(List.of());
    var keys = new ArrayList<String>(named.size() + privates.size());
    named.forEach(pattern -> keys.add(pattern.pattern()));
    privates.forEach(pattern -> keys.add(PRIVATE + pattern.pattern()));
    return keys;
  }

  /** Whether the events under the key are selected. */
  public static boolean matches(Selection selection, String key) {
    return isPrivate(key)
        ? selection.privates().isPresent() && selection.privates().get().matches(topic(key))
        : selection.filter().matches(key);
  }

  /** The topic of a key. */
  public static String topic(String key) {
    return isPrivate(key) ? key.substring(PRIVATE.length()) : key;
  }

  /** Whether the key is of private events. */
  public static boolean isPrivate(String key) {
    return key.startsWith(PRIVATE);
  }
}
