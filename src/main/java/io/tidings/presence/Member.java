package io.tidings.presence;

import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Optional;

/**
 * A principal that is present at a topic.
 *
 * @param payload what its token says about it, as JSON; empty if it says nothing
 * @param streams how many are open; 0 if the last one has just ended
 * @param since when it joined
 */
record Member(MemberKey key, Optional<String> payload, int streams, Instant since) {
  private static final String ISSUER = "issuer";
  private static final String SUBJECT = "subject";
  private static final String PAYLOAD = "payload";
  private static final String STREAMS = "streams";
  private static final String SINCE = "since";

  Member withStreams(int count) {
    return new Member(key, payload, count, since);
  }

  Member withPayload(Optional<String> other) {
    return payload.equals(other) ? this : new Member(key, other, streams, since);
  }

  /** The same principal at two nodes; it has the payload that it showed to the later one. */
  Member and(Member other) {
    boolean earlier = !since.isAfter(other.since);
    return new Member(
        key,
        (earlier ? other : this).payload,
        streams + other.streams,
        earlier ? since : other.since);
  }

  /** For clients and for other nodes. */
  JsonObject json() {
    JsonObject json = json(key);
    payload.ifPresent(value -> json.put(PAYLOAD, Json.decodeValue(value)));
    return json.put(STREAMS, streams).put(SINCE, since.toString());
  }

  /** The name of a member; {@link #isGone} is true of it. */
  static JsonObject json(MemberKey key) {
    return new JsonObject().put(ISSUER, key.issuer()).put(SUBJECT, key.subject());
  }

  /** Whether the JSON only names a member. */
  static boolean isGone(JsonObject json) {
    return !json.containsKey(STREAMS);
  }

  static MemberKey key(JsonObject json) {
    return new MemberKey(json.getString(ISSUER), json.getString(SUBJECT));
  }

  /**
   * @throws RuntimeException if it is not the JSON of a member
   */
  static Member read(JsonObject json) {
    return new Member(
        key(json),
        Optional.ofNullable(json.getValue(PAYLOAD)).map(Json::encode),
        json.getInteger(STREAMS),
        Instant.parse(json.getString(SINCE)));
  }
}
