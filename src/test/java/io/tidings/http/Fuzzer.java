package io.tidings.http;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/**
 * Generates what hostile clients send: the bytes of a whole connection, made by mutating valid
 * requests. The same seed generates the same bytes.
 */
final class Fuzzer {
  private static final List<String> TARGETS =
      List.of(
          "/events/a",
          "/events/a?wait=0s",
          "/events/a?for=10ms",
          "/events?topic=a&topic=b.**&wait=0s",
          "/events/a?last_event_id=earliest&for=10ms",
          "/events/a?since=1h&wait=0s",
          "/events",
          "/events/a?id=x&type=t&retry=5&private",
          "/events/a?id=y&once",
          "/probe?for=10ms&every=10ms",
          "/health/live",
          "/metrics",
          "/cluster",
          "/",
          "/scenes/",
          "/scenes/clock.html",
          "/tidings.css",
          "/nothing",
          "*",
          "http://localhost/events/a?wait=0s");

  private static final List<String> HEADERS =
      List.of(
          "Host: localhost",
          "Host: 127.0.0.1:80",
          "Accept: text/event-stream",
          "Accept: application/x-ndjson",
          "Accept: application/json;q=0.9, */*;q=0.1",
          "Last-Event-ID: 00~1",
          "Idempotency-Key: k",
          "Origin: http://localhost",
          "X-Forwarded-Host: localhost",
          "X-Forwarded-For: 1.2.3.4, 5.6.7.8",
          "X-Forwarded-Proto: https",
          "Content-Type: application/json",
          "Content-Encoding: gzip",
          "Content-Length: 3",
          "Transfer-Encoding: chunked",
          "Expect: 100-continue",
          "Connection: close",
          "Connection: keep-alive, Upgrade",
          "Connection: Upgrade, HTTP2-Settings",
          "HTTP2-Settings: AAMAAABkAAQAAP__",
          "Upgrade: h2c",
          "Upgrade: websocket",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
          "If-None-Match: \"x\"",
          "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT",
          "Range: bytes=0-5, 7-",
          "Access-Control-Request-Method: POST");

  private static final List<String> BODIES =
      List.of(
          "hello",
          "",
          "{\"topic\":\"a\",\"data\":\"x\"}\n{\"topic\":[\"a\",\"b\"],\"data\":{\"n\":1}}\n",
          "[{\"topic\":\"a\",\"data\":1,\"id\":\"i\",\"type\":\"t\",\"retry\":7,\"private\":true}]",
          "[[[[[[[[[[[[[[[[[[[[",
          "{\"topic\":\"\\ud800\",\"data\":1e999}",
          "\u00ef\u00bb\u00bf[]",
          "[{\"topic\":null,\"data\":null}]",
          "\u00ff\u00fe\u0000");

  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final List<String> BAD =
      List.of(
          "\r\n",
          "\n",
          "\r",
          "\u0000",
          "%",
          "%00",
          ":",
          ";",
          ",",
          "\"",
          "{",
          "[",
          "\u00ff",
          "0",
          "-1",
          " ",
          "\t",
          "99999999999",
          "HTTP/1.0",
          "&",
          "=",
          "~");

  private final Random random;

  Fuzzer(long seed) {
    this.random = new Random(seed);
  }

  /** The bytes that one connection sends. */
  byte[] conversation() {
    return switch (random.nextInt(8)) {
      case 0 -> bytes(webSocket());
      case 1 -> bytes(PREFACE + http2());
      case 2 -> bytes(mutated(PREFACE + http2()));
      case 3 -> noise();
      default -> bytes(requests());
    };
  }

  boolean halfCloses() {
    return random.nextInt(20) > 0;
  }

  /** Whether the client disconnects without waiting for a response. */
  boolean goes() {
    return random.nextInt(10) == 0;
  }

  /** The number of writes that the bytes are split into. */
  int pieces() {
    return random.nextInt(6) == 0 ? 1 + random.nextInt(5) : 1;
  }

  private String requests() {
    var all = new StringBuilder();
    for (int i = random.nextInt(3); i >= 0; i--) {
      String request = request();
      all.append(random.nextInt(3) == 0 ? request : mutated(request));
    }
    return all.toString();
  }

  private String request() {
    String body = pick(BODIES);
    var head = new StringBuilder();
    head.append(pick(List.of("GET", "POST", "POST", "HEAD", "OPTIONS", "PUT", "CONNECT", "X")));
    head.append(' ').append(random.nextInt(3) == 0 ? mutated(pick(TARGETS)) : pick(TARGETS));
    head.append(' ')
        .append(pick(List.of("HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0")));
    head.append("\r\n");
    if (random.nextInt(10) > 0) {
      head.append("Host: localhost\r\n");
    }
    for (int i = random.nextInt(5); i > 0; i--) {
      head.append(random.nextInt(4) == 0 ? mutated(pick(HEADERS)) : pick(HEADERS)).append("\r\n");
    }
    switch (random.nextInt(3)) {
      case 0 ->
          head.append("Content-Length: ").append(body.length()).append("\r\n\r\n").append(body);
      case 1 -> head.append("Transfer-Encoding: chunked\r\n\r\n").append(chunks(body));
      default -> head.append("\r\n");
    }
    return head.toString();
  }

  private String chunks(String body) {
    String chunked =
        body.isEmpty() ? "" : Integer.toHexString(body.length()) + "\r\n" + body + "\r\n";
    return chunked + pick(List.of("0\r\n\r\n", "0\r\nTrailer: x\r\n\r\n", "0;a=b\r\n\r\n"));
  }

  private String webSocket() {
    var all =
        new StringBuilder(
            "GET /events/a?for=10ms HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
                + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    String handshake = random.nextInt(4) == 0 ? mutated(all.toString()) : all.toString();
    var frames = new StringBuilder();
    for (int i = random.nextInt(4); i > 0; i--) {
      int length = random.nextInt(130);
      frames.append((char) (random.nextInt(2) * 0x80 + random.nextInt(16)));
      if (length < 126) {
        frames.append((char) (0x80 + length));
      } else {
        frames.append((char) (0x80 + 126)).append((char) 0).append((char) length);
      }
      frames.append("\u0001\u0002\u0003\u0004").append("x".repeat(length));
    }
    return handshake + (random.nextInt(2) == 0 ? frames : mutated(frames.toString()));
  }

  /** SETTINGS and random frames whose header blocks are invalid or literal. */
  private String http2() {
    var all = new StringBuilder(frame(4, 0, 0, ""));
    for (int i = random.nextInt(5); i >= 0; i--) {
      int stream = 2 * random.nextInt(3) + 1;
      switch (random.nextInt(4)) {
        case 0 -> all.append(frame(random.nextInt(11), random.nextInt(256), stream, noiseText(20)));
        case 1 -> all.append(frame(0, random.nextInt(2), stream, pick(BODIES)));
        case 2 -> all.append(frame(random.nextInt(11), 0, 0, noiseText(8)));
        default -> all.append(frame(1, random.nextInt(2) + 4, stream, headers()));
      }
    }
    return all.toString();
  }

  private String headers() {
    var block = new StringBuilder();
    block.append(literal(":method", pick(List.of("GET", "POST", "HEAD", "X"))));
    block.append(literal(":scheme", "http"));
    block.append(literal(":path", random.nextInt(3) == 0 ? mutated(pick(TARGETS)) : pick(TARGETS)));
    if (random.nextInt(5) > 0) {
      block.append(literal(":authority", random.nextInt(5) == 0 ? "evil.com" : "localhost"));
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      String[] pair = pick(HEADERS).split(": ", 2);
      String value = random.nextInt(3) == 0 ? mutated(pair[1]) : pair[1];
      block.append(literal(pair[0].toLowerCase(java.util.Locale.ROOT), value));
    }
    return block.toString();
  }

  private static String literal(String name, String value) {
    return (char) 0 + text(name) + text(value);
  }

  private static String text(String text) {
    String cut = text.length() > 126 ? text.substring(0, 126) : text;
    return (char) cut.length() + cut;
  }

  private static String frame(int type, int flags, int stream, String payload) {
    int length = payload.length();
    return ""
        + (char) 0
        + (char) (length >> 8)
        + (char) (length & 0xff)
        + (char) type
        + (char) flags
        + (char) 0
        + (char) 0
        + (char) 0
        + (char) stream
        + payload;
  }

  private String mutated(String text) {
    var changed = new StringBuilder(text);
    for (int i = random.nextInt(3); i >= 0; i--) {
      int at = random.nextInt(changed.length() + 1);
      int end = Math.min(changed.length(), at + random.nextInt(6));
      switch (random.nextInt(5)) {
        case 0 -> changed.insert(at, pick(BAD));
        case 1 -> changed.delete(at, end);
        case 2 -> changed.insert(at, changed.substring(at, end));
        case 3 -> changed.insert(at, pick(BAD).repeat(1 + random.nextInt(40)));
        default -> {
          if (at < changed.length()) {
            changed.setCharAt(at, (char) random.nextInt(256));
          }
        }
      }
    }
    return changed.toString();
  }

  private byte[] noise() {
    var noise = new byte[random.nextInt(200)];
    random.nextBytes(noise);
    return noise;
  }

  private String noiseText(int most) {
    var noise = new byte[random.nextInt(most)];
    random.nextBytes(noise);
    return new String(noise, StandardCharsets.ISO_8859_1);
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private static byte[] bytes(String text) {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    return bytes.toByteArray();
  }
}
