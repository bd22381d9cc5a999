package io.tidings.event;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class HeapSizeTest {
  @Test
  void sizesAreMultiplesOfEightBytesWithTheHeader() {
    assertEquals(16, HeapSize.object(0));
    assertEquals(16, HeapSize.object(4));
    assertEquals(24, HeapSize.object(5));
    assertEquals(16, HeapSize.array(0));
    assertEquals(24, HeapSize.array(1));
    assertEquals(12, HeapSize.references(3));
  }

  @Test
  void aStringTakesOneByteForEachCharacterOfLatin1AndElseTwo() {
    assertEquals(24 + 24, HeapSize.of("abcdefgh"));
    assertEquals(24 + 24, HeapSize.of("\u00ff".repeat(8)));
    assertEquals(24 + 32, HeapSize.of("\u0100bcdefgh"));
  }

  @Test
  void theEmptyStringIsShared() {
    assertEquals(0, HeapSize.of(""));
  }

  @Test
  void aListHasAnArrayIfItHasMoreThanTwoStrings() {
    assertEquals(24, HeapSize.of(List.of()));
    assertEquals(24 + 2 * 48, HeapSize.of(List.of("abcdefgh", "abcdefgh")));
    assertEquals(24 + 32 + 3 * 48, HeapSize.of(List.of("abcdefgh", "abcdefgh", "abcdefgh")));
  }
}
