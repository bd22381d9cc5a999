package io.tidings.auth;

import io.tidings.event.Filter;
import io.tidings.event.Selection;
import java.util.Optional;

/**
 * What a principal may do. There are no denials: what is not granted is not allowed.
 *
 * @param subscribe the topics that it may read; empty for none
 * @param publish the topics that it may publish to; empty for none
 * @param admin whether it may see the hub's own state
 * @param own the part of {@code subscribe} that it has by itself, not because everybody has it:
 *     what it may read of private events
 * @param presence whether it may see who is present at the topics that it may read
 */
public record Grants(
    Optional<Filter> subscribe,
    Optional<Filter> publish,
    boolean admin,
    Optional<Filter> own,
    boolean presence) {
  public static final Grants NONE = new Grants(Optional.empty(), Optional.empty(), false);

  /** Everything, also the hub's own topics. */
  public static final Grants ALL =
      new Grants(Optional.of(Filter.EVERYTHING), Optional.of(Filter.EVERYTHING), true)
          .withPresence(true);

  /** Without the right to see who is present. */
  public Grants(
      Optional<Filter> subscribe, Optional<Filter> publish, boolean admin, Optional<Filter> own) {
    this(subscribe, publish, admin, own, false);
  }

  /** What somebody is granted by a token, or by the settings for it. */
  public Grants(Optional<Filter> subscribe, Optional<Filter> publish, boolean admin) {
    this(subscribe, publish, admin, subscribe);
  }

  /**
   * The right to read topics, also their private events, and nothing else.
   *
   * @param patterns topics and globs, at least one
   * @throws io.tidings.event.InvalidEvent if one breaks a rule
   */
  public static Grants toSubscribe(String... patterns) {
    return new Grants(Optional.of(Filter.of(patterns)), Optional.empty(), false);
  }

  /**
   * The right to publish to topics, and nothing else.
   *
   * @param patterns as of {@link #toSubscribe}
   */
  public static Grants toPublish(String... patterns) {
    return new Grants(Optional.empty(), Optional.of(Filter.of(patterns)), false);
  }

  /** What lets somebody read what is selected, and do nothing else. */
  static Grants toRead(Selection topics) {
    return new Grants(Optional.of(topics.filter()), Optional.empty(), false, topics.privates());
  }

  /** The same grants, with or without the right to see who is present. */
  public Grants withPresence(boolean presence) {
    return new Grants(subscribe, publish, admin, own, presence);
  }

  /** The same grants, given to everybody: they are nobody's own. */
  Grants toEverybody() {
    return new Grants(subscribe, publish, admin, Optional.empty(), presence);
  }

  /** Whether nothing may be read. */
  public boolean readsNothing() {
    return subscribe.isEmpty() && !admin;
  }

  /** What is granted by either. */
  public Grants and(Grants other) {
    return new Grants(
        union(subscribe, other.subscribe),
        union(publish, other.publish),
        admin || other.admin,
        union(own, other.own),
        presence || other.presence);
  }

  private static Optional<Filter> union(Optional<Filter> one, Optional<Filter> other) {
    return one.isPresent() && other.isPresent()
        ? Optional.of(one.get().union(other.get()))
        : one.or(() -> other);
  }
}
