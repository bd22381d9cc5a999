package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.MachineVertx;
import io.tidings.Wait;
import io.tidings.access.ClientGuard;
import io.tidings.auth.Authenticator;
import io.tidings.bus.LiveFeed;
import io.tidings.cluster.AllNodes;
import io.tidings.dashboard.StatsFeed;
import io.tidings.fanout.OpenStreams;
import io.tidings.fanout.SubscriptionCounts;
import io.tidings.log.LogState;
import io.tidings.memory.MemoryBudget;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;

/** A hub of two event loops whose log loses the majority of its cluster and finds it again. */
@BothOutlets
@Timeout(60) // a stream of statistics is never idle, so reads do not time out
class IsolationTest {
  private static final String LINES = "Accept: application/x-ndjson";
  private static final String POLL = "Accept: application/json";
  private static final String STALE = "{\"since\":\"" + SwitchedLog.SINCE + "\"}";

  @Parameter private String outlet;

  private final Readiness readiness = new Readiness();
  private final SubscriptionCounts subscriptions = new SubscriptionCounts();
  private final List<HubVerticle> loops = new CopyOnWriteArrayList<>();
  private final List<AutoCloseable> clients = new ArrayList<>();
  private SwitchedLog log;
  private Vertx vertx;

  @BeforeEach
  void start() throws Exception {
    start("30s", "1h");
  }

  /** Starts the hub again. */
  private void restart(String stall, String heartbeat) throws Exception {
    stop();
    loops.clear();
    clients.clear();
    start(stall, heartbeat);
  }

  /**
   * Starts a hub.
   *
   * @param stall how long it waits for stalled clients
   * @param heartbeat after which silence; where that is short, heartbeats come between events
   */
  private void start(String stall, String heartbeat) throws Exception {
    log = new SwitchedLog();
    Settings settings =
        Settings.of(
            Map.of(
                "http.port",
                0,
                "stream.outlet",
                outlet,
                "stream.drain",
                "50ms",
                "stream.heartbeat",
                heartbeat,
                "stream.stall",
                stall));
    vertx = MachineVertx.of(settings.http());
    var metrics = new Metrics();
    var memory = new MemoryBudget(256 << 20, 64 << 20);
    LiveFeed feed = LiveFeed.of(log.log(), metrics, memory.batches());
    log.log().onState(readiness::log);
    var status =
        new HubStatus(
            readiness,
            subscriptions,
            new OpenStreams(),
            metrics,
            memory,
            ClientGuard.of(Settings.of(Map.of()), metrics),
            JsonObject::new,
            Optional.of(new StatsFeed(InstantSource.system())),
            new AllNodes("alone", Optional.empty()),
            Optional.empty());
    Authenticator open = TestAuthenticator.open(vertx);
    RunningHub.get(
        vertx.deployVerticle(
            () -> {
              var loop = new HubVerticle(new HubParts(settings, log.log(), feed, status, open));
              loops.add(loop);
              return loop;
            },
            new DeploymentOptions().setInstances(2)));
    readiness.listening();
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable client : clients) {
      client.close();
    }
    RunningHub.get(vertx.close());
  }

  private int port() {
    return loops.get(0).port();
  }

  private RawClient open(String target, String... headers) throws Exception {
    var client = RawClient.subscribe(port(), target, headers);
    clients.add(client);
    return client;
  }

  /** An event stream that has begun. */
  private RawClient stream() throws Exception {
    RawClient client = open("/events/a");
    client.await(received -> !client.parser().all("hub.open").isEmpty());
    return client;
  }

  private static void assertClosed(RawClient client) throws Exception {
    assertEquals(-1, client.socket().getInputStream().read());
  }

  private int publish(String data) throws Exception {
    return RawClient.post(port(), "/events/a", data).status();
  }

  @Test
  void theOpenEventStreamsOfAllLoopsAreCutAfterADrainEventAndStatisticsStay() throws Exception {
    restart("30s", "200ms"); // the only traffic of the statistics
    RawClient stats = open("/stats").countingAllBlocks();
    stats.await(received -> !stats.parser().all("hub.open").isEmpty());
    var streams = new ArrayList<RawClient>();
    for (int i = 0; i < 20; i++) {
      streams.add(stream());
    }
    log.become(LogState.ISOLATED);
    for (RawClient stream : streams) {
      List<ReceivedEvent> received = stream.awaitCut();
      assertEquals("hub.drain", received.get(received.size() - 1).type());
      assertEquals(1, received.size());
      assertTrue(stream.parser().retry() >= 100);
    }
    assertEquals(0, subscriptions.streams());
    long beats = stats.parser().all("hub.beat").size();
    stats.await(received -> stats.parser().all("hub.beat").size() > beats + 1);
  }

  @Test
  void linesAndPollsEndCleanlyWithTheirConnectionsAndWebSocketsWithServiceRestart()
      throws Exception {
    assertEquals(200, publish("1"));
    String head = log.log().bounds().head().toString();
    RawClient lines = open("/events/a", LINES);
    assertEquals("hub.open", lines.lines(1).get(0).getString("type"));
    var poll = new RawClient(port());
    clients.add(poll);
    poll.send("GET /events/a HTTP/1.1\r\nHost: localhost\r\n" + POLL + "\r\n\r\n");
    var socket = new Socket(port(), "/events/a");
    assertEquals("hub.open", socket.next().getString("type"));
    Wait.until("all are open", () -> subscriptions.streams() == 3);
    log.become(LogState.ISOLATED);
    List<JsonObject> rest = lines.lines(Integer.MAX_VALUE);
    assertEquals("hub.drain", rest.get(rest.size() - 1).getString("type"));
    assertClosed(lines);
    RawClient.Answer answer = poll.answer();
    assertEquals(200, answer.status());
    assertEquals("{\"events\":[],\"last_event_id\":\"" + head + "\"}", answer.body());
    assertEquals("close", answer.headers().get("connection"));
    assertClosed(poll);
    assertEquals("hub.drain", socket.next().getString("type"));
    assertEquals(1012, socket.closed());
  }

  @Test
  void streamsOpenedMeanwhileAreToldSoReplayWhatTheNodeHasAndReceiveWhatComesAfterTheHeal()
      throws Exception {
    assertEquals(200, publish("1"));
    log.become(LogState.ISOLATED);
    assertEquals(503, publish("refused"));
    RawClient stream = open("/events/a?last_event_id=earliest");
    stream.await(received -> received.size() >= 2);
    List<ReceivedEvent> all = stream.parser().all();
    assertEquals(
        List.of("hub.open", "hub.stale", "message"),
        all.stream().map(ReceivedEvent::type).toList());
    assertEquals(STALE, all.get(1).data());
    assertEquals(all.get(0).lastEventId(), all.get(1).lastEventId());
    RawClient lines = open("/events/a?last_event_id=earliest", LINES);
    List<JsonObject> opening = lines.lines(3);
    assertStale(opening.get(1));
    assertEquals("1", opening.get(2).getString("data"));
    var socket = new Socket(port(), "/events/a?last_event_id=earliest");
    assertEquals("hub.open", socket.next().getString("type"));
    assertStale(socket.next());
    assertEquals("1", socket.next().getString("data"));
    RawClient poll = new RawClient(port());
    clients.add(poll);
    poll.send(
        "GET /events/a?last_event_id=earliest HTTP/1.1\r\nHost: localhost\r\n" + POLL + "\r\n\r\n");
    var events = new JsonObject(poll.answer().body()).getJsonArray("events");
    assertEquals(1, events.size(), "a poll is answered by events and gaps only");
    assertEquals("1", events.getJsonObject(0).getString("data"));
    log.become(LogState.UP);
    assertEquals(200, publish("2"));
    assertEquals(List.of(STALE, "1", "2"), stream.awaitData(3));
    List<JsonObject> more = lines.lines(1);
    assertEquals("2", more.get(more.size() - 1).getString("data"));
    assertEquals("2", socket.next().getString("data"));
    RawClient fresh = stream();
    assertEquals(List.of(), fresh.parser().all("hub.stale"));
  }

  @Test
  void aClientThatDoesNotReadTheEndOfItsStreamIsDisconnected() throws Exception {
    restart("2s", "1h");
    var stalled = new RawClient(port(), 4_096);
    clients.add(stalled);
    stalled.send("GET /events/a HTTP/1.1\r\nHost: localhost\r\n\r\n");
    Wait.until("it is open", () -> subscriptions.streams() == 1);
    for (int i = 0; i < 20; i++) {
      assertEquals(200, publish("x".repeat(500_000)));
    }
    log.become(LogState.ISOLATED);
    Wait.until("its stream has ended", () -> subscriptions.streams() == 0);
    Wait.until("its connection is closed, though it reads nothing", stalled::isReset);
  }

  private static void assertStale(JsonObject line) {
    assertEquals("hub", line.getString("topic"));
    assertEquals("hub.stale", line.getString("type"));
    assertEquals(STALE, line.getString("data"));
    assertEquals("", line.getString("id"));
  }

  @Test
  void eachIsolationEndsStreamsAgain() throws Exception {
    for (int i = 0; i < 3; i++) {
      RawClient stream = stream();
      log.become(LogState.READ_ONLY);
      log.become(LogState.ISOLATED);
      List<ReceivedEvent> received = stream.awaitCut();
      assertEquals("hub.drain", received.get(received.size() - 1).type());
      RawClient stale = stream();
      log.become(LogState.UP);
      assertEquals(200, publish("" + i));
      assertEquals(List.of(STALE, "" + i), stale.awaitData(2));
      log.become(LogState.ISOLATED);
      stale.awaitCut();
      log.become(LogState.UP);
    }
  }

  @Test
  void aPollThatWaitsInAnIsolationIsAnsweredByTheFirstEventAfterIt() throws Exception {
    log.become(LogState.ISOLATED);
    RawClient poll = new RawClient(port());
    clients.add(poll);
    poll.send("GET /events/a HTTP/1.1\r\nHost: localhost\r\n" + POLL + "\r\n\r\n");
    Wait.until("it waits", () -> subscriptions.streams() == 1);
    log.become(LogState.UP);
    assertEquals(200, publish("1"));
    var events = new JsonObject(poll.answer().body()).getJsonArray("events");
    assertEquals("1", events.getJsonObject(0).getString("data"));
  }

  @Test
  void theReasonWhyTheHubIsNotReadyIsTold() throws Exception {
    assertEquals("200 UP", ready());
    log.become(LogState.READ_ONLY);
    assertEquals("503 DOWN: the log is read-only: no event can be stored at present", ready());
    log.become(LogState.ISOLATED);
    assertEquals(
        "503 DOWN: the log is isolated: no majority of the cluster's nodes can be reached",
        ready());
    log.become(LogState.UP);
    assertEquals("200 UP", ready());
  }

  private String ready() throws Exception {
    try (var client = new RawClient(port())) {
      client.send("GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n");
      var answer = client.answer();
      return answer.status() + " " + new JsonObject(answer.body()).getString("status");
    }
  }

  /** Otherwise a client would open its next stream on the connection to the same node. */
  @Test
  void anHttp2StreamIsResetAndItsConnectionTakesNoMoreRequestsButServesItsOthers()
      throws Exception {
    restart("30s", "200ms"); // the only traffic of the statistics
    var connections = new CopyOnWriteArrayList<String>();
    var client =
        vertx
            .httpClientBuilder()
            .with(Http2Stream.options())
            .withConnectHandler(connection -> connections.add(connection.localAddress().toString()))
            .build();
    var stats = Http2Stream.open(client, port(), "/stats");
    Wait.until("it has begun", () -> stats.has("hub.open"));
    var events = Http2Stream.open(client, port(), "/events/a");
    Wait.until("it has begun", () -> events.has("hub.open"));
    assertEquals(1, connections.size());
    log.become(LogState.ISOLATED);
    var reset = assertThrows(ExecutionException.class, () -> RunningHub.get(events.end()));
    assertEquals(8, ((StreamResetException) reset.getCause()).getCode());
    assertTrue(events.has("hub.drain"));
    var again = Http2Stream.open(client, port(), "/events/a");
    RunningHub.get(again.begin());
    Wait.until("it has begun", () -> again.has("hub.stale"));
    assertEquals(2, connections.size());
    assertNotEquals(connections.get(0), connections.get(1));
    int blocks = stats.blocks();
    Wait.until("the stream of statistics goes on", () -> stats.blocks() > blocks);
    assertFalse(stats.end().isComplete());
    RunningHub.get(client.close());
  }

  /** A WebSocket client that queues messages. */
  private static final class Socket implements WebSocket.Listener {
    private final BlockingQueue<JsonObject> messages = new LinkedBlockingQueue<>();
    private final BlockingQueue<Integer> codes = new LinkedBlockingQueue<>();
    private final StringBuilder message = new StringBuilder();

    Socket(int port, String target) {
      HttpClient.newHttpClient()
          .newWebSocketBuilder()
          .buildAsync(URI.create("ws://127.0.0.1:" + port + target), this)
          .join();
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      message.append(data);
      if (last) {
        messages.add(new JsonObject(message.toString()));
        message.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      codes.add(code);
      return null;
    }

    JsonObject next() throws InterruptedException {
      return messages.poll(15, TimeUnit.SECONDS);
    }

    int closed() throws InterruptedException {
      return codes.poll(15, TimeUnit.SECONDS);
    }
  }
}
