package io.tidings.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SseFrameTest {
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
  void aParserReturnsTheData(String data) {
    assertEquals(
        List.of(new ReceivedEvent("message", lineFeeds(data), "7")), received(Event.of("t", data)));
  }

  @Test
  void aParserReturnsAnyText() {
    var random = new Random(42);
    String[] pieces = {"\r", "\n", "\r\n", "a", ": ", " ", "data", "é", "😀", "\u2028", "\u0085"};
    for (int i = 0; i < 5_000; i++) {
      var data = new StringBuilder();
      for (int n = random.nextInt(9); n > 0; n--) {
        data.append(pieces[random.nextInt(pieces.length)]);
      }
      Event event = new Event(List.of("t"), " t:y", "", 5, data.toString());
      assertEquals(
          List.of(new ReceivedEvent(" t:y", lineFeeds(data.toString()), "7")), received(event));
    }
  }

  @Test
  void framesHaveTheFormatOfTheStandard() {
    var event = new Event(List.of("t"), "add", "", 1_500, "one\ntwo");
    assertEquals(
        "event: add\nretry: 1500\ndata: one\ndata: two\nid: 7\n\n",
        SseFrame.of("7", event).toString());
  }

  /**
   * Some clients accept a block whose end is missing; they must not store its id before they have
   * all of its data.
   */
  @Test
  void aTruncatedBlockHasNoIdWithoutAllOfItsData() {
    byte[] whole = SseFrame.of("7", new Event(List.of("t"), "add", "", 5, "one\ntwo")).bytes();
    for (int cut = 0; cut <= whole.length; cut++) {
      String part = new String(whole, 0, cut, StandardCharsets.UTF_8);
      assertTrue(!part.contains("id:") || part.contains("data: one\ndata: two\n"), part);
    }
  }

  @Test
  void theHubsOwnEventsMoveTheIdOfEveryParserAndAreNoMessages() {
    for (var parser :
        List.of(new EventStreamParser(), EventStreamParser.droppingBlocksWithoutData())) {
      parser.feed(SseFrame.open(2_000, "p~1", "{}").bytes());
      assertEquals("p~1", parser.lastEventId());
      assertEquals(2_000, parser.retry());
      parser.feed(SseFrame.beat("p~2").bytes());
      assertEquals("p~2", parser.lastEventId());
      parser.feed(SseFrame.gap("p~3", "{}").bytes());
      parser.feed(SseFrame.stale("{}").bytes());
      assertEquals("p~3", parser.lastEventId());
      parser.feed(SseFrame.auth("{}").bytes());
      assertEquals("p~3", parser.lastEventId());
      parser.feed(SseFrame.drain("p~4", 700).bytes());
      assertEquals(700, parser.retry());
      parser.feed(SseFrame.busy(800, "{}").bytes());
      parser.feed(SseFrame.close().bytes());
      assertEquals("p~4", parser.lastEventId());
      parser.feed(SseFrame.end("p~5", "{}").bytes());
      assertEquals("p~5", parser.lastEventId());
      assertEquals(800, parser.retry());
      assertEquals(
          List.of(
              "hub.open",
              "hub.beat",
              "hub.gap",
              "hub.stale",
              "hub.auth",
              "hub.drain",
              "hub.busy",
              "close",
              "hub.end"),
          parser.all().stream().map(ReceivedEvent::type).toList());
      assertEquals(List.of(), parser.messages());
    }
  }

  /** An empty id would reset the client's last id, and it would reconnect without one. */
  @Test
  void withoutAPositionTheClientKeepsItsId() {
    var parser = new EventStreamParser();
    parser.feed(SseFrame.open(0, "p~1", "{}").bytes());
    parser.feed(SseFrame.open(0, "", "{}").bytes());
    assertEquals("p~1", parser.lastEventId());
    assertEquals(-1, parser.retry());
  }

  @Test
  void aCommentCompletesNoBlockAtAnyPosition() {
    var parser = new EventStreamParser();
    parser.feed(SseFrame.comment().bytes());
    parser.feed(SseFrame.comment().bytes());
    parser.feed(SseFrame.of("7", Event.of("t", "x")).bytes());
    assertEquals(List.of(new ReceivedEvent("message", "x", "7")), parser.all());
    assertEquals(1, parser.blocks());
    assertEquals(2, parser.comments());
  }

  @Test
  void anEnvelopeIsTheEventAsALineOfJson() {
    var event = new Event(List.of("a", "b"), "add", "\u00e9", 5, "one\r\ntwo");
    SseFrame line = JsonLine.of("p~1", "\u00e9", "p~1", 0, event);
    assertEquals(
        "{\"id\":\"p~1\",\"publisher_id\":\"\u00e9\",\"topic\":\"a\",\"topics\":[\"b\"],\"type\":\"add\","
            + "\"time\":\"1970-01-01T00:00:00Z\",\"retry\":5,\"data\":\"one\\r\\ntwo\"}\n",
        line.toString());
    assertEquals(
        "event: add\nretry: 5\ndata: " + line + "id: p~1\n\n",
        SseFrame.enveloped("p~1", event, line).toString());
  }

  private static List<ReceivedEvent> received(Event event) {
    var parser = new EventStreamParser();
    parser.feed(SseFrame.of("7", event).bytes());
    return parser.events();
  }

  /** The format does not distinguish ends of lines: all are received as LF. */
  private static String lineFeeds(String data) {
    return data.replace("\r\n", "\n").replace('\r', '\n');
  }
}
