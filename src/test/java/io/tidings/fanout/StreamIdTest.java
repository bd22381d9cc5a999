package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamIdTest {
  /** More than are drawn at a time. */
  private static final int DRAWN = 1_000;

  @Test
  void itsTextHas22CharactersAndIsReadBack() {
    StreamId id = new RandomIds().next();
    assertEquals(22, id.toString().length());
    assertEquals(Optional.of(id), StreamId.parse(id.toString()));
    assertNotEquals(id, new RandomIds().next());
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

  @Test
  void noIdIsDrawnTwice() {
    var ids = new RandomIds();
    Set<StreamId> drawn =
        Stream.generate(ids::next).limit(DRAWN).collect(Collectors.toUnmodifiableSet());
    assertEquals(DRAWN, drawn.size());
    assertNotEquals(ids.next(), new RandomIds().next());
  }
}
