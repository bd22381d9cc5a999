package io.tidings.sse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.event.Event;
import io.tidings.sse.EventStreamParser.Heard;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "  leading",
        "\n",
        "\n\n",
        "trailing\n",
        "\r",
        "\r\n",
        "\r\n\r\n",
        "\r\r",
        "\n\r",
        "a\rb\nc\r\nd",
        "a\r",
        "data: x",
        ":colon",
        "id: 7\nevent: e",
        "\uFEFFmark",
        "line\u2028separator",
        "\u0000\u0001",
        "😀",
        "{\"json\": true}"
      })
  void aParserGivesBackTheData(String data) {
    assertEquals(List.of(new Heard("message", lineFeeds(data), "7")), heard(Event.of("t", data)));
  }

  @Test
  void whateverTheTextAParserGivesItBack() {
    var random = new Random(42);
    String[] pieces = {"\r", "\n", "\r\n", "a", ": ", " ", "data", "é", "😀", "\u2028", "\u0085"};
    for (int i = 0; i < 5_000; i++) {
      var data = new StringBuilder();
      for (int n = random.nextInt(9); n > 0; n--) {
        data.append(pieces[random.nextInt(pieces.length)]);
      }
      Event event = new Event(List.of("t"), " t:y", "", 5, data.toString());
      assertEquals(List.of(new Heard(" t:y", lineFeeds(data.toString()), "7")), heard(event));
    }
  }

  @Test
  void itLooksAsTheStandardShowsIt() {
    var event = new Event(List.of("t"), "add", "", 1_500, "one\ntwo");
    assertEquals(
        "id: 7\nevent: add\nretry: 1500\ndata: one\ndata: two\n\n",
        Frame.of("7", event).toString());
  }

  @Test
  void theOpeningTellsAPlaceAndFiresNothing() {
    var parser = new EventStreamParser();
    parser.feed(Frame.opening(2_000, "p~1").bytes());
    assertEquals(List.of(), parser.heard());
    assertEquals("p~1", parser.lastEventId());
    assertEquals(2_000, parser.retry());
    parser.feed(Frame.heartbeat("p~2").bytes());
    parser.feed(Frame.heartbeat().bytes());
    assertEquals(List.of(), parser.heard());
    assertEquals("p~2", parser.lastEventId());
    assertEquals(3, parser.comments());
  }

  private static List<Heard> heard(Event event) {
    var parser = new EventStreamParser();
    parser.feed(Frame.of("7", event).bytes());
    return parser.heard();
  }

  /** What the format can't tell apart: all ends of lines are heard as LF. */
  private static String lineFeeds(String data) {
    return data.replace("\r\n", "\n").replace('\r', '\n');
  }
}
