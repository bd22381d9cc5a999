package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.http.RawClient.Answer;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@BothOutlets
@Timeout(60) // a stream of statistics is never idle, so reads do not time out
class StatusTest {
  @Parameter private String outlet;

  private RunningHub hub;

  @BeforeEach
  void start() throws Exception {
    hub = RunningHub.start("stream.outlet", outlet);
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
  }

  private Answer ask(String method, String target) throws Exception {
    try (var client = new RawClient(hub.port())) {
      client.send(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
      if (method.equals("HEAD")) {
        client.readHead();
        return new Answer(client.status(), client.headers(), "");
      }
      return client.answer();
    }
  }

  @Test
  void aRunningHubIsLiveAndReady() throws Exception {
    for (String target : new String[] {"/health/live", "/health/ready"}) {
      assertEquals("{\"status\":\"UP\"}", ask("GET", target).body());
      assertEquals(200, ask("HEAD", target).status());
      Answer refused = ask("DELETE", target);
      assertEquals(405, refused.status());
      assertEquals("GET, HEAD", refused.headers().get("allow"));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/session | DELETE, GET, HEAD, POST",
        "/revocations | GET, HEAD, POST",
        "/streams | GET, HEAD",
        "/streams/AAAAAAAAAAAAAAAAAAAAAA | DELETE, OPTIONS, POST",
        "/tickets | OPTIONS, POST",
        "/cluster | GET, HEAD",
        "/a/page.html | GET, HEAD"
      })
  void theMethodsOfAPathAreListedWhereAnotherIsUsed(String target, String methods)
      throws Exception {
    Answer refused = ask("PUT", target);
    assertEquals(405, refused.status());
    assertEquals(methods, refused.headers().get("allow"));
    assertTrue(refused.body().contains(methods), refused.body());
  }

  /** Clients discard a response to HEAD that has a body, as a violation of the protocol. */
  @Test
  void anAnswerToHeadHasNoBodyOverHttp2Either() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      var client = vertx.createHttpClient(Http2Stream.options());
      for (String target :
          List.of("/health/live", "/cluster", "/metrics", "/session", "/missing", "/events/a..b")) {
        int length =
            RunningHub.get(
                client
                    .request(HttpMethod.HEAD, hub.port(), "127.0.0.1", target)
                    .compose(
                        request -> {
                          var body = request.response().compose(HttpClientResponse::body);
                          request.send();
                          return body;
                        })
                    .map(body -> body.length()));
        assertEquals(0, length, target);
      }
    } finally {
      RunningHub.get(vertx.close());
    }
  }

  @Test
  void metricsCountStreamsAndEvents() throws Exception {
    try (var client = RawClient.subscribe(hub.port(), "/events/a")) {
      RawClient.post(hub.port(), "/events/a", "1");
      client.await(1);
      String figures = ask("GET", "/metrics").body();
      for (String line :
          new String[] {
            "tidings_streams 1.0", "tidings_events_in_total 1.0", "tidings_events_out_total 1.0"
          }) {
        assertTrue(figures.lines().anyMatch(line::equals), line + " in " + figures);
      }
    }
    Wait.until("the stream is closed", () -> hub.hub().streams() == 0);
    assertTrue(
        ask("GET", "/metrics")
            .body()
            .contains("tidings_streams_closed_total{reason=\"client\"} 1.0"));
  }

  @Test
  void statisticsAreSentEachSecondAndNotStoredInTheLog() throws Exception {
    try (var client = RawClient.subscribe(hub.port(), "/stats");
        var events = RawClient.subscribe(hub.port(), "/events?topic=a&topic=hub.**")) {
      Wait.until("it is open", () -> hub.hub().streams() == 1);
      client.await(so -> count(so) >= 2); // topics are counted from then on
      RawClient.post(hub.port(), "/events/a", "1");
      List<ReceivedEvent> received = client.await(so -> topics(so).contains("a"));
      JsonObject stats = stats(received);
      assertEquals(1, stats.getInteger("streams"));
      assertEquals("memory", stats.getJsonObject("log").getString("kind"));
      assertEquals(1, stats.getJsonObject("log").getInteger("entries"));
      assertEquals(1, stats.getJsonArray("nodes").size());
      assertEquals(List.of("1"), events.awaitData(1));
    }
  }

  @Test
  void theClockAndDashboardsAreCountedSeparatelyFromTraffic() throws Exception {
    try (var ticking = RunningHub.start("producer.clock", "20ms");
        var dashboard = RawClient.subscribe(ticking.port(), "/events?topic=**&uncounted");
        var client = RawClient.subscribe(ticking.port(), "/events/clock");
        var stats = RawClient.subscribe(ticking.port(), "/stats")) {
      HttpClient.newHttpClient()
          .newWebSocketBuilder()
          .buildAsync(
              URI.create("ws://127.0.0.1:" + ticking.port() + "/events/clock?uncounted"),
              new WebSocket.Listener() {})
          .join();
      dashboard.await(1);
      client.await(1);
      List<ReceivedEvent> received =
          stats.await(
              so -> {
                JsonObject internal = stats(so).getJsonObject("internal");
                return internal.getDouble("out", 0.0) > 0 && internal.getInteger("streams", 0) == 2;
              });
      JsonObject now = stats(received);
      assertEquals(0.0, now.getDouble("in"));
      assertEquals(0.0, now.getDouble("out"));
      assertEquals(0.0, now.getDouble("bytesIn"));
      assertEquals(1, now.getInteger("streams"));
      assertEquals(2, now.getJsonObject("internal").getInteger("streams"));
      assertTrue(now.getJsonObject("internal").getDouble("in") > 0);
    }
  }

  @Test
  void aGapOfADashboardIsNobodysLoss() throws Exception {
    String unknown = "&last_event_id=foo";
    try (var quiet = RunningHub.start("producer.clock", "off");
        var dashboard = RawClient.subscribe(quiet.port(), "/events?topic=**&uncounted" + unknown);
        var client = RawClient.subscribe(quiet.port(), "/events?topic=news" + unknown);
        var stats = RawClient.subscribe(quiet.port(), "/stats")) {
      dashboard.await(so -> so.stream().anyMatch(event -> event.type().equals("hub.gap")));
      client.await(so -> so.stream().anyMatch(event -> event.type().equals("hub.gap")));
      List<ReceivedEvent> received = stats.await(so -> stats(so).getInteger("gaps", 0) > 0);
      assertEquals(1, stats(received).getInteger("gaps"));
    }
  }

  @Test
  void statisticsCanBeTurnedOff() throws Exception {
    try (var silent = RunningHub.start("stats", "off");
        var client = new RawClient(silent.port())) {
      client.send("GET /stats HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertEquals(404, client.answer().status());
    }
  }

  @Test
  void aStoppingHubDrainsStreamsOfStatistics() throws Exception {
    var stopping = RunningHub.start();
    try (var client = RawClient.subscribe(stopping.port(), "/stats")) {
      client.await(1);
      stopping.close();
      List<ReceivedEvent> received = client.awaitCut();
      assertEquals("hub.drain", received.get(received.size() - 1).type());
    }
  }

  private static long count(List<ReceivedEvent> received) {
    return received.stream().filter(one -> one.type().equals("hub.stats")).count();
  }

  /** The newest statistics. */
  private static JsonObject stats(List<ReceivedEvent> received) {
    return received.stream()
        .filter(one -> one.type().equals("hub.stats"))
        .reduce((older, newer) -> newer)
        .map(one -> new JsonObject(one.data()))
        .orElse(
            new JsonObject()
                .put("topics", new JsonArray())
                .put("slow", new JsonArray())
                .put("internal", new JsonObject()));
  }

  private static List<String> topics(List<ReceivedEvent> received) {
    return stats(received).getJsonArray("topics").stream()
        .map(topic -> ((JsonObject) topic).getString("topic"))
        .toList();
  }

  @Test
  void theSlowestStreamsAreListedWithTheAddressThatATrustedProxyForwards() throws Exception {
    try (var slow = new RawClient(hub.port(), 4_096);
        var watching = RawClient.subscribe(hub.port(), "/stats")) {
      slow.send(
          "GET /events/a HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n");
      Wait.until("it is open", () -> hub.hub().streams() == 1);
      for (int i = 0; i < 20; i++) {
        RawClient.post(hub.port(), "/events/a", "x".repeat(500_000));
      }
      List<ReceivedEvent> received =
          watching.await(so -> !stats(so).getJsonArray("slow").isEmpty());
      JsonObject slowest = stats(received).getJsonArray("slow").getJsonObject(0);
      assertEquals("203.0.113.9", slowest.getString("address"));
      assertEquals("a", slowest.getJsonArray("topics").getString(0));
      assertTrue(slowest.getInteger("lag") > 0);
    }
  }

  @Test
  void pagesAreServedAndHiddenFilesAreNot() throws Exception {
    assertTrue(ask("GET", "/").body().contains("<title>Tidings</title>"));
    assertEquals("no-cache", ask("GET", "/tidings.js").headers().get("cache-control"));
    assertEquals("scenes/", ask("GET", "/scenes").headers().get("location"));
    assertEquals(200, ask("GET", "/scenes/").status());
    assertEquals(404, ask("GET", "/.gitignore").status());
    assertEquals(404, ask("GET", "/../pom.xml").status());
  }
}
