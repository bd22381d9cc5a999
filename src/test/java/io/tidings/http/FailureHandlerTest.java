package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.tidings.access.ClientGuard;
import io.tidings.bus.Admission;
import io.tidings.bus.Intake;
import io.tidings.bus.LiveFeed;
import io.tidings.cluster.AllNodes;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Position;
import io.tidings.fanout.OpenStreams;
import io.tidings.fanout.SubscriptionCounts;
import io.tidings.log.EventLog;
import io.tidings.log.LogUnavailable;
import io.tidings.log.Retention;
import io.tidings.log.StreamStart;
import io.tidings.log.SynchronousLog;
import io.tidings.memory.MemoryBudget;
import io.tidings.memory.MinuteLimiter;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients and the operator see when a request fails unexpectedly. */
class FailureHandlerTest {
  private static final String SECRET = "the password is sesame";

  private final List<LogRecord> logged = new CopyOnWriteArrayList<>();
  private final Handler recorder = new Recorder();
  private final Vertx vertx = Vertx.vertx();

  /** The injected result of a method of the log; null to call the real log. */
  private volatile Function<String, Future<?>> fault = method -> null;

  private int port;

  @BeforeEach
  void start() throws Exception {
    Logger.getLogger("").addHandler(recorder);
    var settings = Settings.of(Map.of("http.port", 0));
    EventLog log =
        new SynchronousLog(
            new Retention(1 << 20, Duration.ZERO, 0), Duration.ZERO, InstantSource.system());
    var hubStatus =
        new HubStatus(
            new Readiness(),
            new SubscriptionCounts(),
            new OpenStreams(),
            new Metrics(),
            new MemoryBudget(256 << 20, 64 << 20),
            ClientGuard.of(Settings.of(Map.of()), new Metrics()),
            FailureHandlerTest::brokenCluster,
            Optional.empty(),
            new AllNodes("alone", Optional.empty()),
            Optional.empty());
    var verticle =
        new HubVerticle(
            new HubParts(
                settings,
                FailingLog.of(log, method -> fault.apply(method)),
                LiveFeed.of(log, hubStatus.metrics(), hubStatus.memory().batches()),
                hubStatus,
                TestAuthenticator.open(vertx)));
    RunningHub.get(vertx.deployVerticle(verticle));
    port = verticle.port();
  }

  @AfterEach
  void stop() throws Exception {
    RunningHub.get(vertx.close());
    Logger.getLogger("").removeHandler(recorder);
  }

  private static JsonObject brokenCluster() {
    throw new IllegalStateException(SECRET);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anUnexpectedExceptionIsLoggedOnceAndAnsweredWithoutItsMessage(boolean thrown)
      throws Exception {
    var bug = new NullPointerException(SECRET);
    fault =
        method -> {
          if (!method.equals("append") && !method.equals("find")) {
            return null;
          }
          if (thrown) {
            throw bug;
          }
          return Future.failedFuture(bug);
        };
    for (String target : List.of("/events/a", "/events/a?id=x", "/events")) {
      String body = target.equals("/events") ? "{\"topic\":\"a\",\"data\":1}" : "x";
      failed(RawClient.post(port, target, body), bug);
    }
    for (String accept : List.of("text/event-stream", "application/x-ndjson", "application/json")) {
      try (var client = new RawClient(port)) {
        client.send("GET /events/a HTTP/1.1\r\nHost: localhost\r\nAccept: " + accept + "\r\n\r\n");
        failed(client.answer(), bug);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/event-stream", "application/x-ndjson", "application/json"})
  void anExceptionAtTheStartOfAStreamIsAnsweredToo(String accept) throws Exception {
    fault = method -> method.equals("find") ? Future.succeededFuture(null) : null;
    try (var client = new RawClient(port)) {
      client.send("GET /events/a HTTP/1.1\r\nHost: localhost\r\nAccept: " + accept + "\r\n\r\n");
      RawClient.Answer answer = client.answer();
      failed(answer, logged.get(0).getThrown());
    }
  }

  @Test
  void aStreamThatFailsAfterItsHeadIsCutAndLoggedOnce() throws Exception {
    var bug = new IllegalStateException(SECRET);
    fault =
        method -> {
          if (method.equals("bounds")) {
            throw bug; // asked for where a stream of another epoch begins, after its head
          }
          var elsewhere = new Position(Position.newEpoch(), 1);
          return method.equals("find")
              ? Future.succeededFuture(StreamStart.after(elsewhere))
              : null;
        };
    try (var client = RawClient.subscribe(port, "/events/a")) {
      assertEquals(200, client.status());
      client.awaitCut();
    }
    assertEquals(1, logged.size(), logged::toString);
    assertSame(bug, logged.get(0).getThrown());
  }

  @Test
  void aWebSocketThatFailsAtItsStartIsClosedWithInternalError() throws Exception {
    fault = method -> method.equals("find") ? Future.succeededFuture(null) : null;
    try (var client = new RawClient(port)) {
      client.send(
          "GET /events/a HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
      client.readHead();
      assertEquals(101, client.status());
      byte[] close = client.socket().getInputStream().readNBytes(4);
      assertEquals(0x88, close[0] & 0xff);
      assertEquals(1_011, (close[2] & 0xff) << 8 | close[3] & 0xff);
    }
    assertEquals(1, logged.size(), logged::toString);
  }

  @Test
  void anExceptionWhileAPublisherIsAnsweredIsAnsweredToo() throws Exception {
    var bug = new IllegalStateException(SECRET);
    var settings = Settings.of(Map.of());
    var proxies = new TrustedProxies(settings.http().proxies());
    var log =
        new SynchronousLog(
            new Retention(1 << 20, Duration.ZERO, 0), Duration.ZERO, InstantSource.system());
    var route =
        new PublishRoute(
            new Intake(log, settings.limits()),
            new DeliveryReports(new SubscriptionCounts(), new AllNodes("alone", Optional.empty())),
            settings,
            new Admission(
                vertx,
                MemoryBudget.of(1 << 26, 1 << 26).bodies(),
                () -> true,
                new MinuteLimiter(),
                Duration.ZERO),
            TestAuthenticator.openAccess(vertx, proxies),
            new AllowedOrigins(settings.cors(), proxies));
    HttpServer server =
        vertx
            .createHttpServer()
            .requestHandler(
                new FailureHandler(
                    request ->
                        route.handle(
                            faulty(request, bug), Optional.of("a"), QueryParameters.parse(null))));
    RunningHub.get(server.listen(0, "127.0.0.1"));
    failed(RawClient.post(server.actualPort(), "/events/a", "x"), bug);
  }

  /** A request whose response throws, except for a problem document. */
  private static HttpServerRequest faulty(HttpServerRequest request, RuntimeException bug) {
    var response =
        proxy(
            HttpServerResponse.class,
            request.response(),
            (method, arguments) -> {
              if (method.equals("putHeader") && "application/json".equals(arguments[1])) {
                throw bug;
              }
              return null;
            });
    return proxy(
        HttpServerRequest.class,
        request,
        (method, arguments) -> method.equals("response") ? response : null);
  }

  private static <T> T proxy(Class<T> type, T real, BiFunction<String, Object[], Object> instead) {
    return type.cast(
        Proxy.newProxyInstance(
            FailureHandlerTest.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              Object result = instead.apply(method.getName(), arguments);
              return result == null ? method.invoke(real, arguments) : result;
            }));
  }

  private void failed(RawClient.Answer answer, Throwable bug) {
    assertEquals(500, answer.status(), answer.body());
    assertFalse(answer.body().contains("sesame"), answer.body());
    assertFalse(answer.headers().containsKey("retry-after"));
    assertEquals(1, logged.size(), logged::toString);
    assertSame(bug, logged.remove(0).getThrown());
  }

  @Test
  void aFailureOfAMonitoringEndpointIsAnsweredWithoutItsMessage() throws Exception {
    try (var client = new RawClient(port)) {
      client.send("GET /cluster HTTP/1.1\r\nHost: localhost\r\n\r\n");
      var answer = client.answer();
      assertEquals(500, answer.status());
      assertFalse(answer.body().contains("sesame"), answer.body());
    }
    assertEquals(1, logged.size(), logged::toString);
    assertEquals(SECRET, logged.get(0).getThrown().getMessage());
  }

  @Test
  void anOutageOfTheLogIsAnsweredWithRetryAfterAndNotLogged() throws Exception {
    fault =
        method ->
            method.equals("append")
                ? Future.failedFuture(new LogUnavailable("the log is away", null))
                : null;
    var answer = RawClient.post(port, "/events/a", "x");
    assertEquals(503, answer.status());
    assertEquals("the log is away", new JsonObject(answer.body()).getString("detail"));
    assertEquals("2", answer.headers().get("retry-after"));
    assertEquals(List.of(), logged);
  }

  @Test
  void aRuleOfTheLogThatTheClientBreaksIsAnsweredWith400() throws Exception {
    fault =
        method ->
            method.equals("append")
                ? Future.failedFuture(new InvalidEvent("id", "must be another"))
                : null;
    var answer = RawClient.post(port, "/events/a", "x");
    assertEquals(400, answer.status());
    assertEquals("id", new JsonObject(answer.body()).getString("field"));
    assertEquals(List.of(), logged);
  }

  private final class Recorder extends Handler {
    @Override
    public void publish(LogRecord line) {
      if (line.getThrown() != null) {
        logged.add(line);
      }
    }

    @Override
    public void flush() {
      // nothing is buffered
    }

    @Override
    public void close() {
      // nothing to close
    }
  }

  /** Vert.x is closed while a file is read for a request. */
  @Test
  void theEndOfTheHubIsNoFaultOfIt() {
    var removed = new IllegalStateException("cacheDir has been removed. FileResolver is closing?");
    for (Throwable one : List.of(removed, new RejectedExecutionException("Shutting down"))) {
      Problem problem = Problem.of(one);
      assertEquals(503, problem.status(), () -> "" + one);
      assertEquals("the hub is stopping", problem.getMessage());
    }
    assertEquals(List.of(), logged);
  }
}
