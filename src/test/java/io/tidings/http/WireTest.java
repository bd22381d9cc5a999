package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.wire.EventStreamParser;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import io.vertx.core.Vertx;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What client libraries require of the wire format: those that follow the standard, and those that
 * drop an id without data.
 */
@Timeout(60)
class WireTest {
  private RunningHub hub;

  @BeforeEach
  void start() throws Exception {
    hub = RunningHub.start("stream.heartbeat", "200ms", "log.keep.entries", "10");
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
  }

  private String publish(String target, String data) throws IOException {
    var answer = RawClient.post(hub.port(), target, data);
    assertEquals(200, answer.status());
    return new JsonObject(answer.body()).getString("id");
  }

  private RawClient open(String target, String... headers) throws IOException {
    return RawClient.subscribe(hub.port(), target, headers);
  }

  private static Stream<EventStreamParser> parsers() {
    return Stream.of(new EventStreamParser(), EventStreamParser.droppingBlocksWithoutData());
  }

  // --- the opening

  @ParameterizedTest
  @MethodSource("parsers")
  void aClientThatReceivedNothingYetResumesWhereItBegan(EventStreamParser parser) throws Exception {
    String head = publish("/events/a", "before");
    try (var client = open("/events/a").with(parser)) {
      client.await(received -> !parser.all().isEmpty());
    }
    assertEquals(head, parser.lastEventId());
    assertEquals(List.of(), parser.messages());
    publish("/events/a", "missed");
    try (var client = open("/events/a", "Last-Event-ID: " + parser.lastEventId())) {
      assertEquals("missed", client.await(1).get(0).data());
    }
  }

  @Test
  void theOpeningHasTheFilterAndTheRetryInTheDocumentedBytes() throws Exception {
    String head = publish("/events/a", "before");
    try (var client = open("/events?topic=b.**&topic=a")) {
      assertEquals("text/event-stream; charset=utf-8", client.headers().get("content-type"));
      assertEquals(
          "retry: 2000\nevent: hub.open\ndata: {\"filter\":[\"a\",\"b.**\"],\"stream\":\"ID\"}\nid: "
              + head
              + "\n\n",
          client.chunk().replaceFirst("[A-Za-z0-9_-]{22}", "ID"));
    }
  }

  @ParameterizedTest
  @MethodSource("parsers")
  void aStreamThatCatchesUpOpensWhereItBeginsAndNotAtTheHead(EventStreamParser parser)
      throws Exception {
    String first = publish("/events/a", "1");
    publish("/events/a", "2");
    try (var client = open("/events/a?last_event_id=" + first).with(parser)) {
      client.await(1);
      assertEquals(first, parser.all("hub.open").get(0).lastEventId());
    }
    try (var client = open("/events/a?last_event_id=earliest")) {
      client.await(2);
      String begin = client.parser().all("hub.open").get(0).lastEventId();
      try (var again = open("/events/a?last_event_id=" + begin)) {
        assertEquals(List.of("1", "2"), again.awaitData(2));
      }
    }
  }

  @Test
  void aLongFilterIsCutShortSoThatNoLineIsTooLongForAnyClient() throws Exception {
    var query = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      query.append("&topic=").append("x".repeat(500)).append(i);
    }
    try (var client = open("/events?" + query.substring(1))) {
      client.await(received -> !client.parser().all().isEmpty());
      String data = client.parser().all().get(0).data();
      assertTrue(data.length() < 8_000, "" + data.length());
      var opening = new JsonObject(data);
      assertEquals(100, opening.getJsonArray("filter").size() + opening.getInteger("omitted"));
    }
  }

  // --- gaps

  /** Wherever the connection is cut, the client receives the gap before any id past it. */
  @ParameterizedTest
  @ValueSource(strings = {"", "application/x-ndjson"})
  void noIdPastALossIsSentBeforeTheGap(String accept) throws Exception {
    String lost = publish("/events/a", "lost");
    for (int i = 0; i < 12; i++) {
      publish("/events/a", "" + i);
    }
    for (String id : List.of(lost, "nobody-knows-it", "ob\u0159", "a\tb")) {
      byte[] bytes;
      try (var client = open("/events/a", "Accept: " + accept, "Last-Event-ID: " + id)) {
        assertEquals(200, client.status());
        assertNull(client.headers().get("last-event-id"), "an id before the gap");
        bytes = client.bytesUntil("\"11\"", "data: 11");
      }
      for (int cut = 0; cut <= bytes.length; cut++) {
        byte[] part = java.util.Arrays.copyOf(bytes, cut);
        String last = accept.isEmpty() ? idOfEvents(part) : idOfLines(part);
        boolean reported = new String(part, StandardCharsets.UTF_8).contains("hub.gap");
        assertTrue(reported || Set.of("", id).contains(last), last + " at byte " + cut);
      }
    }
  }

  private static String idOfEvents(byte[] bytes) {
    var parser = new EventStreamParser();
    parser.feed(bytes);
    return parser.lastEventId();
  }

  private static String idOfLines(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    return text.substring(0, text.lastIndexOf('\n') + 1)
        .lines()
        .map(line -> new JsonObject(line).getString("id"))
        .filter(id -> !id.isEmpty())
        .reduce("", (before, id) -> id);
  }

  @Test
  void theOpeningReportsTheGapToo() throws Exception {
    publish("/events/a", "1");
    try (var client = open("/events/a", "Last-Event-ID: nobody-knows-it")) {
      client.await(2);
      var all = client.parser().all();
      assertEquals(
          List.of("hub.open", "hub.gap", "message"),
          all.stream().map(ReceivedEvent::type).toList());
      var gap = new JsonObject(all.get(0).data()).getJsonObject("gap");
      assertEquals("unknown", gap.getString("reason"));
      assertEquals(gap, new JsonObject(all.get(1).data()));
      assertEquals("nobody-knows-it", all.get(0).lastEventId());
      assertEquals(all.get(2).lastEventId(), gap.getString("next"));
    }
  }

  @Test
  void anIdThatCannotBeDecodedIsAGapAndNeverAnError() throws Exception {
    publish("/events/a", "1");
    var ids =
        List.of(
            "tab\tid".getBytes(StandardCharsets.ISO_8859_1),
            new byte[] {(byte) 0xff, (byte) 0xfe, 'x'},
            new byte[] {'a', (byte) 0xc3},
            "x".repeat(7_000).getBytes(StandardCharsets.ISO_8859_1));
    for (byte[] id : ids) {
      try (var client = new RawClient(hub.port())) {
        OutputStream out = client.socket().getOutputStream();
        out.write("GET /events/a HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: ".getBytes());
        out.write(id);
        out.write("\r\n\r\n".getBytes());
        client.readHead();
        assertEquals(200, client.status(), new String(id, StandardCharsets.ISO_8859_1));
        var received = client.await(2);
        assertEquals("hub.gap", received.get(0).type());
        assertTrue(received.get(0).data().length() < 3_000, received.get(0).data());
        assertEquals("1", received.get(1).data());
      }
    }
    for (String query :
        List.of(
            "last_event_id=%",
            "last_event_id=%ff%fe",
            "last_event_id=%0a",
            "lastEventId=%zz",
            "last_event_id=x&last_event_id=y",
            "last_event_id=" + "%C3%A9".repeat(2_000))) {
      try (var client = open("/events/a?" + query)) {
        assertEquals(200, client.status(), query);
        var received = client.await(2);
        assertEquals("hub.gap", received.get(0).type());
        assertEquals("1", received.get(1).data());
      }
    }
  }

  // --- ids

  @Test
  void anIdThatIsNotAsciiIsReplacedByThePositionWhichResumes() throws Exception {
    var answer = RawClient.post(hub.port(), "/events/a?id=objedn%C3%A1vka-7", "1").body();
    String id = new JsonObject(answer).getString("id");
    assertTrue(id.chars().allMatch(c -> c > ' ' && c < 0x7f), id);
    assertEquals("objedn\u00e1vka-7", new JsonObject(answer).getString("publisher_id"));
    publish("/events/a?id=plain-8", "2");
    try (var client = open("/events/a?last_event_id=earliest")) {
      List<ReceivedEvent> received = client.await(2);
      assertEquals(id, received.get(0).lastEventId());
      assertEquals("plain-8", received.get(1).lastEventId());
    }
    try (var client = open("/events/a", "Last-Event-ID: " + id)) {
      assertEquals("2", client.await(1).get(0).data());
    }
    try (var client = open("/events/a?last_event_id=earliest", "Accept: application/x-ndjson")) {
      List<JsonObject> lines = client.lines(3);
      assertEquals(id, lines.get(1).getString("id"));
      assertEquals("objedn\u00e1vka-7", lines.get(1).getString("publisher_id"));
      assertEquals("plain-8", lines.get(2).getString("id"));
      assertFalse(lines.get(2).containsKey("publisher_id"));
    }
    var batch =
        RawClient.post(
            hub.port(),
            "/events",
            "{\"topic\":\"a\",\"data\":\"3\",\"id\":\"\u20ac\"}\n{\"topic\":\"a\",\"data\":\"4\"}");
    assertEquals(
        new JsonArray().add("\u20ac").addNull(),
        new JsonObject(batch.body()).getJsonArray("publisher_ids"));
    var plain = RawClient.post(hub.port(), "/events", "{\"topic\":\"a\",\"data\":\"5\"}");
    assertEquals(Set.of("ids"), new JsonObject(plain.body()).fieldNames());
  }

  /**
   * Clients that received such an id from an earlier version of the hub send it back in either
   * encoding.
   */
  @ParameterizedTest
  @ValueSource(strings = {"UTF-8", "ISO-8859-1"})
  void anIdThatIsNotAsciiResumesHoweverItIsEncoded(String charset) throws Exception {
    publish("/events/a?id=objedn%C3%A1vka-7", "1");
    publish("/events/a", "2");
    try (var client = new RawClient(hub.port())) {
      OutputStream out = client.socket().getOutputStream();
      out.write("GET /events/a HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: ".getBytes());
      out.write("objedn\u00e1vka-7".getBytes(charset));
      out.write("\r\n\r\n".getBytes());
      client.readHead();
      assertEquals(List.of("2"), client.awaitData(1));
    }
  }

  // --- idle streams

  @ParameterizedTest
  @MethodSource("parsers")
  void anIdleStreamReceivesItsPositionWhenItHasMoved(EventStreamParser parser) throws Exception {
    try (var client = open("/events/quiet").with(parser)) {
      client.await(received -> !parser.all().isEmpty());
      publish("/events/loud", "1");
      String newest = publish("/events/loud", "2");
      client.await(received -> parser.lastEventId().equals(newest));
      assertEquals("{}", parser.all("hub.beat").get(0).data());
      assertEquals(List.of(), parser.messages());
    }
  }

  @Test
  void anIdleStreamWhosePositionStaysGetsOnlyCommentLinesThatCompleteNoBlock() throws Exception {
    try (var client = open("/events/quiet")) {
      client.await(received -> client.parser().comments() >= 3);
      assertEquals(1, client.parser().all().size());
      assertEquals(1, client.parser().blocks(), "a comment line is no block");
    }
  }

  /** The position moves without an event when a stream catches up over entries of other topics. */
  @Test
  void aStreamThatCaughtUpOverOtherTopicsReceivesItsNewPosition() throws Exception {
    String first = publish("/events/quiet", "1");
    try (var early = open("/events/quiet")) {
      String newest = publish("/events/loud", "2");
      early.await(received -> early.parser().lastEventId().equals(newest));
      try (var late = open("/events/quiet?last_event_id=" + first)) {
        late.await(received -> late.parser().lastEventId().equals(newest));
      }
    }
  }

  // --- lines of JSON

  @Test
  void everyLineHasTheSameFields() throws Exception {
    var multi = "{\"topic\":[\"a\",\"b\",\"c\"],\"data\":{\"n\":1}}";
    assertEquals(200, RawClient.post(hub.port(), "/events", multi).status());
    publish("/events/a?type=added", "2");
    try (var client =
        open("/events/a?last_event_id=unknown&for=1s", "Accept: application/x-ndjson")) {
      List<JsonObject> lines = client.lines(Integer.MAX_VALUE);
      for (JsonObject line : lines) {
        for (String field : List.of("id", "topic", "type", "time", "data")) {
          assertTrue(line.getValue(field) instanceof String, field + " of " + line);
        }
        assertTrue(line.getInstant("time").toEpochMilli() > 0);
        boolean own = line.getString("topic").equals("hub");
        assertEquals(own, line.getString("type").startsWith("hub."), "" + line);
      }
      List<String> types = lines.stream().map(line -> line.getString("type")).distinct().toList();
      assertEquals(
          List.of("hub.open", "hub.gap", "message", "added", "hub.beat", "hub.close"), types);
      assertEquals("a", lines.get(2).getString("topic"));
      assertEquals(new JsonArray().add("b").add("c"), lines.get(2).getJsonArray("topics"));
      assertFalse(lines.get(3).containsKey("topics"));
    }
  }

  @Test
  void theHubsOwnTopicCannotBePublishedTo() throws Exception {
    assertEquals(400, RawClient.post(hub.port(), "/events/hub", "x").status());
  }

  // --- envelopes

  @Test
  void anEnvelopeHasTheTopicOfEachEvent() throws Exception {
    try (var client = open("/events?topic=a.*&envelope=json");
        var lines = open("/events?topic=a.*", "Accept: application/x-ndjson");
        var plain = open("/events?topic=a.*")) {
      String id = publish("/events/a.b?type=added", "one\ntwo");
      ReceivedEvent received = client.await(1).get(0);
      assertEquals("added", received.type());
      assertEquals(id, received.lastEventId());
      assertEquals(lines.lines(2).get(1), new JsonObject(received.data()));
      assertEquals("a.b", new JsonObject(received.data()).getString("topic"));
      assertEquals("one\ntwo", plain.await(1).get(0).data());
    }
    try (var client = open("/events/a?envelope=xml")) {
      assertEquals(400, client.status());
    }
  }

  // --- ends

  @ParameterizedTest
  @ValueSource(strings = {"channel", "response"})
  void aDrainCutsEventStreamsAndEndsLinesCleanly(String outlet) throws Exception {
    var other = RunningHub.start("stream.outlet", outlet, "stream.drain", "0");
    try (var events = RawClient.subscribe(other.port(), "/events/a");
        var lines =
            RawClient.subscribe(other.port(), "/events/a", "Accept: application/x-ndjson")) {
      events.await(received -> !events.parser().all().isEmpty());
      other.close();
      assertEquals("hub.drain", events.awaitCut().get(0).type());
      List<JsonObject> all = lines.lines(Integer.MAX_VALUE);
      assertEquals("hub.drain", all.get(all.size() - 1).getString("type"));
    }
  }

  @Test
  void aDrainResetsHttp2EventStreamsAfterTheLastEvent() throws Exception {
    var vertx = Vertx.vertx();
    var other = RunningHub.start("stream.drain", "0");
    try {
      var client = vertx.createHttpClient(Http2Stream.options());
      var stream = Http2Stream.open(client, other.port(), "/events/a");
      Wait.until("it is open", () -> other.hub().streams() == 1);
      other.close();
      var reset = assertThrows(ExecutionException.class, () -> RunningHub.get(stream.end()));
      assertEquals(8, ((StreamResetException) reset.getCause()).getCode());
      assertEquals("hub.drain", stream.events().get(0).type());
    } finally {
      RunningHub.get(vertx.close());
    }
  }

  @Test
  void aDrainClosesWebSocketsWithServiceRestart() throws Exception {
    var other = RunningHub.start("stream.drain", "0");
    var closed = new CompletableFuture<Integer>();
    var listener =
        new WebSocket.Listener() {
          @Override
          public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            closed.complete(status);
            return null;
          }
        };
    HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .buildAsync(URI.create("ws://127.0.0.1:" + other.port() + "/events/a"), listener)
        .join();
    Wait.until("it is open", () -> other.hub().streams() == 1);
    other.close();
    assertEquals(1012, closed.get(10, TimeUnit.SECONDS));
  }

  @Test
  void aDrainEndsEventStreamsCleanlyIfConfigured() throws Exception {
    var other = RunningHub.start("stream.drain.end", "clean", "stream.drain", "0");
    try (var events = RawClient.subscribe(other.port(), "/events/a")) {
      events.await(received -> !events.parser().all().isEmpty());
      other.close();
      assertEquals("hub.drain", events.awaitEnd().get(0).type());
    }
  }
}
