package io.tidings.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidings.event.InvalidEvent;
import io.tidings.event.TextRules;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;

/**
 * Tokens that are not accepted any more: one by its id; those of a subject; or those of an issuer.
 * Those of a subject or an issuer may be only the ones that were issued before a time.
 *
 * @param tokenId the {@code jti} of one token
 * @param subject whose tokens
 * @param before when they were issued; a token that does not say when counts as issued before
 * @param until when the last of them has ended; to the millisecond
 */
public record Revocation(
    String issuer,
    Optional<String> tokenId,
    Optional<String> subject,
    Optional<Instant> before,
    Instant until) {
  private static final int MAX_TEXT_BYTES = 2_048;
  private static final Instant LATEST = Instant.parse("9999-12-31T00:00:00Z");
  private static final Set<String> FIELDS = Set.of("issuer", "jti", "subject", "before", "until");

  /**
   * @throws InvalidEvent with the field that breaks a rule
   */
  public Revocation {
    until = until.truncatedTo(ChronoUnit.MILLIS);
    before = before.map(time -> time.truncatedTo(ChronoUnit.MILLIS));
    checkText("issuer", issuer);
    tokenId.ifPresent(text -> checkText("jti", text));
    subject.ifPresent(text -> checkText("subject", text));
    if (tokenId.isPresent() && subject.isPresent()) {
      throw new InvalidEvent("subject", "must not be given with jti");
    } else if (tokenId.isPresent() && before.isPresent()) {
      throw new InvalidEvent("before", "must not be given with jti");
    } else if (tokenId.isEmpty() && subject.isEmpty() && before.isEmpty()) {
      throw new InvalidEvent("jti", "must be given, or else subject or before");
    }
    if (before.isPresent() && !before.get().isBefore(until)) {
      throw new InvalidEvent("before", "must be earlier than until");
    }
    if (until.isAfter(LATEST)) {
      throw new InvalidEvent("until", "must be before the year 9999 ends");
    }
  }

  private static void checkText(String field, String text) {
    if (text.isEmpty() || TextRules.utf8Length(text) > MAX_TEXT_BYTES) {
      throw new InvalidEvent(field, "must have from 1 to " + MAX_TEXT_BYTES + " bytes");
    }
  }

  /** Whether it concerns the token of a principal. */
  public boolean concerns(Principal principal) {
    return issuer.equals(principal.issuer())
        && tokenId.map(id -> principal.tokenId().equals(Optional.of(id))).orElse(true)
        && subject.map(principal.subject()::equals).orElse(true)
        && before.map(time -> issuedBefore(principal, time)).orElse(true);
  }

  static boolean issuedBefore(Principal principal, Instant time) {
    return principal.issued().map(time::isAfter).orElse(true);
  }

  /**
   * Reads a request.
   *
   * @param now {@code until} must be later
   * @param life how long it lasts at least if it does not say; the end is at a full minute, so that
   *     the same request, soon repeated, is the same revocation
   * @throws InvalidEvent with the field that breaks a rule
   */
  public static Revocation parse(byte[] json, Instant now, Duration life) {
    Instant lasting = now.plus(life).plus(Duration.ofMinutes(1)).minusNanos(1);
    Revocation parsed = read(json, lasting.truncatedTo(ChronoUnit.MINUTES));
    if (!parsed.until.isAfter(now)) {
      throw new InvalidEvent("until", "must be later than now");
    }
    return parsed;
  }

  /**
   * Reads what {@link #encode} has written.
   *
   * @throws InvalidEvent if it is something else
   */
  public static Revocation decode(String json) {
    return read(json.getBytes(StandardCharsets.UTF_8), Instant.EPOCH);
  }

  private static Revocation read(byte[] json, Instant otherwiseUntil) {
    ObjectNode fields;
    try {
      fields = StrictJson.object(json);
    } catch (IllegalArgumentException e) {
      throw new InvalidEvent("body", e.getMessage());
    }
    for (Iterator<String> names = fields.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!FIELDS.contains(name)) {
        throw new InvalidEvent(name, "must be one of issuer, jti, subject, before, until");
      }
    }
    return new Revocation(
        text(fields, "issuer").orElseThrow(() -> new InvalidEvent("issuer", "must be given")),
        text(fields, "jti"),
        text(fields, "subject"),
        time(fields, "before"),
        time(fields, "until").orElse(otherwiseUntil));
  }

  private static Optional<String> text(ObjectNode fields, String name) {
    JsonNode value = fields.path(name);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw new InvalidEvent(name, "must be a string");
    }
    return Optional.of(value.textValue());
  }

  private static Optional<Instant> time(ObjectNode fields, String name) {
    try {
      return text(fields, name).map(text -> OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeException e) {
      throw new InvalidEvent(name, "must be a time such as 2030-01-31T12:00:00Z");
    }
  }

  /** As JSON, with the names of the claims. */
  public String encode() {
    ObjectNode json = StrictJson.newObject().put("issuer", issuer);
    tokenId.ifPresent(id -> json.put("jti", id));
    subject.ifPresent(name -> json.put("subject", name));
    before.ifPresent(time -> json.put("before", time.toString()));
    return json.put("until", until.toString()).toString();
  }
}
