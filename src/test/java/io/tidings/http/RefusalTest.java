package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.access.ClientGuard;
import io.tidings.bus.LiveFeed;
import io.tidings.cluster.AllNodes;
import io.tidings.fanout.OpenStreams;
import io.tidings.fanout.SubscriptionCounts;
import io.tidings.log.EventLog;
import io.tidings.log.Retention;
import io.tidings.log.SynchronousLog;
import io.tidings.memory.MemoryBudget;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Temporary refusals, on a hub whose log fails on command. */
@Timeout(60)
class RefusalTest {
  private final Vertx vertx = Vertx.vertx();
  private final Set<String> failing = ConcurrentHashMap.newKeySet();
  private HubVerticle hub;

  @BeforeEach
  void start() throws Exception {
    EventLog log = new SynchronousLog(new Retention(0, Duration.ZERO, 0), Duration.ZERO, clock());
    EventLog faulty = FailingLog.of(log, failing);
    var metrics = new Metrics();
    var memory = new MemoryBudget(256 << 20, 64 << 20);
    LiveFeed feed = LiveFeed.of(log, metrics, memory.batches());
    var hubStatus =
        new HubStatus(
            new Readiness(),
            new SubscriptionCounts(),
            new OpenStreams(),
            metrics,
            memory,
            ClientGuard.of(Settings.of(Map.of()), metrics),
            JsonObject::new,
            Optional.empty(),
            new AllNodes("alone", Optional.empty()),
            Optional.empty());
    hub =
        new HubVerticle(
            new HubParts(
                Settings.of(Map.of("http.port", 0)),
                faulty,
                feed,
                hubStatus,
                TestAuthenticator.open(vertx)));
    RunningHub.get(vertx.deployVerticle(hub));
  }

  private static InstantSource clock() {
    return InstantSource.system();
  }

  @AfterEach
  void stop() throws Exception {
    RunningHub.get(vertx.close());
  }

  private RawClient open(String... headers) throws Exception {
    return RawClient.subscribe(hub.port(), "/events/a", headers);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Accept: text/event-stream", "Accept: */*", "X-No-Accept: x"})
  void anEventStreamIsRefusedWithTheOnlyStatusThatBrowsersRetry(String accept) throws Exception {
    failing.add("find");
    try (var client = open(accept)) {
      assertEquals(200, client.status());
      assertEquals("text/event-stream; charset=utf-8", client.headers().get("content-type"));
      List<ReceivedEvent> received = client.awaitCut();
      assertEquals(1, client.parser().all().size());
      assertEquals("hub.busy", received.get(0).type());
      assertEquals("", received.get(0).lastEventId());
      var busy = new JsonObject(received.get(0).data());
      assertEquals("the log is down", busy.getString("detail"));
      assertEquals((long) busy.getInteger("retry"), client.parser().retry());
      assertTrue(client.parser().retry() >= 2_000 && client.parser().retry() < 4_000);
    }
    failing.clear();
    try (var client = open(accept)) {
      client.await(received -> !client.parser().all("hub.open").isEmpty());
      assertEquals(2_000, client.parser().retry());
    }
  }

  @Test
  void aRefusalOverHttp10EndsWithTheConnection() throws Exception {
    failing.add("find");
    try (var client = new RawClient(hub.port())) {
      client.send("GET /events/a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
      client.readHead();
      assertEquals(200, client.status());
      assertEquals("hub.busy", client.awaitEnd().get(0).type());
    }
  }

  @Test
  void aRefusalOverHttp2EndsWithAResetAfterTheBusyEvent() throws Exception {
    failing.add("find");
    HttpClient client = vertx.createHttpClient(Http2Stream.options()); // closed by Vert.x
    var stream = Http2Stream.open(client, hub.port(), "/events/a");
    var reset = assertThrows(ExecutionException.class, () -> RunningHub.get(stream.end()));
    assertEquals(8, ((StreamResetException) reset.getCause()).getCode());
    assertEquals("hub.busy", stream.events().get(0).type());
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/x-ndjson", "application/json"})
  void otherFormatsAreRefusedWith503(String accept) throws Exception {
    failing.add("find");
    try (var client = new RawClient(hub.port())) {
      client.send("GET /events/a HTTP/1.1\r\nHost: localhost\r\nAccept: " + accept + "\r\n\r\n");
      var answer = client.answer();
      assertEquals(503, answer.status());
      assertTrue(Integer.parseInt(answer.headers().get("retry-after")) > 0);
    }
  }

  @Test
  void aPermanentRejectionKeepsItsStatus() throws Exception {
    failing.add("find");
    try (var client =
        RawClient.subscribe(hub.port(), "/events/a..b", "Accept: text/event-stream")) {
      assertEquals(400, client.status());
    }
  }

  @Test
  void aStreamWhoseLogReadFailsIsCutSoThatEveryClientReconnects() throws Exception {
    failing.add("after");
    RawClient.post(hub.port(), "/events/a", "1");
    try (var client = RawClient.subscribe(hub.port(), "/events/a?last_event_id=earliest")) {
      assertEquals(List.of(), client.awaitCut());
      String begin = client.parser().lastEventId();
      failing.clear();
      try (var again = open("Last-Event-ID: " + begin)) {
        assertEquals(List.of("1"), again.awaitData(1));
      }
    }
  }
}
