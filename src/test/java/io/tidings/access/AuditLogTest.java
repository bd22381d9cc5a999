package io.tidings.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.CapturedLog;
import io.tidings.auth.Grants;
import io.tidings.auth.Principal;
import io.tidings.event.Filter;
import io.tidings.logging.Logging;
import io.tidings.metrics.Door;
import io.tidings.metrics.Refusal;
import io.tidings.settings.LoggingSettings.Audit;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuditLogTest {
  private static final Instant TIME = Instant.parse("2026-01-02T03:04:05.678901Z");

  private final CapturedLog log = new CapturedLog(Logging.AUDIT);
  private long now;

  @AfterEach
  void close() {
    log.close();
  }

  private AuditLog audit(Audit level) {
    return new AuditLog(level, () -> TIME, () -> now);
  }

  private static Caller caller(String issuer, String subject) {
    return new Caller(
        new Principal(issuer, subject, Grants.NONE, Optional.empty(), Optional.empty()),
        "192.0.2.7");
  }

  private JsonObject line(int index) {
    return new JsonObject(log.lines().get(index));
  }

  @Test
  void aLineTellsWhoAskedForWhatThroughWhichDoorAndWhatWasDecided() {
    Access access = Access.toTopic(Door.PUBLISH, caller("https://id", "ann"), "orders.new");
    audit(Audit.REFUSALS).refused(access, Refusal.PUBLISH, "no grant");
    assertEquals(
        new JsonObject()
            .put("time", "2026-01-02T03:04:05.678Z")
            .put("issuer", "https://id")
            .put("subject", "ann")
            .put("address", "192.0.2.7")
            .put("door", "publish")
            .put("topic", "orders.new")
            .put("decision", "refused")
            .put("reason", "publish")
            .put("detail", "no grant"),
        line(0));
  }

  @Test
  void whatIsAllowedIsLoggedOnlyAtAll() {
    Access access = Access.toFilter(Door.STREAM, caller("", ""), Filter.of("a", "b.*"));
    for (Audit level : Audit.values()) {
      audit(level).allowed(access);
    }
    assertEquals(1, log.lines().size());
    assertEquals("allowed", line(0).getString("decision"));
    assertEquals("a b.*", line(0).getString("topic"));
    assertEquals(Set.of("time", "address", "door", "topic", "decision"), line(0).fieldNames());
  }

  @Test
  void nothingIsLoggedWhenItIsOff() {
    AuditLog audit = audit(Audit.OFF);
    for (int i = 0; i < 1_000; i++) {
      audit.refused(Access.withoutTopic(Door.PAGES, caller("", "")), Refusal.HOST, "");
    }
    audit.tick();
    assertEquals(List.of(), log.lines());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\n2026-01-02T03:04:05Z INFO io.tidings.audit: {\"decision\":\"allowed\"}",
        "a\r\n{\"decision\":\"allowed\"}",
        "a\",\"decision\":\"allowed\",\"x\":\"",
        "a\u0085b\u2028c\u2029d",
        "\u001b[2Jgone\u009b31m\u0007\u007f\u0000",
        "\u202edesrever\u2066\u200b\ufeff",
        "{0} '{0}' {1,number,#} '",
        "half \ud800 a pair",
      })
  void noTextOfAClientForgesALineOrControlsATerminal(String text) {
    Access access = Access.toTopic(Door.PUBLISH, caller(text, text), text);
    audit(Audit.REFUSALS).refused(access, Refusal.TOKEN, text);
    assertEquals(1, log.lines().size());
    String line = log.lines().get(0);
    assertTrue(
        line.codePoints()
            .allMatch(
                c ->
                    Character.getType(c) != Character.CONTROL
                        && Character.getType(c) != Character.FORMAT
                        && Character.getType(c) != Character.SURROGATE
                        && c != 0x2028
                        && c != 0x2029),
        line);
    assertEquals("refused", line(0).getString("decision"));
    assertEquals("token", line(0).getString("reason"));
    assertEquals(line(0).getString("issuer"), line(0).getString("topic"));
    assertFalse(line(0).containsKey("x"));
  }

  @Test
  void fieldsAreShortened() {
    String smiley = new String(Character.toChars(0x1f600));
    for (String text : List.of("x".repeat(5_000), smiley.repeat(5_000))) {
      Access access = Access.toTopic(Door.PUBLISH, caller(text, text), text);
      audit(Audit.REFUSALS).refused(access, Refusal.TOKEN, text);
    }
    for (String line : log.lines()) {
      String subject = new JsonObject(line).getString("subject");
      assertEquals(AuditLog.MAX_LENGTH + 1, subject.codePointCount(0, subject.length()));
      assertTrue(line.length() < 2_000, line);
    }
  }

  @Test
  void aFilterOfManyTopicsIsShortened() {
    List<String> topics = IntStream.range(0, 100).mapToObj(i -> "t" + i).toList();
    audit(Audit.ALL).allowed(Access.toFilter(Door.STREAM, caller("", ""), Filter.of(topics)));
    assertEquals(10, line(0).getString("topic").split(" ").length);
  }

  @Test
  void aFloodOfRefusalsIsCountedAndDoesNotHideWhatIsAllowed() {
    AuditLog audit = audit(Audit.ALL);
    Access access = Access.withoutTopic(Door.STREAM, caller("", ""));
    for (int i = 0; i < 10_000; i++) {
      audit.refused(access, i % 10 == 0 ? Refusal.STREAMS : Refusal.TOKEN, "");
    }
    audit.allowed(access);
    assertEquals(AuditLog.LINES + 1, log.lines().size());
    audit.tick();
    audit.tick();
    assertEquals(AuditLog.LINES + 2, log.lines().size());
    assertEquals("omitted", line(AuditLog.LINES + 1).getString("decision"));
    assertEquals(
        new JsonObject().put("streams", 995).put("token", 8_955),
        line(AuditLog.LINES + 1).getJsonObject("refused"));
    now += Duration.ofSeconds(1).toNanos();
    audit.tick();
    audit.refused(access, Refusal.HOST, "");
    assertEquals(AuditLog.LINES + 3, log.lines().size());
    assertEquals("host", line(AuditLog.LINES + 2).getString("reason"));
  }
}
