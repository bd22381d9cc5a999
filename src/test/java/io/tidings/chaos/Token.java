package io.tidings.chaos;

import io.tidings.http.TestTokens;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;
import java.util.Set;

/**
 * A token as its client knows it.
 *
 * @param text as it is shown
 * @param id its {@code jti}
 * @param issued its {@code iat}, if it has one
 * @param expires by {@link System#nanoTime}
 * @param topics that it grants to read and to publish to
 */
record Token(
    String text,
    String subject,
    String id,
    Optional<Instant> issued,
    long expires,
    Set<String> topics) {
  static final Duration LONG = Duration.ofHours(24);

  static Token create(
      String subject, String id, Optional<Instant> issued, Duration life, Set<String> topics) {
    JsonArray granted = new JsonArray(new ArrayList<>(topics));
    return sign(subject, id, issued, life, topics, TestTokens.grants(granted, granted));
  }

  /** The token of an administrator, who may also read and publish everything of a run. */
  static Token admin() {
    JsonArray all = new JsonArray().add("**");
    JsonObject grants = TestTokens.grants(all, all).put("admin", true);
    return sign("root", "root", Optional.empty(), LONG, Set.copyOf(Topics.ALL), grants);
  }

  private static Token sign(
      String subject,
      String id,
      Optional<Instant> issued,
      Duration life,
      Set<String> topics,
      JsonObject grants) {
    Instant end = Instant.now().plus(life);
    long expires = System.nanoTime() + life.toNanos();
    JsonObject claims =
        TestTokens.claims(subject, grants).put("jti", id).put("exp", end.toEpochMilli() / 1000.0);
    issued.ifPresent(time -> claims.put("iat", time.toEpochMilli() / 1000.0));
    try {
      return new Token(TestTokens.sign(claims), subject, id, issued, expires, Set.copyOf(topics));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** The header of a request that shows it. */
  String bearer() {
    return "Bearer " + text;
  }

  @Override
  public String toString() {
    return subject + "/" + id + " for " + topics;
  }
}
