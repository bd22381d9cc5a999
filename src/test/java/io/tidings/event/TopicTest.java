package io.tidings.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicTest {
  @ParameterizedTest
  @ValueSource(strings = {"", ".", "a.", ".a", "a..b", "a\nb", "a.*", "**"})
  void anInvalidNameIsRejected(String name) {
    assertEquals("topic", assertThrows(InvalidEvent.class, () -> Topic.check(name)).field());
  }

  @Test
  void onlyNamesWithTheHubsPrefixAreReserved() {
    assertTrue(Topic.reserved("hub.stats"));
    assertFalse(Topic.reserved("hub"));
    assertFalse(Topic.reserved("hubs.a"));
  }
}
