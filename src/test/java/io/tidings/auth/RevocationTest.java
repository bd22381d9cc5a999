package io.tidings.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.InvalidEvent;
import io.tidings.log.ManualClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RevocationTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static Revocation parse(String json) {
    return parse(json, NOW);
  }

  private static Revocation parse(String json, Instant now) {
    return Revocation.parse(
        json.replace('\'', '"').getBytes(StandardCharsets.UTF_8), now, Duration.ofDays(1));
  }

  @Test
  void aRevocationWithoutAnEndIsTheSameForAMinuteAndLaterLastsLonger() {
    String json = "{'issuer':'i','subject':'s'}";
    Revocation first = parse(json, NOW.plusSeconds(1));
    assertEquals(first, parse(json, NOW.plusSeconds(59)));
    Instant later = NOW.plusSeconds(61);
    assertFalse(parse(json, later).until().isBefore(later.plus(Duration.ofDays(1))));
  }

  @Test
  void whatIsStoredIsReadAgain() {
    for (String json :
        List.of(
            "{'issuer':'i','jti':'\\u0000é','until':'2030-01-01T00:00:00.123456+01:00'}",
            "{'issuer':'i','subject':'s'}",
            "{'issuer':'i','subject':'\\ud83d\\ude00'}",
            "{'issuer':'i','subject':'s','before':'2025-01-01T00:00:00Z'}",
            "{'issuer':'i','before':'2025-01-01T00:00:00Z'}")) {
      Revocation parsed = parse(json);
      assertEquals(parsed, Revocation.decode(parsed.encode()));
    }
    assertEquals(NOW.plus(Duration.ofDays(1)), parse("{'issuer':'i','jti':'1'}").until());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "body    | []",
        "body    | {'issuer':'i','issuer':'i','jti':'1'}",
        "body    | {'issuer':'i','jti':'1'} x",
        "body    | {'issuer':'i','subject':'a\\ud800'}",
        "issuer  | {}",
        "issuer  | {'issuer':'','jti':'1'}",
        "issuer  | {'issuer':1,'jti':'1'}",
        "jti     | {'issuer':'i'}",
        "jti     | {'issuer':'i','jti':null}",
        "jti     | {'issuer':'i','jti':''}",
        "subject | {'issuer':'i','jti':'1','subject':'s'}",
        "before  | {'issuer':'i','jti':'1','before':'2025-01-01T00:00:00Z'}",
        "before  | {'issuer':'i','before':'yesterday'}",
        "before  | {'issuer':'i','before':'2027-01-01T00:00:00Z'}",
        "until   | {'issuer':'i','jti':'1','until':'2026-01-01T00:00:00Z'}",
        "until   | {'issuer':'i','jti':'1','until':'+10000-01-01T00:00:00Z'}",
        "until   | {'issuer':'i','jti':'1','until':1}",
        "sub     | {'issuer':'i','sub':'s'}"
      })
  void aRequestThatBreaksARuleNamesTheField(String field, String json) {
    assertEquals(field, assertThrows(InvalidEvent.class, () -> parse(json)).field());
  }

  @Test
  void aClockThatJumpsAheadAndBackMakesNoRevocationForgotten() {
    var clock = new ManualClock();
    var revocations = new Revocations(clock, clock.cautious());
    clock.advance(Duration.ofHours(2));
    Instant until = clock.instant().plus(Duration.ofDays(1));
    revocations.add(ofToken("revoked", until));
    clock.jump(Duration.ofDays(365));
    for (int i = 0; i < 2_000; i++) {
      revocations.add(ofToken("other " + i, clock.instant().plusSeconds(10)));
    }
    clock.jump(Duration.ofDays(-365));
    var principal =
        new Principal(
            "i", "s", Grants.NONE, Optional.empty(), Optional.of("revoked"), Optional.empty());
    assertTrue(revocations.revoked(principal));
  }

  private static Revocation ofToken(String id, Instant until) {
    return new Revocation("i", Optional.of(id), Optional.empty(), Optional.empty(), until);
  }

  /** Against a list that is searched from the beginning. */
  @Test
  void aTokenIsRevokedIfAnyRevocationConcernsIt() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    var revocations = new Revocations(() -> NOW);
    var list = new ArrayList<Revocation>();
    for (int i = 0; i < 2_500; i++) {
      Revocation one = random(random);
      revocations.add(one);
      if (!list.contains(one) && one.until().isAfter(NOW)) {
        list.add(one);
      }
      Principal principal =
          new Principal(
              "i" + random.nextInt(9),
              "s" + random.nextInt(200),
              Grants.NONE,
              Optional.empty(),
              random.nextBoolean() ? Optional.of("t" + random.nextInt(200)) : Optional.empty(),
              random.nextBoolean()
                  ? Optional.of(NOW.minusSeconds(random.nextInt(100)))
                  : Optional.empty());
      assertEquals(
          list.stream().anyMatch(each -> each.concerns(principal)),
          revocations.revoked(principal),
          "seed " + seed);
    }
    assertEquals(list.size(), revocations.size(), "seed " + seed);
    assertEquals(list.get(list.size() - 1), revocations.newest(1).get(0), "seed " + seed);
  }

  private static Revocation random(Random random) {
    int kind = random.nextInt(20);
    Optional<Instant> before = Optional.of(NOW.minusSeconds(10 + random.nextInt(90)));
    return new Revocation(
        "i" + random.nextInt(9),
        kind < 10 ? Optional.of("t" + random.nextInt(200)) : Optional.empty(),
        kind >= 10 && kind < 19 ? Optional.of("s" + random.nextInt(200)) : Optional.empty(),
        kind >= 18 ? before : Optional.empty(),
        NOW.plusSeconds(random.nextInt(20) - 5));
  }
}
