package io.tidings.scenes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManualTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "What is the heartbeat? | stream.heartbeat: 15s",
        "stream.heartbeat | stream.heartbeat: 15s",
        "HOW LONG ARE EVENTS KEPT | log.keep.bytes: 1GiB",
        "which port does it listen on? | http.port: 8080",
        "who may publish from other origins? | cors.publish: []",
        "how do I turn scenes off | scenes: true",
      })
  void theBestMatchComesFirst(String question, String beginning) {
    String answer = Manual.fromJar().answer(question);
    assertTrue(answer.startsWith(beginning + "\n"), answer);
  }

  @Test
  void aParagraphIsAnsweredAsWrittenExceptForItsLineEnds() {
    var manual =
        Manual.of(
            """
            # About
            # all.

            #sea:
              # Which fish, for
              # example:
              #   - cod
              #   - eel
              #fish: none
              #more:
                #salt: 3%
            """);
    String fish = "sea.fish: none\nsea.more.salt: 3%\nWhich fish, for example:\n  - cod\n  - eel";
    assertEquals(fish, manual.answer("fish"));
    assertEquals(fish, manual.answer("Any salt?"));
    assertEquals("About all.", manual.answer("all about"));
  }

  @Test
  void anUnknownQuestionGetsExamples() {
    for (String question : new String[] {"pancakes", "", "the", "?!", "\u0000\uD83D"}) {
      String answer = Manual.fromJar().answer(question);
      assertTrue(answer.startsWith("The manual has no answer to that."), answer);
    }
  }

  @Test
  void anAnswerIsNotTheWholeManual() {
    String answer = Manual.fromJar().answer("log cluster stream http limits bus producer");
    assertFalse(answer.split("\n\n").length > 3, answer);
  }
}
