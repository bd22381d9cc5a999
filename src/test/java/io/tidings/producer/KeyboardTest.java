package io.tidings.producer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class KeyboardTest {
  @Test
  void aLineIsPublishedToTheKeyboardTopicOrToTheNamedOne() {
    assertEquals(Event.of("keyboard", "hello there"), Keyboard.event("hello there"));
    assertEquals(Event.of("news.local", "it rains"), Keyboard.event("@news.local it rains"));
    assertEquals(Event.of("bell", ""), Keyboard.event("@bell"));
  }

  @Test
  void longLinesAndBinaryBytesAreRejectedUpToTheEnd() throws Exception {
    var input = new ByteArrayOutputStream();
    input.writeBytes(utf8("first\r\n\n"));
    input.writeBytes(new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1, '\n'});
    input.writeBytes(utf8("x".repeat(5_000_000) + "\n"));
    input.writeBytes(utf8("@hub.x y\n@a..b z\n@ w\n"));
    input.writeBytes(utf8("grüße 😀"));
    List<Event> events = new CopyOnWriteArrayList<>();
    var last = new CountDownLatch(3);
    var keyboard =
        new Keyboard(
            new ByteArrayInputStream(input.toByteArray()),
            event -> {
              events.add(event);
              last.countDown();
            });
    keyboard.start();
    assertTrue(last.await(10, TimeUnit.SECONDS));
    // reserved topics are refused by the intake
    assertEquals(
        List.of(
            Event.of("keyboard", "first"),
            Event.of("hub.x", "y"),
            Event.of("keyboard", "grüße 😀")),
        events);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
