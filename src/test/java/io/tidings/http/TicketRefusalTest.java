package io.tidings.http;

import static io.tidings.http.TestTokens.claims;
import static io.tidings.http.TestTokens.grants;
import static io.tidings.http.TestTokens.sign;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.access.ClientGuard;
import io.tidings.auth.Authenticator;
import io.tidings.bus.LiveFeed;
import io.tidings.cluster.AllNodes;
import io.tidings.fanout.OpenStreams;
import io.tidings.fanout.SubscriptionCounts;
import io.tidings.log.EventLog;
import io.tidings.log.ExpiringRecord;
import io.tidings.log.ExpiringRecords;
import io.tidings.log.LogUnavailable;
import io.tidings.log.OutcomeUnknown;
import io.tidings.log.Retention;
import io.tidings.log.SynchronousLog;
import io.tidings.log.TooManyRecords;
import io.tidings.memory.MemoryBudget;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tickets at nodes of one log, which fails on command to tell who was the first to show one. */
@Timeout(60)
class TicketRefusalTest {
  private static final String WEBSOCKET =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";

  @TempDir private Path directory;
  private final Vertx vertx = Vertx.vertx();

  /** Of the other node: servers of one Vert.x share a port. */
  private final Vertx second = Vertx.vertx();

  private final OpenStreams streams = new OpenStreams();
  private final SubscriptionCounts subscriptions = new SubscriptionCounts();
  private volatile UnaryOperator<Future<ExpiringRecord>> table = UnaryOperator.identity();
  private volatile String failing = "ticket";
  private HubVerticle hub;
  private HubVerticle other;
  private String token;

  @BeforeEach
  void start() throws Exception {
    var settings =
        Settings.of(
            Map.of(
                "http.port",
                0,
                "auth.mode",
                "required",
                "auth.issuers",
                TestTokens.issuers(directory),
                "auth.secret",
                "none"));
    JsonArray topics = new JsonArray().add("a");
    token = sign(claims("alice", grants(topics, topics)));
    EventLog log = faulty();
    var metrics = new Metrics();
    var memory = new MemoryBudget(256 << 20, 64 << 20);
    LiveFeed feed = LiveFeed.of(log, metrics, memory.batches());
    var status =
        new HubStatus(
            new Readiness(),
            subscriptions,
            streams,
            metrics,
            memory,
            ClientGuard.of(settings, metrics),
            JsonObject::new,
            Optional.empty(),
            new AllNodes("alone", Optional.empty()),
            Optional.empty());
    Authenticator keys = RunningHub.get(Authenticator.create(vertx, settings.auth(), Path.of("")));
    hub = new HubVerticle(new HubParts(settings, log, feed, status, keys));
    other = new HubVerticle(new HubParts(settings, log, feed, status, keys));
    RunningHub.get(vertx.deployVerticle(hub));
    RunningHub.get(second.deployVerticle(other));
    assertNotEquals(hub.port(), other.port());
  }

  private EventLog faulty() {
    EventLog log =
        new SynchronousLog(
            new Retention(0, Duration.ZERO, 0), Duration.ZERO, InstantSource.system());
    var records =
        new ExpiringRecords() {
          @Override
          public Future<ExpiringRecord> putIfAbsent(ExpiringRecord record) {
            Future<ExpiringRecord> stored = log.records().putIfAbsent(record);
            return record.kind().equals(failing) ? table.apply(stored) : stored;
          }

          @Override
          public void follow(String kind, Handler<ExpiringRecord> followers) {
            log.records().follow(kind, followers);
          }
        };
    return (EventLog)
        Proxy.newProxyInstance(
            EventLog.class.getClassLoader(),
            new Class<?>[] {EventLog.class},
            (proxy, method, arguments) ->
                method.getName().equals("records") ? records : method.invoke(log, arguments));
  }

  @AfterEach
  void stop() throws Exception {
    RunningHub.get(second.close());
    RunningHub.get(vertx.close());
  }

  private RawClient.Answer post() throws Exception {
    return RawClient.post(hub.port(), "/tickets", "", "Authorization: Bearer " + token);
  }

  private String ticket() throws Exception {
    return new JsonObject(post().body()).getString("ticket");
  }

  private static RawClient open(HubVerticle at, String ticket, String... headers) throws Exception {
    return RawClient.subscribe(at.port(), "/events/a?ticket=" + ticket, headers);
  }

  private static String cookie(RawClient client) {
    return "Cookie: " + client.headers().get("set-cookie").split(";")[0];
  }

  @Test
  void aTicketIsCheckedAtAnyNodeAndReplayedAtNone() throws Exception {
    String ticket = ticket();
    String cookie;
    try (var client = open(other, ticket)) {
      assertEquals(200, client.status());
      cookie = cookie(client);
    }
    for (HubVerticle node : new HubVerticle[] {hub, other}) {
      try (var thief = open(node, ticket)) {
        assertEquals(401, thief.status());
      }
      try (var again = open(node, ticket, cookie)) {
        assertEquals(200, again.status());
      }
    }
  }

  @Test
  void withoutAMajorityAnEventSourceIsAskedToTryAgainAndNothingIsOpened() throws Exception {
    String ticket = ticket();
    table = stored -> Future.failedFuture(new LogUnavailable("no majority", null));
    try (var client = open(hub, ticket)) {
      assertEquals(200, client.status());
      assertEquals("hub.busy", client.awaitCut().get(0).type());
      assertTrue(client.parser().retry() >= 2_000);
    }
    try (var lines = open(hub, ticket, "Accept: application/x-ndjson")) {
      assertEquals(503, lines.status());
    }
    try (var socket = open(hub, ticket, WEBSOCKET)) {
      assertEquals(503, socket.status());
    }
    assertEquals(0, subscriptions.streams());
  }

  @Test
  void aClientWithTooManyTicketsIsToldTheRuleAndWhenToTryAgain() throws Exception {
    String ticket = ticket();
    table = stored -> Future.failedFuture(new TooManyRecords("ticket"));
    try (var lines = open(hub, ticket, "Accept: application/x-ndjson")) {
      assertEquals(429, lines.status());
      assertEquals("60", lines.headers().get("retry-after"));
    }
    try (var socket = open(hub, ticket, WEBSOCKET)) {
      assertEquals(429, socket.status());
    }
    try (var client = open(hub, ticket)) {
      assertEquals(200, client.status());
      ReceivedEvent busy = client.awaitCut().get(0);
      assertEquals("hub.busy", busy.type());
      assertTrue(busy.data().contains("tickets: at most 10000 redeemed tickets"), busy.data());
      assertTrue(client.parser().retry() >= 60_000);
    }
    assertEquals(0, subscriptions.streams());
  }

  @Test
  void aHubWithoutItsKeyGivesNoTickets() throws Exception {
    failing = "ticket-key";
    table = stored -> Future.failedFuture(new LogUnavailable("no majority", null));
    assertEquals(503, post().status());
    table = UnaryOperator.identity();
    assertEquals(201, post().status());
  }

  /** The cookie comes with the refusal, so the same browser is the first when it tries again. */
  @Test
  void aBrowserThatGotNoAnswerFromTheLogIsStillTheFirst() throws Exception {
    String ticket = ticket();
    table =
        stored ->
            stored.transform(
                done -> Future.failedFuture(new OutcomeUnknown("it may be stored", null)));
    String cookie;
    try (var client = open(hub, ticket)) {
      cookie = cookie(client);
      assertEquals("hub.busy", client.awaitCut().get(0).type());
    }
    table = UnaryOperator.identity();
    try (var thief = open(hub, ticket)) {
      assertEquals(401, thief.status());
    }
    try (var client = open(other, ticket, cookie)) {
      assertEquals(200, client.status());
    }
  }

  @Test
  void aClientThatLeavesWhileTheLogIsAskedOpensNothing() throws Exception {
    String ticket = ticket();
    Promise<Void> asked = Promise.promise();
    Promise<Void> answer = Promise.promise();
    table =
        stored -> {
          asked.tryComplete();
          return answer.future().compose(go -> stored);
        };
    try (var client = new RawClient(hub.port())) {
      client.send("GET /events/a?ticket=" + ticket + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
      RunningHub.get(asked.future());
    }
    answer.complete();
    table = UnaryOperator.identity();
    try (var client = open(hub, ticket())) {
      assertEquals(200, client.status());
      Wait.until("only this one is open", () -> subscriptions.streams() == 1);
    }
  }
}
