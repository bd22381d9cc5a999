package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidings.Wait;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProbeTest {
  private RunningHub hub;

  @BeforeEach
  void start() throws Exception {
    hub = RunningHub.start("http.idle", "2s", "stream.heartbeat", "1s");
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
  }

  private static List<JsonObject> stamps(List<ReceivedEvent> received) {
    return received.stream()
        .filter(one -> one.type().equals("message"))
        .map(one -> new JsonObject(one.data()))
        .toList();
  }

  @Test
  void stampsHaveNumbersAndThenTheProbeEnds() throws Exception {
    try (var client = RawClient.subscribe(hub.port(), "/probe?for=100ms&every=20ms")) {
      assertEquals("text/event-stream; charset=utf-8", client.headers().get("content-type"));
      assertEquals("no-cache, no-transform", client.headers().get("cache-control"));
      assertEquals("no", client.headers().get("x-accel-buffering"));
      List<ReceivedEvent> received = client.awaitEnd();
      assertEquals("request", received.get(0).type());
      assertEquals("close", received.get(received.size() - 1).type());
      List<JsonObject> stamps = stamps(received);
      assertEquals(
          IntStream.rangeClosed(1, 5).boxed().toList(),
          stamps.stream().map(stamp -> stamp.getInteger("n")).toList());
      assertEquals(5, new JsonObject(received.get(0).data()).getInteger("stamps"));
    }
  }

  @Test
  void theProbeFirstReportsTheRequestAsReceived() throws Exception {
    try (var client =
        RawClient.subscribe(
            hub.port(),
            "/probe?for=10ms&every=10ms",
            "Accept-Encoding: gzip, br",
            "Via: 1.1 a",
            "Via: 1.1 b",
            "X-Forwarded-For: 1.2.3.4, 5.6.7.8, 127.0.0.9",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Access-Token: sesame",
            "Cookie: session=1",
            "Authorization: Bearer sesame")) {
      var seen = new JsonObject(client.await(1).get(0).data());
      assertEquals("HTTP/1.1", seen.getString("version"));
      assertEquals("localhost", seen.getString("host"));
      assertEquals("127.0.0.1", seen.getString("address"));
      assertEquals("5.6.7.8", seen.getString("client"), "the last that is not a trusted proxy");
      assertEquals(
          new JsonObject()
              .put("Accept-Encoding", "gzip, br")
              .put("Via", "1.1 a, 1.1 b")
              .put("X-Forwarded-For", "1.2.3.4, 5.6.7.8, 127.0.0.9")
              .put("X-Forwarded-Proto", "https"),
          seen.getJsonObject("headers"));
    }
  }

  @Test
  void aProbeContinuesAfterASilenceLongerThanTheIdleTimeout() throws Exception {
    try (var client = RawClient.subscribe(hub.port(), "/probe?quiet=3s&for=10ms&every=10ms")) {
      List<ReceivedEvent> received = client.awaitEnd();
      assertEquals(
          List.of("request", "message", "close"),
          received.stream().map(ReceivedEvent::type).toList());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "for=31s        | for   | must be from 10ms to 30s",
        "for=0          | for   | must be from 10ms to 30s",
        "for=long       | for   | must be a duration such as 100ms, 15s, 10m, 24h or 7d, or 0",
        "for=1s&for=2s  | for   | must not be given twice",
        "every=9ms      | every | must be from 10ms to 30s",
        "quiet=11m      | quiet | must be from 0 to 10m",
        "queit=1m       | queit | unknown parameter; must be for, every or quiet",
        "quiet=%zz      | quiet | must have two hexadecimal digits after each %",
      })
  void anInvalidParameterIsRejectedByName(String query, String field, String rule)
      throws Exception {
    try (var client = new RawClient(hub.port())) {
      client.send("GET /probe?" + query + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
      var answer = client.answer();
      assertEquals(400, answer.status());
      assertEquals(field, new JsonObject(answer.body()).getString("field"));
      assertEquals(rule, new JsonObject(answer.body()).getString("rule"));
    }
  }

  @Test
  void headIsAnsweredAndOtherMethodsAreRejected() throws Exception {
    try (var client = new RawClient(hub.port())) {
      client.send("HEAD /probe HTTP/1.1\r\nHost: localhost\r\n\r\n");
      client.readHead();
      assertEquals(200, client.status());
      assertEquals("text/event-stream; charset=utf-8", client.headers().get("content-type"));
      client.send("POST /probe HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
      assertEquals(405, client.answer().status());
    }
    assertEquals(0, probes());
  }

  @Test
  void aProbeIsReleasedHoweverItEnds() throws Exception {
    for (String query : new String[] {"for=30s", "quiet=10m", "for=30s&every=30s"}) {
      try (var closed = RawClient.subscribe(hub.port(), "/probe?" + query);
          var reset = RawClient.subscribe(hub.port(), "/probe?" + query)) {
        assertEquals("request", closed.await(1).get(0).type());
        assertEquals("request", reset.await(1).get(0).type());
        assertEquals(2, probes());
        reset.socket().setSoLinger(true, 0);
      }
      Wait.until("both are released", () -> probes() == 0);
    }
    try (var ended = RawClient.subscribe(hub.port(), "/probe?for=10ms&every=10ms")) {
      ended.awaitEnd();
    }
    Wait.until("it is released", () -> probes() == 0);
  }

  @Test
  void stoppingDoesNotWaitForTheEndOfAProbe() throws Exception {
    var other = RunningHub.start();
    try (var client = RawClient.subscribe(other.port(), "/probe?quiet=10m")) {
      assertEquals(1, client.await(1).size());
      other.close(); // fails if it takes too long
      assertThrows(IOException.class, client::awaitEnd);
    }
  }

  private int probes() {
    try (var client = new RawClient(hub.port())) {
      client.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
      String line =
          client
              .answer()
              .body()
              .lines()
              .filter(one -> one.startsWith("tidings_probes "))
              .findAny()
              .orElseThrow();
      return (int) Double.parseDouble(line.substring(line.indexOf(' ')));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
