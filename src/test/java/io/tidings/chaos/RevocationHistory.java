package io.tidings.chaos;

import io.tidings.http.TestTokens;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;

/** What an administrator wanted to revoke, and the answers to all requests for it. */
final class RevocationHistory {
  /** What the answer to one request says. */
  enum Outcome {
    DONE,
    /** Nothing was revoked, and never will be by this request. */
    REFUSED,
    UNKNOWN
  }

  /**
   * @param id of the one token; otherwise the subject
   * @param before when the subject's tokens were issued
   */
  record Target(Optional<String> id, Optional<String> subject, Optional<Instant> before) {
    boolean concerns(Token token) {
      return id.map(token.id()::equals).orElse(true)
          && subject.map(token.subject()::equals).orElse(true)
          && before
              .map(time -> token.issued().map(issued -> issued.isBefore(time)).orElse(true))
              .orElse(true);
    }

    String json() {
      JsonObject json = new JsonObject().put("issuer", TestTokens.ISSUER);
      id.ifPresent(one -> json.put("jti", one));
      subject.ifPresent(one -> json.put("subject", one));
      before.ifPresent(time -> json.put("before", time.toString()));
      return json.encode();
    }

    @Override
    public String toString() {
      return json();
    }
  }

  /** One request. */
  record Attempt(int node, long sent, long answered, Outcome outcome, String detail) {}

  private final Target target;
  private final List<Attempt> attempts = new CopyOnWriteArrayList<>();

  RevocationHistory(Target target) {
    this.target = target;
  }

  void answered(Attempt attempt) {
    attempts.add(attempt);
  }

  Target target() {
    return target;
  }

  /** When it was first known to be in force. */
  OptionalLong done() {
    return attempts.stream()
        .filter(attempt -> attempt.outcome() == Outcome.DONE)
        .mapToLong(Attempt::answered)
        .min();
  }

  /** Since when it may be in force; empty if every request for it was refused. */
  OptionalLong possible() {
    return attempts.stream()
        .filter(attempt -> attempt.outcome() != Outcome.REFUSED)
        .mapToLong(Attempt::sent)
        .min();
  }

  @Override
  public String toString() {
    return target + " " + attempts;
  }
}
