package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.Publication;
import java.util.List;

/**
 * The names under which indexes have what a repetition is compared with: publications by their key,
 * and events by their topic and id, each within the publisher's scope ({@link Publication#scope}).
 *
 * <p>In the empty scope, a publication's name is its key, and an event has none: it is found by its
 * id. In another scope, names begin with the scope and a line break, which neither keys nor ids nor
 * topics have; so names of different scopes and kinds are different.
 */
public final class DedupNames {
  private static final char SEPARATOR = '\n';

  private DedupNames() {}

  /** The name of a publication with a key. */
  public static String of(String scope, String key) {
    return scope.isEmpty() ? key : scope + SEPARATOR + key;
  }

  /** The name of an event with an id, in a scope that is not empty. */
  public static String ofEvent(String scope, String topic, String id) {
    return scope + SEPARATOR + topic + SEPARATOR + id;
  }

  /**
   * The names of a record.
   *
   * @param key the publication's key, if it is on this record; otherwise empty
   * @param id the event's id; may be empty
   */
  public static List<String> of(String scope, String key, String topic, String id) {
    boolean scopedId = !scope.isEmpty() && !id.isEmpty();
    if (key.isEmpty()) {
      return scopedId ? List.of(ofEvent(scope, topic, id)) : List.of();
    }
    return scopedId ? List.of(of(scope, key), ofEvent(scope, topic, id)) : List.of(of(scope, key));
  }

  /**
   * What two events of publications that are stored once have in common if one repeats the other.
   */
  public static Object identity(String scope, Event event) {
    return scope.isEmpty()
        ? List.of(event.topic(), event.id())
        : List.of(scope, event.topic(), event.id());
  }

  /** Whether a record with this key and id is compared with others, so that its scope matters. */
  public static boolean compared(String key, String id) {
    return !key.isEmpty() || !id.isEmpty();
  }
}
