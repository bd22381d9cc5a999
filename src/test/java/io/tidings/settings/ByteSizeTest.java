package io.tidings.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteSizeTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "500, 500",
    "1KiB, 1024",
    "64MiB, 67108864",
    "1GiB, 1073741824",
    "999999999999999999, 999999999999999999",
  })
  void aNumberHasAnOptionalUnit(String text, long bytes) {
    assertEquals(bytes, ByteSize.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-1",
        "1.5MiB",
        "1 KiB",
        "1kb",
        "1TiB",
        "9999999999KiB",
        "9999999999999999999"
      })
  void anythingElseIsRejected(String text) {
    assertThrows(IllegalArgumentException.class, () -> ByteSize.parse(text));
  }

  @Test
  void theTextHasTheLargestUnitThatDividesTheNumber() {
    assertEquals("0", ByteSize.text(0));
    assertEquals("1023", ByteSize.text(1_023));
    assertEquals("1KiB", ByteSize.text(1_024));
    assertEquals("1025KiB", ByteSize.text((1 << 20) + 1_024));
    assertEquals("3GiB", ByteSize.text(3L << 30));
  }
}
