package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.CapturedLog;
import io.tidings.Wait;
import io.tidings.access.ClientGuard;
import io.tidings.bus.LiveFeed;
import io.tidings.cluster.AllNodes;
import io.tidings.dashboard.StatsFeed;
import io.tidings.fanout.OpenStreams;
import io.tidings.fanout.SubscriptionCounts;
import io.tidings.log.EventLog;
import io.tidings.log.Retention;
import io.tidings.log.SynchronousLog;
import io.tidings.logging.Logging;
import io.tidings.memory.MemoryBudget;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The limits of clients, on a hub whose clock of rates stands still unless the test moves it. */
@Timeout(60)
class ClientGuardTest {
  private static final String LIMIT = "limits.client.";
  private static final String HOST = " HTTP/1.1\r\nHost: localhost\r\n";
  private static final String WEBSOCKET =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  private static final int CLOSE_FRAME = 0x88;
  private static final String LINES = "Accept: application/x-ndjson\r\n";
  private static final String POLL = "Accept: application/json\r\n";

  private final Vertx vertx = Vertx.vertx();
  private final AtomicLong now = new AtomicLong();
  private final Set<String> failing = ConcurrentHashMap.newKeySet();
  private final Metrics metrics = new Metrics();
  private final SubscriptionCounts subscriptions = new SubscriptionCounts();
  private final CapturedLog audit = new CapturedLog(Logging.AUDIT);
  private HubVerticle hub;

  private void start(String... values) throws Exception {
    var settings = new HashMap<String, Object>(Map.of("http.port", 0));
    for (int i = 0; i < values.length; i += 2) {
      settings.put(values[i], values[i + 1]);
    }
    Settings all = Settings.of(settings);
    EventLog log =
        new SynchronousLog(
            new Retention(0, Duration.ZERO, 0), Duration.ZERO, InstantSource.system());
    EventLog faulty = FailingLog.of(log, failing);
    var memory = new MemoryBudget(256 << 20, 64 << 20);
    LiveFeed feed = LiveFeed.of(log, metrics, memory.batches());
    hub =
        new HubVerticle(
            new HubParts(
                all,
                faulty,
                feed,
                new HubStatus(
                    new Readiness(),
                    subscriptions,
                    new OpenStreams(),
                    metrics,
                    memory,
                    ClientGuard.of(all, metrics, now::get),
                    JsonObject::new,
                    Optional.of(new StatsFeed(InstantSource.system())),
                    new AllNodes("alone", Optional.empty()),
                    Optional.empty()),
                TestAuthenticator.open(vertx)));
    RunningHub.get(vertx.deployVerticle(hub));
  }

  @AfterEach
  void stop() throws Exception {
    audit.close();
    RunningHub.get(vertx.close());
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private RawClient.Answer post(String target, String body, String... headers) throws IOException {
    return RawClient.post(hub.port(), target, body, headers);
  }

  private static void assertLimit(String name, int retrySeconds, RawClient.Answer answer) {
    assertEquals(429, answer.status(), answer.body());
    assertEquals(retrySeconds + "", answer.headers().get("retry-after"));
    var problem = new JsonObject(answer.body());
    assertEquals(LIMIT + name, problem.getString("field"));
    assertTrue(problem.getString("rule").startsWith("at most "), answer.body());
    assertEquals("Too Many Requests", problem.getString("title"));
  }

  private List<String> stored() throws IOException {
    try (var client = new RawClient(hub.port())) {
      client.send("GET /events?topic=**&last_event_id=earliest" + HOST + POLL + "\r\n");
      return new JsonObject(client.answer().body())
          .getJsonArray("events").stream()
              .map(event -> ((JsonObject) event).getString("data"))
              .toList();
    }
  }

  @Test
  void aPublisherAboveItsLimitIsToldWhichAndWhenToTryAgain() throws Exception {
    start(LIMIT + "publishes", "1");
    assertEquals(200, post("/events/a", "1").status());
    assertEquals(200, post("/events/a", "2").status());
    for (int i = 0; i < 5; i++) {
      assertLimit("publishes", 2, post("/events/a", "no"));
      assertLimit("publishes", 2, post("/events", "{\"topic\":\"a\",\"data\":\"no\"}"));
    }
    pass(Duration.ofSeconds(1));
    assertEquals(200, post("/events/a", "3").status());
    assertEquals(List.of("1", "2", "3"), stored());
  }

  private static String batch(int events) {
    return "{\"topic\":\"a\",\"data\":\"x\"}\n".repeat(events);
  }

  @Test
  void aBatchCountsItsEventsAndARefusedOneIsNeitherStoredNorCounted() throws Exception {
    start(LIMIT + "publishes", "5", LIMIT + "bytes", "10KiB");
    assertEquals(200, post("/events", batch(4)).status());
    for (int i = 0; i < 1_000; i++) { // their bytes alone would exceed the limit
      assertEquals(429, post("/events", batch(7)).status());
    }
    assertLimit("publishes", 2, post("/events", batch(10)));
    assertEquals(200, post("/events", batch(6)).status());
    assertEquals(429, post("/events", batch(1)).status());
    assertEquals(10, stored().size());
    pass(Duration.ofSeconds(2));
    assertEquals(200, post("/events", batch(100)).status());
    assertLimit("publishes", 18 + 1, post("/events/a", "x"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Content-Length: 1000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n3E8\r\n"})
  void aBodyLargerThanABurstPassesOnceAndTheRateHolds(String framing) throws Exception {
    start(LIMIT + "bytes", "10");
    String end = framing.startsWith("T") ? "\r\n0\r\n\r\n" : "";
    for (int i = 0; i < 2; i++) {
      try (var client = new RawClient(hub.port())) {
        client.send("POST /events/a" + HOST + framing + "x".repeat(1_000) + end);
        assertEquals(200, client.answer().status());
      }
      assertLimit("bytes", 99, post("/events/a", "0123456789"));
      pass(Duration.ofSeconds(100));
    }
  }

  @Test
  void aBodyThatIsRefusedIsNotWaitedFor() throws Exception {
    start(LIMIT + "bytes", "10");
    assertEquals(200, post("/events/a", "x".repeat(20)).status());
    try (var client = new RawClient(hub.port())) {
      client.send("POST /events/a" + HOST + "Content-Length: 15\r\nExpect: 100-continue\r\n\r\n");
      assertLimit("bytes", 2, client.answer());
    }
    assertEquals(413, post("/events/a", "x".repeat((1 << 20) + 1)).status());
  }

  @Test
  void aConnectionIsOfUseAfterARefusal() throws Exception {
    start(LIMIT + "bytes", "10");
    try (var client = new RawClient(hub.port())) {
      for (int status : new int[] {200, 429, 429}) {
        client.send("POST /events/a" + HOST + "Content-Length: 15\r\n\r\n" + "x".repeat(15));
        assertEquals(status, client.answer().status());
      }
      client.send("GET /health/live" + HOST + "\r\n");
      assertEquals(200, client.answer().status());
    }
  }

  private RawClient open(String target, String headers) throws IOException {
    var client = new RawClient(hub.port());
    client.send("GET " + target + HOST + headers + "\r\n");
    return client;
  }

  @ParameterizedTest
  @ValueSource(strings = {"/events/a", "/stats", "/probe"})
  void anEventStreamAboveTheLimitIsAnsweredHubBusyAndNever429(String target) throws Exception {
    start(LIMIT + "streams", "1");
    try (var first = RawClient.subscribe(hub.port(), "/events/a");
        var busy = RawClient.subscribe(hub.port(), target)) {
      assertEquals(200, busy.status());
      List<ReceivedEvent> received = busy.awaitCut();
      assertEquals("hub.busy", received.get(0).type());
      String detail = new JsonObject(received.get(0).data()).getString("detail");
      assertEquals("limits.client.streams: at most 1 open streams for each client", detail);
      assertTrue(busy.parser().retry() >= 5_000, "" + busy.parser().retry());
    }
    Wait.until("a stream can be opened again", () -> opens(target));
  }

  private boolean opens(String target) {
    try (var client = RawClient.subscribe(hub.port(), target)) {
      client.await(received -> !client.parser().all().isEmpty());
      return client.parser().all("hub.busy").isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {LINES, POLL, WEBSOCKET})
  void otherStreamsAboveTheLimitGet429(String headers) throws Exception {
    start(LIMIT + "streams", "1");
    try (var first = RawClient.subscribe(hub.port(), "/events/a");
        var second = open("/events/a", headers)) {
      assertLimit("streams", 5, second.answer());
    }
  }

  @Test
  void streamsThatAreOpenedTooFastAreRefused() throws Exception {
    start(LIMIT + "opens", "1");
    for (int i = 0; i < 10; i++) {
      RawClient.subscribe(hub.port(), "/events/a").close();
    }
    try (var client = open("/events/a", LINES)) {
      assertLimit("opens", 2, client.answer());
    }
    pass(Duration.ofSeconds(1));
    try (var client = open("/events/a", LINES)) {
      client.readHead();
      assertEquals(200, client.status());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "X-Forwarded-For: 192.0.2.1 | X-Forwarded-For: 192.0.2.1               | false",
        "X-Forwarded-For: 192.0.2.1 | X-Forwarded-For: 192.0.2.2               | true",
        "X-Forwarded-For: 192.0.2.1 | X-Forwarded-For: 198.51.100.7, 192.0.2.1 | false",
        "X-Forwarded-For: 192.0.2.1 | X-Forwarded-For: 192.0.2.1, 198.51.100.7 | true",
        "X-Forwarded-For: 192.0.2.1 | X-Forwarded-For: 192.0.2.1, 127.0.0.1    | false",
        "X-Forwarded-For: 2001:db8::1 | X-Forwarded-For: 2001:db8::ffff:1      | false",
        "X-Forwarded-For: 2001:db8::1 | X-Forwarded-For: 2001:db8:0:1::1       | true",
        "X-Forwarded-For: 192.0.2.1 | X-Other: 1                               | true",
      })
  void clientsBehindATrustedProxyAreCountedByTheAddressThatItSaw(
      String one, String other, boolean passes) throws Exception {
    start(LIMIT + "publishes", "1");
    assertEquals(200, post("/events", batch(2), one).status());
    assertEquals(passes ? 200 : 429, post("/events", batch(2), other).status());
  }

  @Test
  void aPeerThatIsNoTrustedProxyIsCountedByItsOwnAddress() throws Exception {
    start(LIMIT + "publishes", "1", "http.proxies", "10.0.0.1");
    assertEquals(200, post("/events", batch(2), "X-Forwarded-For: 192.0.2.1").status());
    assertEquals(429, post("/events", batch(2), "X-Forwarded-For: 192.0.2.2").status());
  }

  private void assertReleased() {
    Wait.until("no stream counts any more", () -> subscriptions.streams() == 0);
    Wait.until("a stream can be opened again", () -> opens("/events/a"));
    Wait.until("it has ended", () -> subscriptions.streams() == 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"channel", "response"})
  void aStreamIsReleasedHoweverItEnds(String outlet) throws Exception {
    start(
        LIMIT + "streams",
        "1",
        "stream.outlet",
        outlet,
        "stream.stall",
        "100ms",
        "stream.heartbeat",
        "200ms");
    for (String headers : List.of("", LINES, WEBSOCKET)) {
      try (var client = open("/events/a?for=50ms", headers)) {
        client.readHead();
        assertTrue(client.status() == 200 || client.status() == 101);
        assertReleased(); // it has expired
      }
      open("/events/a", headers).close();
      assertReleased(); // the client has gone
      failing.add("find");
      try (var client = open("/events/a", headers)) {
        client.readHead();
        if (client.status() == 101) {
          assertEquals(CLOSE_FRAME, client.socket().getInputStream().read());
        }
        failing.clear();
        assertReleased(); // its start failed
      }
    }
    open("/events/a?wait=20s", POLL).close();
    assertReleased();
    assertEquals(0, new JsonObject(poll("wait=10ms")).getJsonArray("events").size());
    assertReleased();
    try (var slow = open("/events/a", "")) {
      slow.readHead();
      Wait.until("it is counted", () -> subscriptions.streams() == 1);
      String large = "x".repeat(1 << 20);
      Wait.until("it is cut", () -> publishes(large) && subscriptions.streams() == 0);
      assertReleased();
    }
    failing.add("after");
    assertEquals(200, post("/events/a", "1").status());
    try (var client = RawClient.subscribe(hub.port(), "/events/a?last_event_id=earliest")) {
      client.awaitCut();
      failing.clear();
      assertReleased();
    }
  }

  private boolean publishes(String data) {
    try {
      return post("/events/a", data).status() == 200;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String poll(String query) throws IOException {
    try (var client = open("/events/a?" + query, POLL)) {
      return client.answer().body();
    }
  }

  @Test
  void theCountOfStreamsIsExactWhateverClientsDo() throws Exception {
    long seed = Long.getLong("limits.seed", System.nanoTime());
    var random = new Random(seed);
    start(LIMIT + "streams", "5", LIMIT + "opens", "0");
    Deque<RawClient> open = new ArrayDeque<>();
    List<String> kinds = List.of("", LINES, WEBSOCKET);
    for (int step = 0; step < 300; step++) {
      String what = "seed " + seed + ", step " + step;
      if (!open.isEmpty() && (open.size() == 5 || random.nextBoolean())) {
        int before = open.size();
        (random.nextBoolean() ? open.pollFirst() : open.pollLast()).close();
        Wait.until("it is released", () -> subscriptions.streams() == before - 1);
      } else {
        RawClient client = open("/events/a", kinds.get(random.nextInt(kinds.size())));
        client.readHead();
        assertTrue(client.status() == 200 || client.status() == 101, what);
        assertEquals(null, client.headers().get("retry-after"), what);
        open.add(client);
        int size = open.size();
        Wait.until("it is counted", () -> subscriptions.streams() == size);
      }
    }
    while (open.size() < 5) {
      open.add(RawClient.subscribe(hub.port(), "/events/a"));
    }
    try (var client = open("/events/a", LINES)) {
      assertLimit("streams", 5, client.answer());
    }
    for (RawClient client : open) {
      client.close();
    }
  }

  private double counted(String sample) {
    return metrics
        .text()
        .lines()
        .filter(line -> line.startsWith(sample + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(sample.length() + 1)))
        .sum();
  }

  @Test
  void requestsAreCountedByDoorAndOutcomeAndRefusalsByReason() throws Exception {
    start(LIMIT + "publishes", "1", LIMIT + "streams", "1");
    post("/events/a", "1");
    post("/events/a", "2", "Origin: https://evil.example");
    post("/events/a..b", "3");
    post("/events", batch(1));
    post("/events", batch(1));
    try (var stream = RawClient.subscribe(hub.port(), "/events/a");
        var busy = RawClient.subscribe(hub.port(), "/events/a");
        var lines = open("/events/a", LINES)) {
      busy.awaitCut();
      lines.answer();
      assertEquals(1, counted("tidings_requests_total{door=\"stream\",outcome=\"ok\"}"));
    }
    for (String target : List.of("/health/live", "/metrics", "/cluster", "/nothing")) {
      try (var client = open(target, "")) {
        client.answer();
      }
    }
    try (var client = new RawClient(hub.port())) {
      client.send("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
      assertEquals(421, client.answer().status());
    }
    for (String labels :
        List.of(
            "door=\"publish\",outcome=\"ok\"",
            "door=\"publish\",outcome=\"refused\"",
            "door=\"publish\",outcome=\"invalid\"",
            "door=\"batch\",outcome=\"limited\"",
            "door=\"stream\",outcome=\"limited\"",
            "door=\"lines\",outcome=\"limited\"",
            "door=\"health\",outcome=\"ok\"",
            "door=\"metrics\",outcome=\"ok\"",
            "door=\"cluster\",outcome=\"ok\"",
            "door=\"pages\",outcome=\"invalid\"",
            "door=\"pages\",outcome=\"refused\"")) {
      assertEquals(1, counted("tidings_requests_total{" + labels + "}"), labels);
    }
    for (String reason : List.of("origin", "publishes", "host")) {
      assertEquals(1, counted("tidings_refusals_total{reason=\"" + reason + "\"}"), reason);
    }
    assertEquals(2, counted("tidings_refusals_total{reason=\"streams\"}"));
    assertEquals(5, audit.lines().size(), audit.lines().toString());
  }

  @Test
  void refusalsAreLoggedWithoutWhatAuthenticatesTheClient() throws Exception {
    start(LIMIT + "publishes", "1", "logging.audit", "all");
    String token = "eyJhbGciOiJIUzI1NiJ9.c2VjcmV0.c2lnbmF0dXJl";
    String[] headers = {
      "Authorization: Bearer " + token,
      "Cookie: __Host-tidings=" + token,
      "X-Forwarded-For: 192.0.2.1"
    };
    post("/events", batch(2), headers);
    post("/events/a?id=" + token, token, headers);
    RawClient.subscribe(hub.port(), "/events/b?last_event_id=" + token, headers).close();
    assertEquals(3, audit.lines().size());
    var batch = new JsonObject(audit.lines().get(0));
    assertEquals("allowed", batch.getString("decision"));
    assertEquals("batch", batch.getString("door"));
    var refused = new JsonObject(audit.lines().get(1));
    assertEquals("192.0.2.1", refused.getString("address"));
    assertEquals("publish", refused.getString("door"));
    assertEquals("a", refused.getString("topic"));
    assertEquals("refused", refused.getString("decision"));
    assertEquals("publishes", refused.getString("reason"));
    var allowed = new JsonObject(audit.lines().get(2));
    assertEquals("allowed", allowed.getString("decision"));
    assertEquals("stream", allowed.getString("door"));
    assertEquals("b", allowed.getString("topic"));
    assertFalse(audit.contains("eyJ"), audit.lines().toString());
  }
}
