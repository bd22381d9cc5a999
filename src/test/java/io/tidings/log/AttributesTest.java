package io.tidings.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class AttributesTest {
  @Test
  void textsAndNumbersAreReadBack() {
    Attributes attributes =
        Attributes.NONE
            .with(Attributes.PUBLISHER, "zo\u00eb")
            .with(Attributes.RAFT_INDEX, 1L << 40);
    assertEquals(Optional.of("zo\u00eb"), attributes.text(Attributes.PUBLISHER));
    assertEquals(OptionalLong.of(1L << 40), attributes.number(Attributes.RAFT_INDEX));
    assertEquals(Optional.empty(), attributes.text(Attributes.TRACEPARENT));
    assertEquals(OptionalLong.empty(), attributes.number(Attributes.TRACEPARENT));
  }

  @Test
  void aValueThatHasNotEightBytesIsNotANumber() {
    assertEquals(OptionalLong.empty(), Attributes.NONE.with(7, "seven").number(7));
  }

  @Test
  void aCopyWithAnotherValueLeavesTheOriginalUnchanged() {
    Attributes original = Attributes.NONE.with(1, "old");
    assertEquals(Optional.of("new"), original.with(1, "new").text(1));
    assertEquals(Optional.of("old"), original.text(1));
    assertEquals(Optional.empty(), Attributes.NONE.text(1));
  }

  @Test
  void tagsAreInOrderAndUnknownOnesArePreserved() {
    Attributes attributes =
        Attributes.NONE.with(0xffff, new byte[] {1}).with(0, new byte[0]).with(300, "x");
    assertEquals(List.of(0, 300, 0xffff), List.copyOf(attributes.values().keySet()));
    assertArrayEquals(new byte[] {1}, attributes.values().get(0xffff));
  }

  @Test
  void attributesAreEqualByTheirBytes() {
    assertEquals(Attributes.NONE.with(1, "a"), Attributes.NONE.with(1, "a"));
    assertNotEquals(Attributes.NONE.with(1, "a"), Attributes.NONE.with(1, "b"));
    assertNotEquals(Attributes.NONE.with(1, "a"), Attributes.NONE.with(2, "a"));
  }

  @Test
  void tagsOutOfRangeAndValuesOverOneMebibyteAreRejected() {
    assertThrows(IllegalArgumentException.class, () -> Attributes.NONE.with(-1, "x"));
    assertThrows(IllegalArgumentException.class, () -> Attributes.NONE.with(0x10000, "x"));
    Attributes.NONE.with(1, new byte[1 << 20]);
    assertThrows(
        IllegalArgumentException.class, () -> Attributes.NONE.with(1, new byte[(1 << 20) + 1]));
  }
}
