package io.tidings.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PositionTest {
  @Test
  void aPositionIsParsedFromItsText() {
    Stream.of(
            new Position(0, 0),
            new Position(1, 35),
            new Position(Position.MAX_EPOCH, Long.MAX_VALUE))
        .forEach(p -> assertEquals(Optional.of(p), Position.parse(p.toString())));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "~",
        "42",
        "abcdefgh",
        "abcdefgh~",
        "abcdefg~1",
        "ABCDEFGH~1",
        "abcdefgh~-1",
        "abcdefgh~1 ",
        "abcdefgh~zzzzzzzzzzzzz",
        "order.42"
      })
  void otherTextIsNotAPosition(String text) {
    assertTrue(Position.parse(text).isEmpty());
  }

  @Test
  void newEpochsFitIntoEightDigits() {
    Stream.generate(Position::newEpoch)
        .limit(1_000)
        .forEach(epoch -> assertEquals(10, new Position(epoch, 1).toString().length()));
  }
}
