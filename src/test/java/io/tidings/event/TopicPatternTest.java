package io.tidings.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicPatternTest {
  @ParameterizedTest
  @CsvSource({
    "a.b, a.b, true",
    "a.b, a.bc, false",
    "a.b, a, false",
    "a.b, a.b.c, false",
    "*, a, true",
    "*, a.b, false",
    "a.*, a.b, true",
    "a.*, a, false",
    "a.*, a.b.c, false",
    "a.*.c, a.b.c, true",
    "a.*.c, a.bb.c, true",
    "a.*.c, a.c, false",
    "*.*, a.b, true",
    "**, a, true",
    "**, a.b.c, true",
    "a.**, a, true",
    "a.**, a.b, true",
    "a.**, a.b.c, true",
    "a.**, ab, false",
    "a.**, ab.c, false",
    "a.*.**, a, false",
    "a.*.**, a.b, true",
    "a.*.**, a.b.c.d, true",
    "ü.*, ü.😀, true"
  })
  void matchesByPart(String pattern, String topic, boolean selected) {
    assertEquals(selected, new TopicPattern(pattern).matches(topic));
  }

  @ParameterizedTest
  @CsvSource({
    "**, hub.stats, false",
    "*.stats, hub.stats, false",
    "hub.*, hub.stats, true",
    "hub.stats, hub.stats, true",
    "hub.**, hub.stats, true",
    "**, hub, true",
    "**, hubs.x, true"
  })
  void wildcardsMatchTheHubsOwnTopicsOnlyAfterHub(String pattern, String topic, boolean selected) {
    assertEquals(selected, new TopicPattern(pattern).matches(topic));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ".", "a.", ".a", "a..b", "a*", "*a.b", "**.a", "a.***", "a\nb", "a\u0000"})
  void rejectsInvalidPatterns(String pattern) {
    var e = assertThrows(InvalidEvent.class, () -> new TopicPattern(pattern));
    assertEquals("topic", e.field());
  }

  @Test
  void filtersWithTheSamePatternsAreEqualInAnyOrder() {
    assertEquals(Filter.of("b", "a.*", "b"), Filter.of("a.*", "b"));
  }

  @ParameterizedTest
  @CsvSource(
      value = {
        "ann|ann",
        "ann@example.org|ann@example%2Eorg",
        "*|%2A",
        "**|%2A%2A",
        "a.**|a%2E%2A%2A",
        "100%|100%25",
        "zoë 日本|zoë%20日本",
        "hub|%68ub",
        "scenes|%73cenes",
        "{sub}|%7Bsub%7D",
        "a\u0085b|a%C2%85b",
      },
      delimiter = '|')
  void aNameIsOnePartOfATopic(String name, String part) {
    assertEquals(part, TopicPattern.part(name));
    var own = new TopicPattern("chat." + part);
    assertTrue(own.exact());
    assertTrue(own.matches("chat." + part));
    assertFalse(own.matches("chat.bob"));
    assertFalse(Topic.namesOwnTopics(part));
  }

  @Test
  void anEmptyNameIsNoPart() {
    assertThrows(InvalidEvent.class, () -> TopicPattern.part(""));
    assertThrows(InvalidEvent.class, () -> TopicPattern.part("ann\ud800"));
  }
}
