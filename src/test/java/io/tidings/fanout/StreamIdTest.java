package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamIdTest {
  @Test
  void itsTextHas22CharactersAndIsReadBack() {
    StreamId id = StreamId.random();
    assertEquals(22, id.toString().length());
    assertEquals(Optional.of(id), StreamId.parse(id.toString()));
    assertNotEquals(id, StreamId.random());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "AAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAB",
        "AAAAAAAAAAAAAAAAAAAA==",
        "AAAAAAAAAAAAAAAAAAAA+A",
        "AAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAA\u00e4A",
      })
  void anythingElseIsNoId(String text) {
    assertEquals(Optional.empty(), StreamId.parse(text));
  }
}
