package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Any value of a header or query gets a response that is not a server error. */
class HeadersTest {
  private static final int ROUNDS = 3_000;

  private static final List<String> PIECES =
      List.of(
          ";",
          ",",
          "=",
          "q=",
          ";q=",
          "q=0",
          "q=1",
          "0.5",
          "1.",
          "2",
          ".",
          "*",
          "*/*",
          "/",
          "\"",
          "\\",
          " ",
          "\t",
          ":",
          "://",
          "[",
          "]",
          "[::1]",
          "%",
          "%00",
          "%zz",
          "%C3",
          "-",
          "-1",
          "0",
          "65536",
          "99999999999999999999",
          "a",
          "localhost",
          "127.0.0.1",
          "http",
          "https://localhost",
          "null",
          "text",
          "text/*",
          "text/event-stream",
          "application/x-ndjson",
          "application/json",
          "chunked",
          "identity",
          "gzip",
          "100-continue",
          "upgrade",
          "websocket",
          "h2c",
          "close",
          "keep-alive",
          "13",
          "~",
          "\u00e9",
          "\u00ff",
          "\u007f",
          "\u0001",
          "\u000b",
          "{}",
          "&",
          "+",
          "?",
          "#",
          "..",
          "topic=",
          "earliest",
          "10s",
          "since=",
          "last_event_id=",
          "HTTP2-Settings");

  private static RunningHub hub;

  @BeforeAll
  static void start() throws Exception {
    hub = RunningHub.start("http.idle", "1s");
  }

  @AfterAll
  static void stop() throws Exception {
    hub.close();
  }

  @ParameterizedTest
  @CsvSource({
    "GET, Accept",
    "GET, Last-Event-ID",
    "GET, Host",
    "GET, Origin",
    "GET, X-Forwarded-Host",
    "GET, X-Forwarded-For",
    "GET, X-Forwarded-Proto",
    "GET, Connection",
    "GET, Upgrade",
    "GET, Sec-WebSocket-Key",
    "GET, Sec-WebSocket-Version",
    "GET, HTTP2-Settings",
    "GET, ?",
    "POST, Origin",
    "POST, Idempotency-Key",
    "POST, Content-Encoding",
    "POST, Content-Type",
    "POST, Expect",
    "POST, ?",
    "OPTIONS, Access-Control-Request-Method",
    "OPTIONS, Origin",
  })
  void anyHeaderValueIsAnsweredWithoutAServerError(String method, String header) throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    RawClient client = new RawClient(hub.port());
    try {
      for (int round = 0; round < ROUNDS; round++) {
        String request = request(method, header, random);
        client.socket().getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        try {
          var answer = client.answer();
          assertTrue(answer.status() < 500, () -> answer + " to " + request);
        } catch (java.io.IOException e) {
          throw new AssertionError("no answer, by seed " + seed + ", to " + request, e);
        }
        if (!client.headers().containsKey("content-length")
            || "close".equals(client.headers().get("connection"))) {
          client.close();
          client = new RawClient(hub.port());
        }
      }
    } finally {
      client.close();
    }
  }

  private static String request(String method, String header, Random random) {
    String query = header.equals("?") ? value(random).replaceAll("[ #\\p{Cntrl}]", "") : "";
    var request = new StringBuilder(method + " /events/a");
    if (method.equals("GET")) {
      request.append("?wait=0s").append(query.isEmpty() ? "" : "&" + query);
    } else {
      request.append(query.isEmpty() ? "" : "?" + query);
    }
    request.append(" HTTP/1.1\r\n");
    for (String name : List.of("Host", "Accept", "Origin", "Content-Length")) {
      if (!name.equals(header)) {
        request.append(name).append(": ").append(usual(name)).append("\r\n");
      }
    }
    if (header.startsWith("Sec-WebSocket")) {
      request.append("Upgrade: websocket\r\nConnection: upgrade\r\n");
    } else if (header.equals("HTTP2-Settings")) {
      request.append("Upgrade: h2c\r\nConnection: upgrade, HTTP2-Settings\r\n");
    } else if (header.equals("X-Forwarded-Host")) {
      request.append("Origin: http://localhost\r\n");
    }
    for (int i = header.equals("?") ? 2 : random.nextInt(5) == 0 ? 0 : 1; i < 2; i++) {
      request.append(header).append(": ").append(value(random)).append("\r\n");
    }
    return request.append("\r\n").toString();
  }

  private static String usual(String name) {
    return switch (name) {
      case "Accept" -> "application/json";
      case "Origin" -> "http://localhost";
      case "Content-Length" -> "0";
      default -> "localhost";
    };
  }

  private static String value(Random random) {
    var value = new StringBuilder();
    for (int i = random.nextInt(8); i >= 0; i--) {
      value.append(PIECES.get(random.nextInt(PIECES.size())));
    }
    return value.toString();
  }
}
