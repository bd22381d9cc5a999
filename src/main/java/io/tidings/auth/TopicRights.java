package io.tidings.auth;

import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Selection;
import io.tidings.event.Topic;
import io.tidings.event.TopicPattern;
import io.tidings.event.Visibility;
import java.util.List;
import java.util.Optional;

/**
 * Decides by the grants of a principal which topics it may use, and which private events it may
 * read: those with a topic that it was granted itself.
 */
public final class TopicRights {
  private static final Filter HUBS_OWN = Filter.of(Topic.RESERVED + "**");

  private TopicRights() {}

  /**
   * Checks that the principal may publish to every topic of the event.
   *
   * @throws NotGranted with the first topic that is not granted
   */
  public static void checkPublish(Principal principal, Event event) {
    if (principal.grants() == Grants.ALL) {
      return;
    }
    List<String> topics = event.topics();
    for (int i = 0; i < topics.size(); i++) {
      if (!mayPublish(principal.grants(), topics.get(i))) {
        throw NotGranted.publish(principal, topics.get(i));
      }
    }
  }

  /**
   * The selection of a stream: what the principal asked for, as far as it is granted, and of
   * private events as far as it is granted to the principal itself. Each pattern must meet a
   * granted one.
   *
   * @throws NotGranted with the first pattern of which nothing is granted
   * @throws InvalidEvent if the filter would have too many patterns
   */
  public static Selection readable(Principal principal, Filter asked) {
    Grants grants = principal.grants();
    if (grants == Grants.ALL) {
      return Selection.all(asked);
    }
    Filter granted =
        subscribe(grants)
            .orElseThrow(() -> NotGranted.subscribe(principal, asked.patterns().get(0).pattern()));
    for (TopicPattern pattern : asked.patterns()) {
      if (granted.patterns().stream().allMatch(one -> one.intersect(pattern).isEmpty())) {
        throw NotGranted.subscribe(principal, pattern.pattern());
      }
    }
    Filter filter = asked.intersect(granted).orElseThrow();
    Optional<Filter> own = withHubsOwn(grants, grants.own());
    return own.isPresent() && own.get().equals(granted)
        ? Selection.all(filter)
        : Selection.of(filter, own.flatMap(asked::intersect));
  }

  /** Everything that the principal, who may read something, may read. */
  public static Selection readable(Principal principal) {
    Grants grants = principal.grants();
    return grants == Grants.ALL
        ? Selection.EVERYTHING
        : Selection.of(subscribe(grants).orElseThrow(), withHubsOwn(grants, grants.own()));
  }

  /** Whether the principal may read the topic; also one of the hub's own. */
  public static boolean mayRead(Principal principal, String topic) {
    return mayRead(principal, topic, Visibility.PUBLIC);
  }

  /** Whether the principal may read events of that topic and visibility. */
  public static boolean mayRead(Principal principal, String topic, Visibility visibility) {
    return granted(principal.grants(), visibility).filter(all -> all.matches(topic)).isPresent();
  }

  private static Optional<Filter> granted(Grants grants, Visibility visibility) {
    return withHubsOwn(
        grants, visibility == Visibility.PRIVATE ? grants.own() : grants.subscribe());
  }

  private static Optional<Filter> subscribe(Grants grants) {
    return withHubsOwn(grants, grants.subscribe());
  }

  /**
   * Whether the principal, if it subscribes to all topics of the event, receives it: only then it
   * may learn who else does.
   */
  public static boolean mayRead(Principal principal, Event event) {
    return granted(principal.grants(), event.visibility())
        .filter(all -> all.matches(event.topics()))
        .isPresent();
  }

  /** The hub's own topics are granted by their name, by a glob in {@code hub.}, or by admin. */
  private static Optional<Filter> withHubsOwn(Grants grants, Optional<Filter> granted) {
    if (!grants.admin()) {
      return granted;
    }
    return Optional.of(granted.map(HUBS_OWN::union).orElse(HUBS_OWN));
  }

  /**
   * Events of the scenes start work of the hub, so a glob that has all topics does not grant them.
   */
  private static boolean mayPublish(Grants grants, String topic) {
    Optional<Filter> granted = grants.publish();
    if (!Topic.ofScenes(topic)) {
      return granted.isPresent() && granted.get().matches(topic);
    }
    return grants.admin()
        || granted.isPresent()
            && granted.get().patterns().stream()
                .anyMatch(one -> Topic.ofScenes(one.pattern()) && one.matches(topic));
  }
}
