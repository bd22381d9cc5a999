package io.tidings.fanout;

import io.tidings.auth.Principal;
import io.tidings.auth.PrincipalJson;
import io.tidings.event.Filter;
import io.tidings.event.TopicPattern;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/**
 * What an open stream is to be from now on.
 *
 * @param principal whose rights replace those that the stream has
 * @param topics what replaces the topics that it asked for; empty to leave them
 */
public record Renewal(StreamId stream, Principal principal, Optional<Filter> topics) {
  private static final String STREAM = "stream";
  private static final String PRINCIPAL = "principal";
  private static final String TOPICS = "topics";

  /** For another node. */
  public JsonObject json() {
    var json =
        new JsonObject().put(STREAM, stream.toString()).put(PRINCIPAL, PrincipalJson.of(principal));
    topics.ifPresent(
        filter ->
            json.put(
                TOPICS,
                new JsonArray(filter.patterns().stream().map(TopicPattern::pattern).toList())));
    return json;
  }

  /**
   * From another node.
   *
   * @throws RuntimeException if it is not the JSON of one
   */
  static Renewal read(JsonObject json) {
    return new Renewal(
        StreamId.parse(json.getString(STREAM)).orElseThrow(),
        PrincipalJson.read(json.getJsonObject(PRINCIPAL)),
        Optional.ofNullable(json.getJsonArray(TOPICS))
            .map(array -> Filter.of(array.stream().map(String.class::cast).toList())));
  }
}
