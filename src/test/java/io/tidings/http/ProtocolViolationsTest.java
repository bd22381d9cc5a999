package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that do what no library should do, on each transport. */
@ParameterizedClass
@ValueSource(strings = {"io_uring", "epoll", "nio"})
class ProtocolViolationsTest {
  private static final String HOST = " HTTP/1.1\r\nHost: localhost\r\n";
  private static final String WEB_SOCKET =
      "GET /events/a"
          + HOST
          + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

  @Parameter String transport;
  @TempDir Path directory;
  private RunningHub hub;

  @BeforeEach
  void start() throws Exception {
    hub =
        RunningHub.start(
            "http.transport",
            transport,
            "log.kind",
            "disk",
            "log.sync",
            "batch",
            "log.dir",
            directory.resolve("log").toString());
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
  }

  /** All that the hub sends in response to these bytes, until it closes the connection. */
  private String allOf(String bytes) throws IOException {
    try (var client = new RawClient(hub.port())) {
      client.socket().getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
      return rest(client);
    }
  }

  private static String rest(RawClient client) throws IOException {
    return new String(client.socket().getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  private static int answers(String all) {
    return all.split("HTTP/1\\.[01] \\d\\d\\d", -1).length - 1;
  }

  // --- half-closed connections

  @Test
  void aClientThatHalfClosesAfterARequestGetsTheResponse() throws Exception {
    for (int i = 0; i < 50; i++) {
      try (var client = new RawClient(hub.port())) {
        client.send("POST /events/a" + HOST + "Content-Length: 1\r\n\r\nx");
        client.socket().shutdownOutput();
        var answer = client.answer();
        assertEquals(200, answer.status());
        assertTrue(answer.body().contains("\"id\""), answer.body());
        assertEquals("", rest(client));
      }
    }
  }

  @Test
  void halfClosedClientsGetPagesAndPollsAndPipelinedResponses() throws Exception {
    for (String target : List.of("/", "/health/live", "/metrics", "/nothing")) {
      try (var client = new RawClient(hub.port())) {
        client.send("GET " + target + HOST + "\r\n");
        client.socket().shutdownOutput();
        var answer = client.answer();
        assertEquals(target.equals("/nothing") ? 404 : 200, answer.status());
        assertEquals(answer.headers().get("content-length"), "" + bytes(answer.body()));
        assertEquals("", rest(client));
      }
    }
    RawClient.post(hub.port(), "/events/a", "x");
    try (var client = new RawClient(hub.port())) {
      String poll =
          "GET /events/a?last_event_id=earliest" + HOST + "Accept: application/json\r\n\r\n";
      client.send(poll + poll);
      client.socket().shutdownOutput();
      assertTrue(client.answer().body().contains("\"data\":\"x\""));
      assertTrue(client.answer().body().contains("\"data\":\"x\""));
      assertEquals("", rest(client));
    }
  }

  private static int bytes(String body) {
    return body.getBytes(StandardCharsets.UTF_8).length;
  }

  @Test
  void anIncompleteRequestIsNotPublished() throws Exception {
    try (var client = new RawClient(hub.port());
        var subscriber = RawClient.subscribe(hub.port(), "/events/a")) {
      client.send("POST /events/a" + HOST + "Content-Length: 2\r\n\r\nx");
      client.socket().shutdownOutput();
      assertFalse(rest(client).contains("200 OK"));
      RawClient.post(hub.port(), "/events/a", "whole");
      assertEquals("whole", subscriber.awaitData(1).get(0));
    }
  }

  @Test
  void aStreamEndsWithItsClientsHalfOfTheConnection() throws Exception {
    try (var client = RawClient.subscribe(hub.port(), "/events/a")) {
      Wait.until("it is open", () -> hub.hub().streams() == 1);
      client.socket().shutdownOutput();
      Wait.until("it has left", () -> hub.hub().streams() == 0);
    }
  }

  // --- protocols within one connection

  @Test
  void anUpgradeToHttp2IsHandledAsAnOrdinaryRequest() throws Exception {
    String upgrade = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n";
    String settings = "HTTP2-Settings: AAMAAABkAAQAAP__\r\n";
    String get = "GET /health/live HTTP/1.1\r\n";
    String host = "Host: localhost\r\n";
    assertEquals(400, status(get + upgrade + settings + "\r\n"));
    assertEquals(400, status(get + host + host + upgrade + settings + "\r\n"));
    assertEquals(200, status(get + host + upgrade + "\r\n"));
    assertEquals(200, status(get + host + upgrade + settings + settings + "\r\n"));
    assertEquals(200, status(get + host + upgrade + "HTTP2-Settings: !\r\n\r\n"));
    assertEquals(200, status(get + host + upgrade + "HTTP2-Settings: AAMAAABkAAQAAP_\r\n\r\n"));
    assertEquals(200, status(get + host + "Upgrade: h2c\r\n" + settings + "\r\n"));
    // a proxy that passes it on would pass on all that follows, without looking at it
    assertEquals(200, status(get + host + upgrade + settings + "\r\n"));
  }

  private int status(String head) throws IOException {
    try (var client = new RawClient(hub.port())) {
      client.send(head);
      client.readHead();
      return client.status();
    }
  }

  @Test
  void bytesAfterAHandshakeAreNotParsedAsARequest() throws Exception {
    String all = allOf(WEB_SOCKET + "GET /health/live" + HOST + "\r\n");
    assertTrue(all.startsWith("HTTP/1.1 101 "), all);
    assertEquals(1, answers(all), all);
    Wait.until("it has left", () -> hub.hub().streams() == 0);
    String get = "GET /health/live" + HOST + "Connection: close\r\n\r\n";
    String refused = allOf(WEB_SOCKET.replace("13", "12") + get);
    assertTrue(refused.startsWith("HTTP/1.1 426 "), refused);
    assertEquals(2, answers(refused), refused);
  }

  @Test
  void aFrameSentWithTheHandshakeIsProcessed() throws Exception {
    assertEquals(1003, closeCode(true, 0x82, 0x81, 0, 0, 0, 0, 'x'));
    assertEquals(1002, closeCode(true, 0x81, 0x01, 'x'));
  }

  // --- bodies

  @Test
  void aRejectedBodyIsNotParsedAsARequest() throws Exception {
    String large =
        "POST /events/a" + HOST + "Content-Length: 2000000\r\nExpect: 100-continue\r\n\r\n";
    String next = "POST /events/a" + HOST + "Content-Length: 1\r\n\r\nx";
    String all = allOf(large + next);
    assertTrue(all.startsWith("HTTP/1.1 413 "), all);
    assertTrue(all.contains("connection: close"), all);
    assertEquals(1, answers(all), all);
  }

  @Test
  void anExpectedBodyIsRequestedWith100Continue() throws Exception {
    try (var client = new RawClient(hub.port())) {
      for (int i = 0; i < 2; i++) {
        client.send("POST /events/a" + HOST + "Content-Length: 1\r\nExpect: 100-continue\r\n\r\n");
        client.readHead();
        assertEquals(100, client.status());
        client.send("x");
        assertEquals(200, client.answer().status());
      }
    }
  }

  @Test
  void anHttp10ClientGetsNo100ContinueAndNoResponseAfterItsStream() throws Exception {
    String post = "POST /events/a HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\nx";
    String posted = allOf(post);
    assertTrue(posted.startsWith("HTTP/1.0 200 "), posted);
    String stream = "GET /events/a?for=50ms HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    String all = allOf(stream + "GET /health/live HTTP/1.0\r\n\r\n");
    assertTrue(all.startsWith("HTTP/1.0 200 "), all);
    assertEquals(1, answers(all), all);
    assertTrue(all.contains("event: close"), all);
  }

  @Test
  void malformedChunksAreRejected() throws Exception {
    String head = "POST /events/a" + HOST + "Transfer-Encoding: chunked\r\n\r\n";
    for (String chunks :
        List.of(
            "x\r\n",
            "-1\r\n",
            "3\r\nabcd\r\n",
            "99999999999\r\n",
            "1;\r\nx\r\n\r\r",
            "3\nabc\n0\n\n")) {
      String all = allOf(head + chunks + "POST /events/a" + HOST + "Content-Length: 1\r\n\r\nx");
      assertTrue(all.startsWith("HTTP/1.1 400 "), chunks + all);
      assertEquals(1, answers(all), all);
    }
  }

  // --- WebSocket

  @Test
  void aWebSocketProtocolErrorIsAnsweredWithItsCloseCode() throws Exception {
    assertEquals(1002, closeCode(0x81, 0x01, 'x')); // not masked
    assertEquals(1002, closeCode(0xc1, 0x81, 0, 0, 0, 0, 'x')); // a reserved bit
    assertEquals(1002, closeCode(0x83, 0x81, 0, 0, 0, 0, 'x')); // an unknown opcode
    assertEquals(1002, closeCode(0x09, 0x80, 0, 0, 0, 0)); // a fragmented ping
    assertEquals(1002, closeCode(0x80, 0x81, 0, 0, 0, 0, 'x')); // a continuation without a start
    assertEquals(1007, closeCode(0x81, 0x81, 0, 0, 0, 0, 0xff)); // not UTF-8
    assertEquals(1009, closeCode(0x81, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0)); // 1 MiB
    assertEquals(1003, closeCode(0x82, 0x81, 0, 0, 0, 0, 'x')); // binary
    Wait.until("all have left", () -> hub.hub().streams() == 0);
  }

  /** The close code with which the hub answers this frame. */
  private int closeCode(int... frame) throws IOException {
    return closeCode(false, frame);
  }

  /** The same, with the frame sent together with the handshake or after its response. */
  private int closeCode(boolean early, int... frame) throws IOException {
    try (var client = new RawClient(hub.port())) {
      var bytes = new ByteArrayOutputStream();
      bytes.writeBytes(WEB_SOCKET.getBytes(StandardCharsets.US_ASCII));
      if (!early) {
        client.socket().getOutputStream().write(bytes.toByteArray());
        client.readHead();
        bytes.reset();
      }
      for (int one : frame) {
        bytes.write(one);
      }
      client.socket().getOutputStream().write(bytes.toByteArray());
      if (early) {
        client.readHead();
      }
      assertEquals(101, client.status());
      var in = client.socket().getInputStream();
      while (true) {
        int opcode = in.read() & 0x0f;
        int length = in.read();
        byte[] payload = in.readNBytes(length < 126 ? length : in.read() << 8 | in.read());
        if (opcode == 8) {
          return (payload[0] & 0xff) << 8 | payload[1] & 0xff;
        }
      }
    }
  }
}
