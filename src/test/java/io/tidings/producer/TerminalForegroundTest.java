package io.tidings.producer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.InputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TerminalForegroundTest {
  @ParameterizedTest
  @CsvSource({
    "'7 (java) S 1 7 7 34816 7 0', false",
    "'7 (java) S 1 7 7 34816 9 0', true",
    "'7 (java) S 1 7 7 0 -1 0', false", // without a terminal
    "'7 (a ) b (c)) S 1 7 7 34816 9 0', true",
  })
  void aProcessIsInTheBackgroundIfAnotherGroupHasItsTerminal(String status, boolean background) {
    assertEquals(background, TerminalForeground.background(status));
  }

  @Test
  void aStreamThatIsNotStandardInputIsReadAtOnce() throws Exception {
    var foreground = new TerminalForeground(InputStream.nullInputStream(), false);
    assertFalse(foreground.closed());
    foreground.await(); // returns although no input is available
  }
}
