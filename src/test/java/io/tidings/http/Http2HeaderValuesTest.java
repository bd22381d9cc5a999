package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * HTTP/2 delimits header values by length, so they could contain CR, LF and NUL, which would end a
 * line when a proxy passes them on as HTTP/1 (RFC 9113, 8.2.1). Builds frames by hand, because
 * client libraries refuse to send such values.
 */
class Http2HeaderValuesTest {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int GOAWAY = 7;
  private static final int END_STREAM_AND_HEADERS = 5;

  /** RFC 9113, 7. */
  private static final int PROTOCOL_ERROR = 1;

  private RunningHub hub;

  @BeforeEach
  void start() throws Exception {
    hub = RunningHub.start();
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\rb", "a\nb", "a\r\nb: c", "a\0b", "\r", "\n", "\0", "a\0", "a\n"})
  void aValueWithCrLfOrNulIsRejected(String value) throws Exception {
    assertFalse(accepted("x-test", value));
    assertFalse(accepted("last-event-id", value));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/events/a\r\nx: y", "/events/a\0", "/events/a\n"})
  void aPathWithCrLfOrNulIsRejected(String path) throws Exception {
    assertFalse(accepted(path, "x-test", "a"));
  }

  @Test
  void anyOtherValueIsAccepted() throws Exception {
    assertTrue(accepted("x-test", "a b\tc"));
  }

  private boolean accepted(String name, String value) throws IOException {
    return accepted("/health/live", name, value);
  }

  /** Whether the response is 200; otherwise the request must have been rejected. */
  private boolean accepted(String path, String name, String value) throws IOException {
    try (var socket = new Socket("127.0.0.1", hub.port())) {
      socket.setSoTimeout(15_000);
      var block = new ByteArrayOutputStream();
      header(block, ":method", "GET");
      header(block, ":scheme", "http");
      header(block, ":authority", "localhost");
      header(block, ":path", path);
      header(block, name, value);
      var out = new ByteArrayOutputStream();
      out.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      frame(out, SETTINGS, 0, 0, new byte[0]);
      frame(out, HEADERS, END_STREAM_AND_HEADERS, 1, block.toByteArray());
      socket.getOutputStream().write(out.toByteArray());
      return answer(new DataInputStream(socket.getInputStream()));
    }
  }

  private static boolean answer(DataInputStream in) throws IOException {
    while (true) {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      in.readUnsignedByte(); // flags
      in.readInt(); // stream
      byte[] payload = in.readNBytes(length);
      if (type == RST_STREAM) {
        assertEquals(PROTOCOL_ERROR, payload[3]);
        return false;
      } else if (type == GOAWAY) {
        assertEquals(PROTOCOL_ERROR, payload[7]);
        return false;
      } else if (type == DATA) {
        return new String(payload, StandardCharsets.UTF_8).contains("UP"); // not a problem's text
      }
    }
  }

  /** A literal field without indexing or Huffman coding (RFC 7541, 6.2.2). */
  private static void header(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    text(block, name);
    text(block, value);
  }

  private static void text(ByteArrayOutputStream block, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    block.write(bytes.length);
    block.writeBytes(bytes);
  }

  private static void frame(
      ByteArrayOutputStream out, int type, int flags, int stream, byte[] payload) {
    out.write(0);
    out.write(payload.length >> 8);
    out.write(payload.length);
    out.write(type);
    out.write(flags);
    out.writeBytes(new byte[] {0, 0, 0, (byte) stream});
    out.writeBytes(payload);
  }
}
