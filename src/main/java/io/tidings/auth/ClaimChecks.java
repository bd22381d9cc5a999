package io.tidings.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidings.auth.InvalidToken.Reason;
import io.tidings.event.TextRules;
import io.tidings.settings.AuthSettings;
import io.vertx.core.json.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The claims that every token must have, and how they are read. A claim of another JSON type is the
 * token's fault, and refused like any other.
 */
final class ClaimChecks {
  static final String PAYLOAD = "payload";

  private static final int MAX_SUBJECT = 256;

  /** The end of the year 9999; a later time is refused. */
  private static final double MAX_SECONDS = 253_402_300_799d;

  private ClaimChecks() {}

  /** The claim {@code iss}; to be verified. */
  static String issuer(ObjectNode claims) {
    return text(claims, "iss")
        .orElseThrow(() -> new InvalidToken(Reason.ISSUER, "the token must have an issuer (iss)"));
  }

  /** Whom the issuer means. */
  static String subject(ObjectNode claims) {
    String subject = text(claims, "sub").orElse("");
    if (subject.isEmpty()
        || subject.length() > MAX_SUBJECT
        || subject.chars().anyMatch(Character::isISOControl)) {
      throw malformed(
          "must have a subject (sub) of one line, with at most " + MAX_SUBJECT + " characters");
    }
    return subject;
  }

  /** An optional claim. */
  static Optional<String> text(ObjectNode claims, String name) {
    JsonNode value = claims.path(name);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw malformed("must have a string as its claim " + name);
    }
    return Optional.of(value.textValue());
  }

  /**
   * Checks that it is valid now.
   *
   * @param leeway of {@code nbf} and {@code iat}; a token never lives longer than it says
   * @return when it ends
   */
  static Instant expires(ObjectNode claims, Instant now, Duration leeway) {
    Instant expires =
        time(claims, "exp")
            .orElseThrow(
                () -> new InvalidToken(Reason.EXPIRED, "the token must have an end (exp)"));
    if (!now.isBefore(expires)) {
      throw new InvalidToken(Reason.EXPIRED, "the token has expired");
    }
    Instant latest = now.plus(leeway);
    if (time(claims, "nbf").filter(latest::isBefore).isPresent()) {
      throw new InvalidToken(Reason.EARLY, "the token is not valid yet (nbf)");
    }
    if (time(claims, "iat").filter(latest::isBefore).isPresent()) {
      throw new InvalidToken(Reason.EARLY, "the token was issued in the future (iat)");
    }
    return expires;
  }

  /** When it was issued, if it says so. */
  static Optional<Instant> issued(ObjectNode claims) {
    return time(claims, "iat");
  }

  /**
   * What the token says about its owner to others: any JSON. One that is too large is left out,
   * since the claim may be meant for somebody else.
   */
  static Optional<String> payload(ObjectNode claims) {
    JsonNode payload = claims.path(PAYLOAD);
    return Optional.of(payload)
        .filter(value -> !value.isMissingNode() && !value.isNull())
        .map(value -> Json.encode(Json.decodeValue(value.toString()))) // as it is when sent on
        .filter(json -> TextRules.utf8Length(json) <= Principal.MAX_PAYLOAD);
  }

  /** Checks whom and what it is for. */
  static void purpose(AuthSettings.Issuer issuer, SignedToken token) {
    String type = token.type().orElse(AuthSettings.Issuer.NO_TYPE);
    if (!issuer.types().contains(type)) {
      throw new InvalidToken(Reason.TYPE, "the token is of another type (typ)");
    }
    JsonNode audience = token.claims().path("aud");
    Optional<String> expected = issuer.expectedAudience();
    if (expected.isEmpty() != audience.isMissingNode()
        || expected.isPresent() && !has(audience, expected.get())) {
      throw new InvalidToken(Reason.AUDIENCE, "the token is for another audience (aud)");
    }
  }

  private static boolean has(JsonNode audience, String expected) {
    if (audience.isTextual()) {
      return audience.textValue().equals(expected);
    }
    if (!audience.isArray()) {
      throw malformed("must have a string or a list of strings as its claim aud");
    }
    boolean found = false;
    for (JsonNode one : audience) {
      if (!one.isTextual()) {
        throw malformed("must have a string or a list of strings as its claim aud");
      }
      found |= one.textValue().equals(expected);
    }
    return found;
  }

  private static Optional<Instant> time(ObjectNode claims, String name) {
    JsonNode value = claims.path(name);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    double seconds = value.isNumber() ? value.doubleValue() : -1;
    if (!(seconds >= 0 && seconds <= MAX_SECONDS)) {
      throw malformed("must have seconds since 1970 as its claim " + name);
    }
    return Optional.of(Instant.ofEpochMilli((long) (seconds * 1000)));
  }

  private static InvalidToken malformed(String rule) {
    return new InvalidToken(Reason.MALFORMED, "the token " + rule);
  }
}
