package io.tidings.auth;

import io.tidings.event.Filter;
import io.tidings.event.TopicPattern;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Optional;

/**
 * A principal as JSON, for another node of the cluster, which believes it: whoever can send to that
 * port can also write to the log. It has no token.
 */
public final class PrincipalJson {
  private static final String ISSUER = "issuer";
  private static final String SUBJECT = "subject";
  private static final String SUBSCRIBE = "subscribe";
  private static final String PUBLISH = "publish";
  private static final String OWN = "own";
  private static final String ADMIN = "admin";
  private static final String PRESENCE = "presence";
  private static final String PAYLOAD = "payload";
  private static final String ALL = "all";
  private static final String EXPIRES = "expires";
  private static final String TOKEN_ID = "jti";
  private static final String ISSUED = "issued";

  private PrincipalJson() {}

  public static JsonObject of(Principal principal) {
    Grants grants = principal.grants();
    var json =
        new JsonObject()
            .put(ISSUER, principal.issuer())
            .put(SUBJECT, principal.subject())
            .put(ALL, grants == Grants.ALL)
            .put(ADMIN, grants.admin())
            .put(PRESENCE, grants.presence());
    grants.subscribe().ifPresent(granted -> json.put(SUBSCRIBE, patterns(granted)));
    grants.publish().ifPresent(granted -> json.put(PUBLISH, patterns(granted)));
    grants.own().ifPresent(granted -> json.put(OWN, patterns(granted)));
    principal.expires().ifPresent(end -> json.put(EXPIRES, end.toString()));
    principal.tokenId().ifPresent(id -> json.put(TOKEN_ID, id));
    principal.issued().ifPresent(time -> json.put(ISSUED, time.toString()));
    principal.payload().ifPresent(payload -> json.put(PAYLOAD, payload));
    return json;
  }

  /**
   * @throws RuntimeException if it is not the JSON of a principal
   */
  public static Principal read(JsonObject json) {
    Grants grants =
        json.getBoolean(ALL)
            ? Grants.ALL // the same object, by which it is recognized
            : new Grants(
                filter(json, SUBSCRIBE),
                filter(json, PUBLISH),
                json.getBoolean(ADMIN),
                filter(json, OWN),
                json.getBoolean(PRESENCE, false));
    return new Principal(
        json.getString(ISSUER),
        json.getString(SUBJECT),
        grants,
        Optional.ofNullable(json.getString(EXPIRES)).map(Instant::parse),
        Optional.ofNullable(json.getString(TOKEN_ID)),
        Optional.ofNullable(json.getString(ISSUED)).map(Instant::parse),
        Optional.ofNullable(json.getString(PAYLOAD)));
  }

  private static JsonArray patterns(Filter filter) {
    return new JsonArray(filter.patterns().stream().map(TopicPattern::pattern).toList());
  }

  private static Optional<Filter> filter(JsonObject json, String name) {
    return Optional.ofNullable(json.getJsonArray(name))
        .map(array -> Filter.of(array.stream().map(String.class::cast).toList()));
  }
}
