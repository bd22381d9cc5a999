package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.event.Position;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@BothOutlets
class SubscribingTest {
  @Parameter private String outlet;

  private RunningHub hub;

  @BeforeEach
  void start() throws Exception {
    hub = RunningHub.start("stream.outlet", outlet, "stream.heartbeat", "200ms");
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
  }

  private void publish(String target, String data) throws Exception {
    assertEquals(200, RawClient.post(hub.port(), target, data).status());
  }

  @Test
  void theHeadersKeepProxiesFromBufferingTheStream() throws Exception {
    try (var client = RawClient.subscribe(hub.port(), "/events/a")) {
      assertEquals(200, client.status());
      assertEquals("text/event-stream; charset=utf-8", client.headers().get("content-type"));
      assertEquals("no-cache, no-transform", client.headers().get("cache-control"));
      assertEquals("no", client.headers().get("x-accel-buffering"));
      publish("/events/a", "1");
      client.await(1);
      assertEquals(2_000, client.parser().retry());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " leading",
        "",
        "\n",
        "trailing\n",
        "a\r\nb\rc\nd",
        "\u2028",
        "😀",
        "\u0000",
        "\uFEFFmark",
        "data: x\n\nid: 1"
      })
  void dataIsReceivedAsAnEventStreamParserReassemblesIt(String data) throws Exception {
    try (var client = RawClient.subscribe(hub.port(), "/events/a")) {
      publish("/events/a?type=t", data);
      ReceivedEvent received = client.await(1).get(0);
      assertEquals(data.replace("\r\n", "\n").replace('\r', '\n'), received.data());
      assertEquals("t", received.type());
      assertTrue(Position.parse(received.lastEventId()).isPresent());
    }
  }

  @Test
  void aMebibyteIsReceivedCompletely() throws Exception {
    String data = "0123456789abcde\n".repeat(64 * 1024);
    try (var client = RawClient.subscribe(hub.port(), "/events/a")) {
      publish("/events/a", data);
      assertEquals(data, client.await(1).get(0).data());
    }
  }

  @Test
  void globsAndManyTopicsAreReceivedInLogOrder() throws Exception {
    try (var client = RawClient.subscribe(hub.port(), "/events?topic=a&topic=b.*&topic=c.**")) {
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        String topic = List.of("a", "b.x", "c", "c.d.e", "b", "b.x.y", "d").get(i % 7);
        publish("/events/" + topic, topic + i);
        if (i % 7 < 4) {
          expected.add(topic + i);
        }
      }
      assertEquals(expected, client.awaitData(expected.size()));
    }
  }

  @Test
  void topicsArePercentDecoded() throws Exception {
    try (var client =
        RawClient.subscribe(hub.port(), "/events?topic=gr%C3%BC%C3%9Fe&topic=a%2Bb&topic=x%2Fy")) {
      publish("/events/gr%c3%bc%C3%9fe", "1");
      publish("/events/a+b", "2");
      publish("/events/x%2Fy", "3");
      assertEquals(List.of("1", "2", "3"), client.awaitData(3));
    }
  }

  @Test
  void idleStreamsReceiveAHeartbeat() throws Exception {
    try (var client = RawClient.subscribe(hub.port(), "/events/quiet")) {
      publish("/events/loud", "1");
      String head = RawClient.post(hub.port(), "/events/loud", "2").body();
      String newest = new JsonObject(head).getString("id");
      client.await(received -> client.parser().lastEventId().equals(newest));
      assertEquals(List.of(), client.parser().events());
    }
  }

  @Test
  void aStreamOfLimitedDurationEndsWithClose() throws Exception {
    try (var client = RawClient.subscribe(hub.port(), "/events/a?for=300ms")) {
      publish("/events/a", "1");
      List<ReceivedEvent> received = client.awaitEnd();
      assertEquals("1", received.get(0).data());
      assertEquals(
          new ReceivedEvent("close", "{}", received.get(0).lastEventId()), received.get(1));
      // the connection is good for another request
      client.send("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertEquals(200, client.answer().status());
    }
  }

  @Test
  void http10IsServedWithoutChunksAndEndsWithItsConnection() throws Exception {
    try (var client = new RawClient(hub.port())) {
      client.send("GET /events/a?for=300ms HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
      client.readHead();
      assertNull(client.headers().get("transfer-encoding"));
      publish("/events/a", "1");
      assertEquals(2, client.awaitEnd().size());
    }
  }

  @Test
  void http2IsServed() throws Exception {
    var client = hub.vertx().createHttpClient(Http2Stream.options());
    var stream = Http2Stream.open(client, hub.port(), "/events/a?for=500ms");
    assertEquals(HttpVersion.HTTP_2, RunningHub.get(stream.begin()));
    String large = "x".repeat(300_000);
    publish("/events/a", "1");
    publish("/events/a", large);
    RunningHub.get(stream.end());
    assertEquals(
        List.of("1", large, "{}"), stream.events().stream().map(ReceivedEvent::data).toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/events | 400 | topic",
        "/events/ | 400 | topic",
        "/events?topic= | 400 | topic",
        "/events/a..b | 400 | topic",
        "/events/a*b | 400 | topic",
        "/events/**.a | 400 | topic",
        "/events/a%0Ab | 400 | topic",
        "/events/a%ff | 400 | topic",
        "/events/a%4 | 400 | topic",
        "/events?topic=%zz | 400 | topic",
        "/events?topic=%ff | 400 | topic",
        "/events/a?envelope=xml | 400 | envelope",
        "/events/a?since=1s&since=2s | 400 | since",
        "/events/a?for=soon | 400 | for",
        "/events/a?for=0 | 400 | for",
        "/events/a?since=yesterday | 400 | since",
        "/events/a/b | 404 | ''",
        "/nothing | 404 | ''",
      })
  void anInvalidSubscribeRequestIsAProblemThatNamesTheField(String target, int status, String field)
      throws Exception {
    try (var client = new RawClient(hub.port())) {
      client.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
      var answer = client.answer();
      assertEquals(status, answer.status());
      assertEquals("application/problem+json", answer.headers().get("content-type"));
      var problem = new JsonObject(answer.body());
      assertEquals(status, problem.getInteger("status"));
      assertEquals(field, problem.getString("field", ""));
    }
  }

  @Test
  void limitsOfAStreamAreEnforced() throws Exception {
    String many = String.join("&", IntStream.range(0, 101).mapToObj(i -> "topic=t" + i).toList());
    try (var client = RawClient.subscribe(hub.port(), "/events?" + many)) {
      assertEquals(400, client.status());
    }
    String large = "%41".repeat(1_024);
    String hundred =
        String.join(
            "&",
            IntStream.range(0, 100)
                .mapToObj(i -> "topic=" + large.substring(6) + "%02d".formatted(i))
                .toList());
    try (var client = RawClient.subscribe(hub.port(), "/events?" + hundred)) {
      assertEquals(200, client.status());
    }
    try (var client = RawClient.subscribe(hub.port(), "/events/" + large + "A")) {
      assertEquals(400, client.status());
    }
  }

  @Test
  void otherMethodsAndOtherMediaTypesAreRejected() throws Exception {
    try (var client = new RawClient(hub.port())) {
      client.send("DELETE /events/a HTTP/1.1\r\nHost: localhost\r\n\r\n");
      var answer = client.answer();
      assertEquals(405, answer.status());
      assertEquals("GET, HEAD, POST, OPTIONS", answer.headers().get("allow"));
    }
    for (String refused : List.of("image/png", "text/event-stream;q=0", "text/event-streams")) {
      try (var client = RawClient.subscribe(hub.port(), "/events/a", "Accept: " + refused)) {
        assertEquals(406, client.status(), refused);
      }
    }
    for (String accepted : List.of("", "TEXT/Event-Stream", "image/png\r\nAccept: */*;q=0.1")) {
      try (var client = RawClient.subscribe(hub.port(), "/events/a", "Accept: " + accepted)) {
        assertEquals(200, client.status(), accepted);
      }
    }
    try (var client = new RawClient(hub.port())) {
      client.send(
          "HEAD /events/a HTTP/1.1\r\nHost: localhost\r\n\r\nGET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n");
      client.readHead();
      assertEquals("text/event-stream; charset=utf-8", client.headers().get("content-type"));
      assertEquals(200, client.answer().status());
    }
    Wait.until("no stream is open", () -> hub.hub().streams() == 0);
  }

  @Test
  void aMalformedRequestIsAProblemToo() throws Exception {
    for (String[] request :
        new String[][] {
          {"GET /" + "x".repeat(400_000) + " HTTP/1.1\r\n\r\n", "414"},
          {"GET / HTTP/1.1\r\nX: " + "x".repeat(20_000) + "\r\n\r\n", "431"},
          {"nonsense\r\n\r\n", "400"}
        }) {
      try (var client = new RawClient(hub.port())) {
        client.send(request[0]);
        var answer = client.answer();
        assertEquals(request[1], "" + answer.status());
        assertEquals("application/problem+json", answer.headers().get("content-type"));
      }
    }
  }
}
