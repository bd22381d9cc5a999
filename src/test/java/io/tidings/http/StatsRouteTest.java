package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.dashboard.StatsFeed;
import io.tidings.fanout.Clocks;
import io.tidings.http.RawClient.Answer;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The route /stats over real sockets, with statistics and time controlled by the test. */
@Timeout(60)
class StatsRouteTest {
  private static final long BEGIN = 1_700_000_000_000L;
  private static final String TARGET = "/stats";

  private final AtomicLong millis = new AtomicLong(BEGIN);
  private final AtomicLong monotonic = new AtomicLong();
  private final Metrics metrics = new Metrics();
  private final StatsFeed feed = new StatsFeed(() -> Instant.ofEpochMilli(millis.get()));

  /** The number of reads after which the clock fails, once. */
  private final AtomicLong readings = new AtomicLong(Long.MAX_VALUE);

  private Vertx vertx;
  private Context context;
  private StatsRoute route;
  private HttpServer server;

  @BeforeEach
  void start() throws Exception {
    start("channel");
  }

  private void start(String outlet) throws Exception {
    Settings settings = Settings.of(Map.of("stream.outlet", outlet, "stream.buffer", 4_096));
    vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
    context = vertx.getOrCreateContext();
    var proxies = new TrustedProxies(settings.http().proxies());
    var origins = new AllowedOrigins(settings.cors(), proxies);
    AccessControl access = TestAuthenticator.openAccess(vertx, proxies);
    onLoop(
        () -> {
          var clocks = new Clocks(this::clock, () -> Instant.ofEpochMilli(millis.get()));
          route = new StatsRoute(context, settings, origins, feed, metrics, clocks, access);
          server =
              vertx
                  .createHttpServer(ServerOptions.of(settings))
                  .requestHandler(new FailureHandler(route));
          return null;
        });
    RunningHub.get(server.listen(0, "127.0.0.1"));
  }

  private long clock() {
    if (readings.getAndDecrement() == 0) {
      throw new IllegalStateException("injected");
    }
    return monotonic.get();
  }

  @AfterEach
  void stop() throws Exception {
    RunningHub.get(vertx.close());
  }

  @Test
  void theHistoryIsFollowedByTheNewestStatisticsAndThenThoseOfEachSecond() throws Exception {
    tick(300);
    try (var client = RawClient.subscribe(server.actualPort(), TARGET).countingAllBlocks()) {
      List<ReceivedEvent> received = client.await(events -> has(events, "hub.stats", 1));
      assertEquals(200, client.status());
      assertEquals("hub.open", received.get(0).type());
      assertEquals(
          List.of("hub.history", "hub.history", "hub.history", "hub.stats"),
          received.stream().skip(1).map(ReceivedEvent::type).toList());
      assertEquals(LongStream.range(0, 300).boxed().toList(), seconds(received));
      tick(2);
      received = client.await(events -> has(events, "hub.stats", 2));
      Wait.until("both came", () -> feed.latest().orElseThrow().number() == 301);
      received = client.await(events -> seconds(events).contains(301L));
      assertEquals(LongStream.range(0, 302).boxed().toList(), seconds(received));
    }
  }

  @Test
  void statisticsHaveColumnsAndNoIds() throws Exception {
    tick(2);
    try (var client = RawClient.subscribe(server.actualPort(), TARGET).countingAllBlocks()) {
      List<ReceivedEvent> received = client.await(3);
      var history = new JsonObject(received.get(1).data());
      JsonArray columns = history.getJsonArray("columns");
      JsonArray row = history.getJsonArray("rows").getJsonArray(0);
      assertEquals(columns.size(), row.size());
      assertEquals(BEGIN, row.getLong(columns.getList().indexOf("time")));
      assertEquals(7.0, row.getDouble(columns.getList().indexOf("in")));
      assertEquals(1.0, row.getDouble(columns.getList().indexOf("internal.in")));
      assertNull(row.getValue(columns.getList().indexOf("p99")));
      assertEquals(8.0, new JsonObject(received.get(2).data()).getDouble("in"));
      assertEquals("", client.parser().lastEventId());
      assertEquals(0, client.parser().comments());
      assertEquals(2_000, client.parser().retry());
    }
  }

  @Test
  void aFailureBeforeTheStreamBeginsIsAnswered() throws Exception {
    readings.set(0);
    RawClient.Answer answer = ask("GET " + TARGET);
    assertEquals(500, answer.status());
    assertEquals("the hub failed", new JsonObject(answer.body()).getString("detail"));
    assertEquals(0, route.streams());
  }

  @Test
  void aStreamThatFailsIsCutAndTheOthersContinue() throws Exception {
    tick(1);
    readings.set(1); // one read by the stream itself; the first statistics then fail
    try (var broken = RawClient.subscribe(server.actualPort(), TARGET).countingAllBlocks()) {
      assertEquals(200, broken.status());
      broken.awaitCut();
    }
    assertEquals(0, onLoop(route::streams));
    try (var first = RawClient.subscribe(server.actualPort(), TARGET).countingAllBlocks();
        var second = RawClient.subscribe(server.actualPort(), TARGET).countingAllBlocks()) {
      first.await(so -> has(so, "hub.stats", 1));
      second.await(so -> has(so, "hub.stats", 1));
      assertEquals(2, onLoop(route::streams)); // after both deliveries have returned
      readings.set(0); // the first is the one that fails
      tick(1);
      first.awaitCut();
      second.await(so -> has(so, "hub.stats", 2));
    }
  }

  @Test
  void aPartOfTheHistoryCanBeRequested() throws Exception {
    tick(300);
    try (var client =
        RawClient.subscribe(server.actualPort(), TARGET + "?since=10s").countingAllBlocks()) {
      List<ReceivedEvent> received = client.await(so -> has(so, "hub.stats", 1));
      assertEquals(LongStream.range(290, 300).boxed().toList(), seconds(received));
    }
    assertEquals(400, ask("GET " + TARGET + "?since=soon").status());
  }

  @Test
  void aStreamOpenedBeforeTheFirstStatisticsWaitsForThem() throws Exception {
    try (var client = RawClient.subscribe(server.actualPort(), TARGET).countingAllBlocks()) {
      assertEquals("hub.open", client.await(1).get(0).type());
      assertEquals(503, ask("GET " + TARGET, "Accept: application/json").status());
      tick(1);
      assertEquals(List.of(0L), seconds(client.await(2)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"channel", "response"})
  void aSlowReaderSkipsToTheNewestAndMissesNoRow(String outlet) throws Exception {
    stop();
    start(outlet);
    tick(10);
    int ticks = 1_000;
    try (var slow = new RawClient(server.actualPort(), 4_096);
        var fast = RawClient.subscribe(server.actualPort(), TARGET).countingAllBlocks()) {
      slow.send("GET " + TARGET + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
      Wait.until("both are open", () -> get(route::streams) == 2);
      String filler = "x".repeat(20_000);
      for (int i = 0; i < ticks; i++) {
        tick(stats -> stats.put("filler", filler));
        long number = feed.latest().orElseThrow().number();
        fast.await(so -> seconds(so).contains(number));
        fast.parser().all().clear();
      }
      slow.readHead();
      List<ReceivedEvent> received = slow.await(so -> seconds(so).contains(9L + ticks));
      assertEquals(LongStream.range(0, 10 + ticks).boxed().toList(), seconds(received));
      long full = received.stream().filter(one -> one.type().equals("hub.stats")).count();
      // of 20 MB only what fits into the socket and its write queue was pending
      assertTrue(full < ticks / 4, full + " of " + ticks);
    }
  }

  @Test
  void aClientThatReadsNothingIsCut() throws Exception {
    tick(1);
    try (var slow = new RawClient(server.actualPort(), 4_096)) {
      slow.send("GET " + TARGET + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
      Wait.until("it is open", () -> get(route::streams) == 1);
      String filler = "x".repeat(1_000_000);
      for (int i = 0; i < 5; i++) {
        tick(stats -> stats.put("filler", filler));
      }
      tickRouteAfter(1_000);
      tickRouteAfter(29_000);
      assertEquals(1, get(route::streams));
      tickRouteAfter(1_500);
      assertEquals(0, get(route::streams));
      slow.readHead();
      assertThrows(IOException.class, () -> slow.awaitEnd());
    }
  }

  @Test
  void anIdleStreamHasHeartbeats() throws Exception {
    tick(1);
    try (var client = RawClient.subscribe(server.actualPort(), TARGET).countingAllBlocks()) {
      client.await(2);
      tickRouteAfter(15_000);
      assertEquals(new ReceivedEvent("hub.beat", "{}", ""), client.await(3).get(2));
      tickRouteAfter(14_000);
      tick(1);
      assertEquals("hub.stats", client.await(4).get(3).type());
    }
  }

  @Test
  void aDrainEndsTheStreamLikeAnyEventStreamAndLaterOnesAreRefused() throws Exception {
    tick(1);
    try (var client = RawClient.subscribe(server.actualPort(), TARGET).countingAllBlocks()) {
      client.await(2);
      onLoop(
          () -> {
            route.drain();
            return null;
          });
      List<ReceivedEvent> received = client.awaitCut();
      ReceivedEvent last = received.get(received.size() - 1);
      assertEquals("hub.drain", last.type());
      int retry = new JsonObject(last.data()).getInteger("retry");
      assertTrue(retry >= 100 && retry <= 2_100, "" + retry);
      assertEquals(retry, client.parser().retry());
      assertEquals(0, get(route::streams));
    }
    try (var late = new RawClient(server.actualPort())) {
      late.send("GET " + TARGET + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThrows(IOException.class, late::readHead);
    }
  }

  @Test
  void aStreamWhoseClientDisconnectsIsReleased() throws Exception {
    tick(1);
    try (var client = RawClient.subscribe(server.actualPort(), TARGET).countingAllBlocks()) {
      client.await(2);
      assertTrue(metrics.text().contains("tidings_stats_streams 1.0"));
    }
    Wait.until("it is closed", () -> get(route::streams) == 0);
    assertTrue(metrics.text().contains("tidings_stats_streams 0.0"));
  }

  @Test
  void aHeadRequestReturnsTheHeadersOfTheStream() throws Exception {
    tick(1);
    try (var client = new RawClient(server.actualPort())) {
      client.send("HEAD " + TARGET + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
      client.readHead();
      assertEquals(200, client.status());
      Map<String, String> headers = client.headers();
      assertEquals("text/event-stream; charset=utf-8", headers.get("content-type"));
      assertEquals("no-cache, no-transform", headers.get("cache-control"));
      assertEquals("no", headers.get("x-accel-buffering"));
      assertEquals("accept", headers.get("vary").toLowerCase(java.util.Locale.ROOT));
    }
    assertEquals(0, get(route::streams));
  }

  @Test
  void otherMethodsAndFormatsAreRejected() throws Exception {
    Answer post = ask("POST " + TARGET, "Content-Length: 0");
    assertEquals(405, post.status());
    assertEquals("GET, HEAD, OPTIONS", post.headers().get("allow"));
    assertEquals(406, ask("GET " + TARGET, "Accept: image/png").status());
  }

  @Test
  void theNewestStatisticsAreAvailableAsOneJsonDocument() throws Exception {
    tick(3);
    Answer answer = ask("GET " + TARGET, "Accept: application/json");
    assertEquals("application/json", answer.headers().get("content-type"));
    assertEquals(9.0, new JsonObject(answer.body()).getDouble("in"));
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void linesOfJsonHaveTheSameContentOnEveryVersionOfHttp(HttpClient.Version version)
      throws Exception {
    tick(150);
    var client = HttpClient.newBuilder().version(version).build();
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort() + TARGET))
            .header("Accept", "application/x-ndjson")
            .build();
    HttpResponse<java.util.stream.Stream<String>> answer =
        client.send(request, BodyHandlers.ofLines());
    assertEquals(version, answer.version());
    assertEquals("application/x-ndjson", answer.headers().firstValue("content-type").orElseThrow());
    try (var lines = answer.body()) {
      var received = new ArrayList<ReceivedEvent>();
      var each = lines.iterator();
      while (!has(received, "hub.stats", 1)) {
        var line = new JsonObject(each.next());
        assertEquals("hub", line.getString("topic"));
        received.add(new ReceivedEvent(line.getString("type"), line.getString("data"), ""));
      }
      assertEquals("hub.open", received.get(0).type());
      assertEquals(LongStream.range(0, 150).boxed().toList(), seconds(received));
    }
  }

  @Test
  void http10GetsTheStreamToo() throws Exception {
    tick(2);
    try (var client = new RawClient(server.actualPort())) {
      client.countingAllBlocks();
      client.send("GET " + TARGET + " HTTP/1.0\r\n\r\n");
      client.readHead();
      assertFalse(client.headers().containsKey("transfer-encoding"));
      assertEquals(List.of(0L, 1L), seconds(client.await(3)));
    }
  }

  private Answer ask(String line, String... headers) throws Exception {
    try (var client = new RawClient(server.actualPort())) {
      client.send(line + " HTTP/1.1\r\nHost: localhost\r\n");
      for (String header : headers) {
        client.send(header + "\r\n");
      }
      client.send("\r\n");
      return client.answer();
    }
  }

  /** The samples that were received, in seconds since the first, as rows or as full statistics. */
  private static List<Long> seconds(List<ReceivedEvent> received) {
    var seconds = new ArrayList<Long>();
    for (ReceivedEvent one : received) {
      if (one.type().equals("hub.history")) {
        new JsonObject(one.data())
            .getJsonArray("rows")
            .forEach(row -> seconds.add((((JsonArray) row).getLong(0) - BEGIN) / 1_000));
      } else if (one.type().equals("hub.stats")) {
        Instant time = new JsonObject(one.data()).getInstant("time");
        seconds.add((time.toEpochMilli() - BEGIN) / 1_000);
      }
    }
    return seconds;
  }

  private static boolean has(List<ReceivedEvent> received, String type, int times) {
    return received.stream().filter(one -> one.type().equals(type)).count() >= times;
  }

  private void tick(int seconds) {
    IntStream.range(0, seconds).forEach(second -> tick(stats -> {}));
  }

  /**
   * Advances the clock by a second and adds a sample whose {@code in} is 7 plus the seconds passed.
   */
  private void tick(java.util.function.Consumer<JsonObject> more) {
    double in = 7 + (millis.get() - BEGIN) / 1_000;
    var stats =
        new JsonObject()
            .put("time", Instant.ofEpochMilli(millis.get()).toString())
            .put("in", in)
            .put("p99", null)
            .put("internal", new JsonObject().put("in", 1.0).put("out", 2.0));
    more.accept(stats);
    feed.add(stats);
    millis.addAndGet(1_000);
  }

  private void tickRouteAfter(long passed) throws Exception {
    monotonic.addAndGet(passed);
    onLoop(
        () -> {
          route.tick();
          return null;
        });
  }

  private <T> T get(Callable<T> what) {
    try {
      return onLoop(what);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private <T> T onLoop(Callable<T> what) throws Exception {
    Promise<T> done = Promise.promise();
    context.runOnContext(
        run -> {
          try {
            done.complete(what.call());
          } catch (Exception e) {
            done.fail(e);
          }
        });
    Future<T> future = done.future();
    return RunningHub.get(future);
  }
}
