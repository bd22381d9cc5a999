package io.tidings.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Visibility;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventCodecTest {
  private static final List<Event> EVENTS =
      List.of(
          Event.of("a", ""),
          new Event(List.of("a.b", "häuser"), "typ€", "own 😀", 0, "first\nsecond\r\n€😀"),
          new Event(List.of("p", "q.r"), "t", "i", 7, "secret", Visibility.PRIVATE),
          new Event(List.of("c"), "", "", Integer.MAX_VALUE, "€".repeat(100_000)),
          Event.of("d".repeat(65_534), "x".repeat(64 << 10)));

  @Test
  void encodedEventsAreDecodedOneAfterTheOther() {
    ByteBuffer bytes = encoded(EVENTS).slice(1, maxBytes(EVENTS));
    int at = 0;
    for (Event event : EVENTS) {
      assertEquals(event, EventCodec.event(bytes, at));
      assertEquals(event.topics(), EventCodec.topics(bytes, at));
      assertEquals(event.id(), EventCodec.id(bytes, at));
      assertEquals(event.visibility(), EventCodec.visibility(bytes, at));
      int after = EventCodec.afterEvent(bytes, at);
      assertTrue(after - at <= EventCodec.maxBytes(event));
      at = after;
    }
  }

  @Test
  void theEncodingIsTheDocumentedOne() {
    var event = new Event(List.of("a", "bc"), "t", "i", 258, "é");
    byte[] bytes = new byte[EventCodec.maxBytes(event)];
    ByteBuffer to = ByteBuffer.wrap(bytes);
    EventCodec.put(to, event);
    assertArrayEquals(
        HexFormat.of()
            .parseHex(
                "00000102" + "0002" + "000161" + "00026263" + "000174" + "000169" + "00000002c3a9"),
        Arrays.copyOf(bytes, to.position()));
    EventCodec.put(to.position(0), event.with(Visibility.PRIVATE));
    assertEquals(0x8002, to.getShort(4) & 0xffff, "the number of topics has the mark");
  }

  @Test
  void theShortestEventHasOneTopicOfOneByte() {
    var event = Event.of("a", "");
    assertEquals(EventCodec.SHORTEST, EventCodec.afterEvent(encoded(List.of(event)), 1) - 1);
  }

  @Test
  void aTextIsPrecededByItsLength() {
    ByteBuffer bytes = ByteBuffer.allocate(EventCodec.maxBytes("kéy"));
    EventCodec.put(bytes, "kéy");
    assertEquals("kéy", EventCodec.text(bytes, 0));
    assertEquals(bytes.position(), EventCodec.afterText(bytes, 0));
    assertEquals(2 + "kéy".getBytes(StandardCharsets.UTF_8).length, bytes.position());
  }

  @Test
  void aTruncatedEventIsRejected() {
    ByteBuffer whole = encoded(List.of(EVENTS.get(1)));
    int length = EventCodec.afterEvent(whole, 1);
    for (int cut = 1; cut < length; cut++) {
      ByteBuffer part = ByteBuffer.wrap(Arrays.copyOf(whole.array(), cut));
      assertThrows(RuntimeException.class, () -> EventCodec.event(part, 1), "cut at " + cut);
    }
  }

  /** Encodes the events, after one byte that belongs to none. */
  private static ByteBuffer encoded(List<Event> events) {
    ByteBuffer to = ByteBuffer.allocate(1 + maxBytes(events)).position(1);
    events.forEach(event -> EventCodec.put(to, event));
    return to;
  }

  private static int maxBytes(List<Event> events) {
    return events.stream().mapToInt(EventCodec::maxBytes).sum();
  }
}
