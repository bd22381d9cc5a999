package io.tidings.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventReaderTest {
  @Test
  void aBatchIsReadLineByLineOrAsAnArray() {
    var expected = List.of(Event.of("a", "1"), new Event(List.of("b", "c"), "t", "i", 5, "2"));
    String first = "{\"topic\":\"a\",\"data\":\"1\"}";
    String second =
        "{\"topic\":[\"b\",\"c\"],\"type\":\"t\",\"id\":\"i\",\"retry\":5,\"data\":\"2\"}";
    assertEquals(expected, read(first + "\n" + second + "\n"));
    assertEquals(expected, read(first + "\r\n\r\n" + second));
    assertEquals(expected, read(" [" + first + " ,\n" + second + "]\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\": [1, 2.50]} | {\"a\": [1, 2.50]}",
        "[ ] | [ ]",
        "12345678901234567890.10 | 12345678901234567890.10",
        "-0 | -0",
        "1e400 | 1e400",
        "true | true",
        "null | null",
        "\"a\\u0041\\n\" | 'aA\n'",
      })
  void dataOfAnotherTypeIsItsJsonText(String json, String data) {
    List<Event> events =
        read("{\"data\":" + json + ",\"topic\":\"a\"}\n{\"topic\":\"b\",\"data\":" + json + "}");
    assertEquals(List.of(Event.of("a", data), Event.of("b", data)), events);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"data\":\"x\"} | topic",
        "{\"topic\":\"a\"} | data",
        "{\"topic\":1,\"data\":\"x\"} | topic",
        "{\"topic\":\"a\",\"topic\":\"b\",\"data\":\"x\"} | topic",
        "{\"topic\":\"a\",\"data\":\"x\",\"data\":\"y\"} | data",
        "{\"topic\":\"a\",\"data\":\"x\",\"typ\":\"y\"} | typ",
        "{\"topic\":\"a\",\"data\":\"x\",\"id\":\"\"} | id",
        "{\"topic\":\"a\",\"data\":\"x\",\"type\":null} | type",
        "{\"topic\":\"a\",\"data\":\"x\",\"private\":\"true\"} | private",
        "{\"topic\":\"a\",\"data\":\"x\",\"private\":1} | private",
        "{\"topic\":\"a\",\"data\":\"x\",\"private\":null} | private",
        "{\"topic\":\"a\",\"data\":\"x\",\"private\":[true]} | private",
        "{\"topic\":\"a\",\"data\":\"x\",\"private\":true,\"private\":true} | private",
        "{\"topic\":\"a\",\"data\":\"x\",\"retry\":1.5} | retry",
        "{\"topic\":\"a\",\"data\":\"x\",\"retry\":99999999999} | retry",
        "{\"topic\":\"a\",\"data\":\"\\ud800\"} | data",
        "{\"topic\":\"a\",\"data\":\"x\" | body",
        "nonsense | body",
        "7 | body",
        "{\"topic\":\"a\",\"data\":\"x\"}} | body",
      })
  void anInvalidEventIsReportedByFieldAndLine(String wrong, String field) {
    String good = "{\"topic\":\"a\",\"data\":\"x\"}\n";
    var e = assertThrows(InvalidEvent.class, () -> read(good + good + wrong + "\n" + good));
    assertEquals(field, e.field());
    assertEquals(3, e.line());
  }

  @Test
  void anEventIsPrivateIfItSaysSo() {
    List<Event> events =
        read(
            """
            {"topic":"a","data":"1","private":true}
            {"private":false,"topic":"a","data":"2"}
            {"topic":"a","data":"3"}
            """);
    assertEquals(
        List.of(Visibility.PRIVATE, Visibility.PUBLIC, Visibility.PUBLIC),
        events.stream().map(Event::visibility).toList());
  }

  @Test
  void anEmptyBatchIsRejected() {
    assertThrows(InvalidEvent.class, () -> read(""));
    assertThrows(InvalidEvent.class, () -> read("\n \n"));
    assertThrows(InvalidEvent.class, () -> read("[]"));
    assertThrows(InvalidEvent.class, () -> read("[{\"topic\":\"a\",\"data\":\"x\"}] x"));
    assertThrows(InvalidEvent.class, () -> read("[{\"topic\":\"a\",\"data\":\"x\"}"));
  }

  @Test
  void aFailedCheckIsReportedByLineToo() {
    String json = "{\"topic\":\"a\",\"data\":\"x\"}\n{\"topic\":\"hub.a\",\"data\":\"x\"}";
    var e =
        assertThrows(
            InvalidEvent.class, () -> EventReader.read(json, event -> event.checkPublished(99)));
    assertEquals(2, e.line());
  }

  private static List<Event> read(String json) {
    return EventReader.read(json, event -> {});
  }
}
