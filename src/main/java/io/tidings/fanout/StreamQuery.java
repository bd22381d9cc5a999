package io.tidings.fanout;

import io.tidings.auth.Principal;
import io.tidings.event.Filter;
import io.tidings.event.TopicPattern;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/**
 * Which open streams are listed.
 *
 * @param after the handle after which the list begins; empty for all
 * @param limit the largest number of streams, 1 to {@link #MAX_LIMIT}
 * @param issuer of the principal; empty text for streams without a token
 * @param subject of the principal; empty text for streams without a token
 * @param topic a topic that the stream receives, or a glob of which it may receive topics
 * @param behind lists those that are behind by more entries; empty for any
 */
public record StreamQuery(
    Optional<StreamHandle> after,
    int limit,
    Optional<String> issuer,
    Optional<String> subject,
    Optional<TopicPattern> topic,
    Optional<Long> behind) {
  public static final int MAX_LIMIT = 1_000;

  private static final String AFTER = "after";
  private static final String LIMIT = "limit";
  private static final String ISSUER = "issuer";
  private static final String SUBJECT = "subject";
  private static final String TOPIC = "topic";
  private static final String BEHIND = "behind";

  public StreamQuery {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException("limit " + limit);
    }
  }

  /** Reads what {@link #json} wrote. */
  public static StreamQuery of(JsonObject json) {
    return new StreamQuery(
        Optional.ofNullable(json.getString(AFTER)).flatMap(StreamHandle::parse),
        json.getInteger(LIMIT),
        Optional.ofNullable(json.getString(ISSUER)),
        Optional.ofNullable(json.getString(SUBJECT)),
        Optional.ofNullable(json.getString(TOPIC)).map(TopicPattern::new),
        Optional.ofNullable(json.getLong(BEHIND)));
  }

  /** The question to another node. */
  public JsonObject json() {
    var json = new JsonObject().put(LIMIT, limit);
    after.ifPresent(handle -> json.put(AFTER, handle.toString()));
    issuer.ifPresent(text -> json.put(ISSUER, text));
    subject.ifPresent(text -> json.put(SUBJECT, text));
    topic.ifPresent(pattern -> json.put(TOPIC, pattern.pattern()));
    behind.ifPresent(entries -> json.put(BEHIND, entries));
    return json;
  }

  /** Whether a stream of this principal and filter is listed, however far it is behind. */
  boolean selects(Principal principal, Filter filter) {
    return issuer.filter(text -> !text.equals(principal.issuer())).isEmpty()
        && subject.filter(text -> !text.equals(principal.subject())).isEmpty()
        && topic.filter(pattern -> !meets(filter, pattern)).isEmpty();
  }

  private static boolean meets(Filter filter, TopicPattern pattern) {
    return pattern.exact()
        ? filter.matches(pattern.pattern())
        : filter.patterns().stream().anyMatch(one -> one.intersect(pattern).isPresent());
  }
}
