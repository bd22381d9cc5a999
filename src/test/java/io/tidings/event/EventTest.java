package io.tidings.event;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class EventTest {
  @Test
  void noFieldOfAFrameCanBeginAnother() {
    refused("type", () -> new Event(List.of("a"), "x\ndata: y", "", -1, ""));
    refused("type", () -> new Event(List.of("a"), "x\ry", "", -1, ""));
    refused("id", () -> new Event(List.of("a"), "", "1\u0000", -1, ""));
    refused("id", () -> new Event(List.of("a"), "", "1\u0085", -1, ""));
    refused("topic", () -> Event.of("a\tb", ""));
    refused("retry", () -> new Event(List.of("a"), "", "", -2, ""));
  }

  @Test
  void topicsHaveNoWildcards() {
    refused("topic", () -> Event.of("a.*", ""));
    refused("topic", () -> Event.of("", ""));
    refused("topic", () -> new Event(List.of(), "", "", -1, ""));
    refused("topic", () -> new Event(List.of("a", "a"), "", "", -1, ""));
  }

  @Test
  void textMustBeEncodable() {
    refused("data", () -> Event.of("a", "half \ud83d of a pair"));
    refused("data", () -> Event.of("a", "\ude00\ud83d"));
    assertDoesNotThrow(() -> Event.of("a", "a pair \ud83d\ude00"));
  }

  @Test
  void lengthsAreCountedInBytes() {
    assertEquals(
        "aé€😀".getBytes(java.nio.charset.StandardCharsets.UTF_8).length,
        TextRules.utf8Length("aé€😀"));
    refused("topic", () -> Event.of("é".repeat(6), "").checkPublished(11));
    assertDoesNotThrow(() -> Event.of("é".repeat(6), "").checkPublished(12));
    refused("id", () -> new Event(List.of("a"), "", "é".repeat(513), -1, ""));
  }

  @Test
  void publishersCanNotUseReservedNames() {
    refused("topic", () -> Event.of("hub.stats", "").checkPublished(1_000));
    refused("topic", () -> Event.of("hub", "").checkPublished(1_000));
    refused("type", () -> new Event(List.of("a"), "hub.gap", "", -1, "").checkPublished(1_000));
    refused("id", () -> new Event(List.of("a"), "", "earliest", -1, "").checkPublished(1_000));
    assertDoesNotThrow(() -> Event.of("hubs", "").checkPublished(1_000));
  }

  private static void refused(String field, Executable making) {
    assertEquals(field, assertThrows(InvalidEvent.class, making).field());
  }
}
