package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.event.Position;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** The same topics, ids and resumption in the other response formats. */
@BothOutlets
class ResponseFormatTest {
  @Parameter private String outlet;

  private static final Duration TIMEOUT = Duration.ofSeconds(15);
  private static final String LINES = "application/x-ndjson";
  private static final String JSON = "application/json";

  private final HttpClient http = HttpClient.newHttpClient();
  private RunningHub hub;

  @BeforeEach
  void start() throws Exception {
    hub =
        RunningHub.start("stream.outlet", outlet, "stream.heartbeat", "200ms", "http.idle", "20s");
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
  }

  private URI at(String scheme, String target) {
    return URI.create(scheme + "://127.0.0.1:" + hub.port() + target);
  }

  private HttpRequest asking(String target, String accept, String... headers) {
    var request = HttpRequest.newBuilder(at("http", target)).timeout(TIMEOUT);
    return (headers.length == 0 ? request : request.headers(headers))
        .header("Accept", accept)
        .build();
  }

  private String publish(String target, String data) throws Exception {
    return new JsonObject(RawClient.post(hub.port(), target, data).body()).getString("id");
  }

  // --- lines

  @Test
  void eachLineIsAnEventAsJson() throws Exception {
    HttpResponse<Stream<String>> answer =
        http.send(asking("/events?topic=a&topic=b.*&for=5s", LINES), BodyHandlers.ofLines());
    assertEquals(LINES, answer.headers().firstValue("content-type").orElseThrow());
    assertTrue(answer.headers().allValues("vary").contains("accept"));
    String first = publish("/events/a?type=added", "one\r\ntwo \u2028 \"<é>");
    String second = publish("/events/b.c?id=my-7", "{\"n\":7}");
    List<JsonObject> lines = events(answer.body(), 2);
    assertEquals(first, lines.get(0).getString("id"));
    assertEquals("a", lines.get(0).getString("topic"));
    assertEquals("added", lines.get(0).getString("type"));
    assertEquals("one\r\ntwo \u2028 \"<é>", lines.get(0).getString("data"));
    assertTrue(lines.get(0).getInstant("time").toEpochMilli() > 0);
    assertEquals("my-7", second);
    assertEquals("my-7", lines.get(1).getString("id"));
    assertEquals("{\"n\":7}", lines.get(1).getString("data"));
    assertFalse(lines.get(0).containsKey("position"), "it is the id");
    Position position = Position.parse(lines.get(1).getString("position")).orElseThrow();
    assertEquals(Position.parse(first).orElseThrow().offset() + 1, position.offset());
    assertEquals("message", lines.get(1).getString("type"));
  }

  private static List<JsonObject> events(Stream<String> lines, int count) {
    return lines
        .map(JsonObject::new)
        .filter(json -> !json.getString("topic").equals("hub"))
        .limit(count)
        .toList();
  }

  @Test
  void linesResumeLikeEvents() throws Exception {
    publish("/events/a", "1");
    String second = publish("/events/a", "2");
    publish("/events/a", "3");
    publish("/events/a", "4");
    for (String how : List.of("last_event_id=" + second, "last_event_id=earliest", "since=1h")) {
      var body = http.send(asking("/events/a?for=3s&" + how, LINES), BodyHandlers.ofLines()).body();
      List<String> data = events(body, 2).stream().map(line -> line.getString("data")).toList();
      assertEquals(how.contains(second) ? List.of("3", "4") : List.of("1", "2"), data);
    }
    var body =
        http.send(
            asking("/events/a?for=3s", LINES, "Last-Event-ID", second), BodyHandlers.ofLines());
    assertEquals("3", events(body.body(), 1).get(0).getString("data"));
  }

  @Test
  void anIdleStreamOfLinesHasHeartbeatsWithItsPositionAndAnEnd() throws Exception {
    var body = http.send(asking("/events/a?for=1s", LINES), BodyHandlers.ofLines()).body();
    List<JsonObject> lines = body.map(JsonObject::new).toList();
    assertEquals("hub.open", lines.get(0).getString("type"));
    assertEquals("hub.beat", lines.get(1).getString("type"));
    assertTrue(lines.get(1).getString("id").contains("~"), "" + lines);
    assertEquals("hub.close", lines.get(lines.size() - 1).getString("type"));
  }

  @Test
  void aLossIsReportedInALine() throws Exception {
    publish("/events/a", "1");
    var body =
        http.send(
            asking("/events/a?for=2s&last_event_id=nobody-knows-it", LINES),
            BodyHandlers.ofLines());
    JsonObject gap = new JsonObject(body.body().skip(1).findFirst().orElseThrow());
    assertEquals("hub.gap", gap.getString("type"));
    assertEquals("unknown", new JsonObject(gap.getString("data")).getString("reason"));
  }

  @Test
  void streamsOfDifferentFormatsReceiveTheSameEvents() throws Exception {
    try (var events = RawClient.subscribe(hub.port(), "/events?topic=a.**");
        var others = RawClient.subscribe(hub.port(), "/events?topic=a.**")) {
      var body =
          http.send(asking("/events?topic=a.**&for=5s", LINES), BodyHandlers.ofLines()).body();
      publish("/events/a.b", "x");
      publish("/events/a.c", "y");
      assertEquals(List.of("x", "y"), events.awaitData(2));
      assertEquals(List.of("x", "y"), others.awaitData(2));
      assertEquals("y", events(body, 2).get(1).getString("data"));
    }
    publish("/events/a.b", "without subscribers"); // the streams have ended
  }

  @Test
  void theFormatIsTheOneThatTheClientPrefers() throws Exception {
    assertEquals("text/event-stream; charset=utf-8", formatOf("*/*"));
    assertEquals("text/event-stream; charset=utf-8", formatOf("text/*, application/json;q=0.5"));
    assertEquals(LINES, formatOf("application/json;q=0.5, application/x-ndjson"));
    assertEquals(LINES, formatOf("text/html, application/x-ndjson;q=0.9, */*;q=0.1"));
    assertEquals(JSON, formatOf("application/json, text/plain, */*"));
    assertEquals(LINES, formatOf("application/*"));
    assertEquals(LINES, formatOf("text/event-stream;q=0, */*"));
    assertEquals(LINES, formatOf("text/*;q=0.3, */*;q=0.8"), "the most specific range decides");
    assertEquals(JSON, formatOf("*/*;q=0.1, application/*;q=0.5, application/x-ndjson;q=0.4"));
    assertEquals(LINES, formatOf("text/*;q=0, */*"));
    assertEquals("text/event-stream; charset=utf-8", formatOf("text/event-stream, text/*;q=0"));
    assertEquals("text/event-stream; charset=utf-8", formatOf(";"));
    assertEquals(LINES, formatOf(";q=1,,application/x-ndjson ; q=0.5;x=y, q=1, text/"));
    assertEquals(LINES, formatOf("application/json;q=0.5;a=b, application/x-ndjson;Q=0.6"));
    HttpResponse<String> refused =
        http.send(asking("/events/a", "text/html"), BodyHandlers.ofString());
    assertEquals(406, refused.statusCode());
    assertTrue(refused.body().contains("text/event-stream"), refused.body());
  }

  private String formatOf(String accept) throws Exception {
    var request =
        HttpRequest.newBuilder(at("http", "/events/a"))
            .header("Accept", accept)
            .method("HEAD", HttpRequest.BodyPublishers.noBody())
            .build();
    return http.send(request, BodyHandlers.discarding())
        .headers()
        .firstValue("content-type")
        .orElseThrow();
  }

  // --- polls

  private JsonObject poll(String target) throws Exception {
    HttpResponse<String> answer = http.send(asking(target, JSON), BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), answer.body());
    assertEquals(JSON, answer.headers().firstValue("content-type").orElseThrow());
    return new JsonObject(answer.body());
  }

  private static List<String> data(JsonObject answer) {
    return answer.getJsonArray("events").stream()
        .map(event -> ((JsonObject) event).getString("data"))
        .toList();
  }

  @Test
  void aPollIsAnsweredAsSoonAsThereIsAnEvent() throws Exception {
    CompletableFuture<HttpResponse<String>> answer =
        http.sendAsync(asking("/events/a?wait=14s", JSON), BodyHandlers.ofString());
    Wait.until("it waits", () -> hub.hub().streams() == 1);
    String id = publish("/events/a", "now");
    var json = new JsonObject(answer.get(10, TimeUnit.SECONDS).body());
    assertEquals(List.of("now"), data(json));
    assertEquals(id, json.getString("last_event_id"));
    Wait.until("it has left", () -> hub.hub().streams() == 0);
  }

  @Test
  void consecutivePollsReceiveEachEventOnce() throws Exception {
    var received = new ArrayList<String>();
    var published = new ArrayList<String>();
    String id = "earliest";
    for (int round = 0; round < 20; round++) {
      for (int i = 0; i < round % 4; i++) {
        published.add(round + "." + i);
        publish("/events/a", round + "." + i);
        publish("/events/b", "another's");
      }
      JsonObject answer = poll("/events/a?wait=0s&last_event_id=" + id);
      received.addAll(data(answer));
      id = answer.getString("last_event_id");
    }
    assertEquals(published, received);
  }

  @Test
  void aPollWithoutEventsReturnsThePositionToResumeFrom() throws Exception {
    JsonObject first = poll("/events/a?wait=300ms");
    assertEquals(List.of(), data(first));
    publish("/events/a", "between two polls");
    JsonObject second =
        poll("/events/a?wait=10s&last_event_id=" + first.getString("last_event_id"));
    assertEquals(List.of("between two polls"), data(second));
  }

  @Test
  void aPollReportsALossAndTheNextOneContinuesAfterIt() throws Exception {
    publish("/events/a", "1");
    JsonObject lossReport = poll("/events/a?wait=5s&last_event_id=nobody-knows-it");
    assertEquals("hub.gap", lossReport.getJsonArray("events").getJsonObject(0).getString("type"));
    JsonObject next =
        poll("/events/a?wait=5s&last_event_id=" + lossReport.getString("last_event_id"));
    assertEquals(List.of("1"), data(next));
  }

  @Test
  void anInvalidWaitOfAPollIsRejected() throws Exception {
    for (String[] wrong :
        new String[][] {
          {"wait=20s", "wait: must be shorter than 20s"},
          {"wait=soon", "wait: must be"},
          {"for=1s", "for: applies to streams"}
        }) {
      var answer = http.send(asking("/events/a?" + wrong[0], JSON), BodyHandlers.ofString());
      assertEquals(400, answer.statusCode());
      assertTrue(
          new JsonObject(answer.body()).getString("detail").startsWith(wrong[1]), answer.body());
    }
  }

  /** An event of one MiB, whose characters take one to four bytes and are escaped in JSON. */
  private static String large() {
    return "x\"\u0001é€😀\n".repeat(80_000);
  }

  @Test
  void aPollReceivesALargeEventAsItIs() throws Exception {
    String large = large();
    String id = "\"".repeat(1_000); // twice as long in JSON
    publish("/events/a", "before");
    var answer = RawClient.post(hub.port(), "/events/a?id=" + "%22".repeat(1_000), large);
    assertEquals(200, answer.status(), answer.body());
    publish("/events/a", "after");
    JsonObject first = poll("/events/a?wait=5s&last_event_id=earliest");
    assertEquals(List.of("before"), data(first));
    JsonObject second = poll("/events/a?wait=5s&last_event_id=" + first.getString("last_event_id"));
    assertEquals(List.of(large), data(second));
    assertEquals(id, second.getString("last_event_id"));
    JsonObject third =
        new JsonObject(
            http.send(
                    asking("/events/a?wait=5s", JSON, "Last-Event-ID", id), BodyHandlers.ofString())
                .body());
    assertEquals(List.of("after"), data(third));
  }

  @Test
  void aPollOverHttp10ReceivesALargeEventToo() throws Exception {
    String large = large();
    publish("/events/a", large);
    try (var client = new RawClient(hub.port())) {
      client.send(
          "GET /events/a?wait=5s&last_event_id=earliest HTTP/1.0\r\nHost: localhost\r\n"
              + "Accept: application/json\r\n\r\n");
      assertEquals(List.of(large), data(new JsonObject(client.answer().body())));
    }
  }

  @Test
  void aPollWhoseClientDoesNotReadALargeEventIsCut() throws Exception {
    try (var impatient =
            RunningHub.start(
                "stream.outlet", outlet, "stream.stall", "1s", "stream.heartbeat", "200ms");
        var client = new RawClient(impatient.port(), 4_096)) {
      String large = "\u0001".repeat(1_000_000); // six times as long in JSON: sockets hold less
      assertEquals(200, RawClient.post(impatient.port(), "/events/a", large).status());
      client.send(
          "GET /events/a?wait=9s&last_event_id=earliest HTTP/1.1\r\nHost: localhost\r\n"
              + "Accept: application/json\r\n\r\n");
      client.readHead();
      Wait.until("it is cut", () -> impatient.hub().streams() == 0);
      Wait.until("its memory is free", () -> impatient.hub().memory().pages().used() == 0);
      try (InputStream in = client.socket().getInputStream()) {
        assertTrue(in.skip(7_000_000) < 6_000_000, "it did not get everything");
      } catch (java.net.SocketException e) {
        assertTrue(e.getMessage().contains("reset"), e.getMessage());
      }
    }
  }

  // --- sockets

  private static final class RecordingListener implements WebSocket.Listener {
    final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
    final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        texts.add(text.toString());
        text.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
      closed.complete(status);
      return null;
    }

    JsonObject next() throws InterruptedException {
      String next = texts.poll(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("timed out waiting for a text");
      }
      return new JsonObject(next);
    }

    JsonObject nextEvent() throws InterruptedException {
      JsonObject next = next();
      while (next.getString("topic").equals("hub")) {
        next = next();
      }
      return next;
    }
  }

  private WebSocket open(String target, RecordingListener listener, String... headers) {
    var builder = http.newWebSocketBuilder().connectTimeout(TIMEOUT);
    for (int i = 0; i < headers.length; i += 2) {
      builder.header(headers[i], headers[i + 1]);
    }
    return builder.buildAsync(at("ws", target), listener).join();
  }

  @Test
  void aWebSocketReceivesAndResumesLikeAStream() throws Exception {
    var listener = new RecordingListener();
    WebSocket socket = open("/events?topic=a&topic=b.**", listener);
    JsonObject greeting = listener.next();
    assertEquals("hub.open", greeting.getString("type"));
    publish("/events/a?type=added", "1");
    String large = "x".repeat(200_000);
    publish("/events/b.c", large);
    JsonObject first = listener.nextEvent();
    assertEquals("1", first.getString("data"));
    assertEquals("added", first.getString("type"));
    assertEquals(large, listener.nextEvent().getString("data"));
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "enough").join();
    assertEquals(WebSocket.NORMAL_CLOSURE, listener.closed.get(10, TimeUnit.SECONDS));
    Wait.until("it is closed", () -> hub.hub().streams() == 0);
    for (String id : List.of(greeting.getString("id"), "earliest")) {
      var again = new RecordingListener();
      WebSocket second = open("/events?topic=a&last_event_id=" + id, again);
      assertEquals(first, again.nextEvent());
      second.abort();
    }
    Wait.until("they are closed", () -> hub.hub().streams() == 0);
  }

  @Test
  void aWebSocketReceivesALargeEventAsItIs() throws Exception {
    String large = large();
    publish("/events/a", "before");
    publish("/events/a", large);
    publish("/events/a", "after");
    var listener = new RecordingListener();
    WebSocket socket = open("/events?topic=a&last_event_id=earliest", listener);
    assertEquals("before", listener.nextEvent().getString("data"));
    assertEquals(large, listener.nextEvent().getString("data"));
    assertEquals("after", listener.nextEvent().getString("data"));
    publish("/events/a", large);
    publish("/events/a", "live");
    assertEquals(large, listener.nextEvent().getString("data"));
    assertEquals("live", listener.nextEvent().getString("data"));
    socket.abort();
  }

  @Test
  void aWebSocketThatIsDrainedWithinALargeEventIsClosedAsOneThatReconnects() throws Exception {
    var stopping =
        RunningHub.start("stream.outlet", outlet, "stream.stall", "1m", "stream.drain", "0s");
    try (var client = new RawClient(stopping.port(), 4_096)) {
      String large = "\u0001".repeat(1_000_000);
      assertEquals(200, RawClient.post(stopping.port(), "/events/a", large).status());
      client.send(webSocketRequest("/events/a?last_event_id=earliest"));
      client.readHead();
      assertEquals(101, client.status());
      CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> close(stopping));
      Wait.until("the stream is closed", () -> stopping.hub().streams() == 0);
      var in = new DataInputStream(client.socket().getInputStream());
      int first = in.readUnsignedByte();
      long all = 0;
      while (first != 0x88) {
        int length = in.readUnsignedByte();
        length = length == 126 ? in.readUnsignedShort() : length;
        in.skipNBytes(length);
        all += length;
        first = in.readUnsignedByte();
      }
      assertTrue(all < 6_000_000, "the event was sent in full");
      assertEquals(2, in.readUnsignedByte(), "the length of a code alone");
      assertEquals(1_012, in.readUnsignedShort());
      client.close();
      stopped.get(30, TimeUnit.SECONDS);
    }
  }

  private static void close(RunningHub hub) {
    try {
      hub.close();
    } catch (Exception e) {
      throw new CompletionException(e);
    }
  }

  private static String webSocketRequest(String target) {
    return "GET "
        + target
        + " HTTP/1.1\r\nHost: localhost\r\n"
        + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  }

  @Test
  void noFrameOfAWebSocketIsLargerThanAPage() throws Exception {
    publish("/events/a", large());
    publish("/events/a", "after");
    try (var client = new RawClient(hub.port())) {
      client.send(webSocketRequest("/events/a?last_event_id=earliest"));
      client.readHead();
      assertEquals(101, client.status());
      var in = new DataInputStream(client.socket().getInputStream());
      var text = new StringBuilder();
      while (text.indexOf("after") < 0) {
        int first = in.readUnsignedByte();
        int length = in.readUnsignedByte();
        length = length == 126 ? in.readUnsignedShort() : length;
        assertTrue(length < 64 * 1024, "the length takes more than 16 bits");
        assertTrue(List.of(0x81, 0x01, 0x00, 0x80).contains(first), Integer.toHexString(first));
        text.append(new String(in.readNBytes(length), StandardCharsets.UTF_8));
      }
      assertTrue(text.length() > 1 << 20, text.length() + " characters");
    }
  }

  @Test
  void aWebSocketEndsAfterItsDuration() throws Exception {
    var timed = new RecordingListener();
    open("/events/a?for=300ms", timed);
    assertEquals(1000, timed.closed.get(10, TimeUnit.SECONDS));
    assertTrue(
        timed.texts.stream().anyMatch(text -> text.contains("\"hub.close\"")), "" + timed.texts);
  }

  @Test
  void aBinaryFrameIsRejected() throws Exception {
    var listener = new RecordingListener();
    open("/events/a", listener)
        .sendBinary(ByteBuffer.wrap("x".getBytes(StandardCharsets.UTF_8)), true)
        .join();
    assertEquals(1003, listener.closed.get(10, TimeUnit.SECONDS));
    Wait.until("it is closed", () -> hub.hub().streams() == 0);
  }

  @Test
  void pagesOfOtherOriginsCannotOpenAWebSocketUnlessTheyMaySubscribe() throws Exception {
    assertEquals(403, refused("/events/a", "Origin", "https://elsewhere.example"));
    assertEquals(400, refused("/events", "X-Nothing", "x"));
    open("/events/a", new RecordingListener(), "Origin", "http://127.0.0.1:" + hub.port()).abort();
    try (var open =
        RunningHub.start("stream.outlet", outlet, "cors.subscribe", "https://friends.example")) {
      URI there = URI.create("ws://127.0.0.1:" + open.port() + "/events/a");
      http.newWebSocketBuilder()
          .header("Origin", "https://friends.example")
          .buildAsync(there, new RecordingListener())
          .join()
          .abort();
    }
  }

  @Test
  void anInvalidHandshakeIsRejected() throws Exception {
    String upgrade = "Upgrade: websocket";
    for (String[] wrong :
        new String[][] {
          {"1.1", upgrade + "\r\nConnection: Upgrade", "400", "Sec-WebSocket-Key"},
          {"1.1", upgrade, "400", "Connection"},
          {"1.0", upgrade + "\r\nConnection: Upgrade", "400", "Upgrade"},
          {
            "1.1",
            upgrade + "\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x",
            "426",
            "Sec-WebSocket-Version"
          }
        }) {
      try (var client = new RawClient(hub.port())) {
        client.send(
            "GET /events/a HTTP/" + wrong[0] + "\r\nHost: localhost\r\n" + wrong[1] + "\r\n\r\n");
        RawClient.Answer answer = client.answer();
        assertEquals(Integer.parseInt(wrong[2]), answer.status(), wrong[1]);
        assertTrue(
            new JsonObject(answer.body()).getString("detail").startsWith(wrong[3] + ":"),
            answer.body());
      }
    }
  }

  private int refused(String target, String... headers) {
    try {
      open(target, new RecordingListener(), headers).abort();
      return 101;
    } catch (CompletionException e) {
      return ((WebSocketHandshakeException) e.getCause()).getResponse().statusCode();
    }
  }

  @Test
  void aWebSocketWhoseClientDoesNotReadIsCut() throws Exception {
    try (var impatient =
            RunningHub.start(
                "stream.outlet", outlet, "stream.stall", "1s", "stream.heartbeat", "200ms");
        var client = new RawClient(impatient.port(), 4_096)) {
      client.send(webSocketRequest("/events/a"));
      client.readHead();
      assertEquals(101, client.status());
      Wait.until("it is open", () -> impatient.hub().streams() == 1);
      for (int i = 0; i < 100; i++) {
        RawClient.post(impatient.port(), "/events/a", "x".repeat(100_000));
      }
      Wait.until("it is cut", () -> impatient.hub().streams() == 0);
      try (var reader =
          new BufferedReader(new InputStreamReader(client.socket().getInputStream()))) {
        long skipped = 0;
        for (long more = reader.skip(65_536); more > 0; more = reader.skip(65_536)) {
          skipped += more;
        }
        assertTrue(skipped < 10_000_000, "it did not get everything: " + skipped);
      } catch (java.net.SocketException e) {
        assertTrue(e.getMessage().contains("reset"), e.getMessage());
      }
    }
  }
}
