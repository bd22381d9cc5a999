package io.tidings.fanout;

import io.tidings.auth.Principal;
import io.tidings.metrics.Door;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;

/**
 * An open stream as administrators see it.
 *
 * @param topics the first patterns of its filter
 * @param moreTopics the number of the others
 * @param door by which it was opened: its format
 * @param lag the entries by which it is behind the head
 * @param behindMillis since when it is behind; 0 if it is not
 */
public record StreamInfo(
    StreamHandle handle,
    Principal principal,
    String address,
    List<String> topics,
    int moreTopics,
    Door door,
    Instant since,
    long lag,
    long behindMillis) {
  private static final int MAX_TOPICS = 10;
  private static final double MILLIS_PER_SECOND = 1e3;

  /** Describes a stream; on its event loop. */
  static StreamInfo of(Subscriber stream) {
    List<String> topics = stream.audience().topics();
    return new StreamInfo(
        stream.handle(),
        stream.principal(),
        stream.client(),
        topics.stream().limit(MAX_TOPICS).toList(),
        Math.max(0, topics.size() - MAX_TOPICS),
        stream.outlet().door(stream.audience().wire()),
        Instant.ofEpochMilli(stream.openedMillis()),
        stream.lag(),
        stream.behindMillis());
  }

  public JsonObject json() {
    var json = new JsonObject().put("handle", handle.toString());
    if (principal.identified()) {
      json.put("issuer", principal.issuer()).put("subject", principal.subject());
    }
    principal.tokenId().ifPresent(id -> json.put("jti", id));
    principal.expires().ifPresent(end -> json.put("expires", end.toString()));
    json.put("address", address).put("topics", new JsonArray(topics));
    if (moreTopics > 0) {
      json.put("more_topics", moreTopics);
    }
    return json.put("format", door.word())
        .put("since", since.toString())
        .put(
            "behind",
            new JsonObject().put("entries", lag).put("seconds", behindMillis / MILLIS_PER_SECOND));
  }
}
