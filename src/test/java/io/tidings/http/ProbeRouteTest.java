package io.tidings.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.access.ClientGuard;
import io.tidings.cluster.AllNodes;
import io.tidings.fanout.OpenStreams;
import io.tidings.fanout.SubscriptionCounts;
import io.tidings.memory.MemoryBudget;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The route alone, with a clock of the test's. */
class ProbeRouteTest {
  private static final long HOUR = 3_600_000;

  private final Vertx vertx = Vertx.vertx();

  /** Is set back by an hour with each reading. */
  private final AtomicLong millis = new AtomicLong(5 * HOUR);

  private HttpServer server;

  @BeforeEach
  void listen() throws Exception {
    Settings settings = Settings.of(Map.of());
    var proxies = new TrustedProxies(settings.http().proxies());
    Router router = Router.router(vertx);
    ProbeRoute.mount(
        router,
        vertx,
        settings,
        proxies,
        new Metrics(),
        () -> Instant.ofEpochMilli(millis.getAndAdd(-HOUR)),
        TestAuthenticator.openAccess(vertx, proxies));
    server = RunningHub.get(vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
  }

  private static HubStatus hubStatus(Settings settings) {
    var metrics = new Metrics();
    return new HubStatus(
        new Readiness(),
        new SubscriptionCounts(),
        new OpenStreams(),
        metrics,
        MemoryBudget.of(1 << 26, 1 << 26),
        ClientGuard.of(settings, metrics),
        JsonObject::new,
        Optional.empty(),
        new AllNodes("alone", Optional.empty()),
        Optional.empty());
  }

  @AfterEach
  void close() throws Exception {
    RunningHub.get(vertx.close());
  }

  @Test
  void stampsHaveTheTimeOfTheClockAlsoIfItIsSetBack() throws Exception {
    try (var client = RawClient.subscribe(server.actualPort(), "/probe?for=30ms&every=10ms")) {
      List<ReceivedEvent> received = client.awaitEnd();
      assertEquals("close", received.get(received.size() - 1).type());
      assertEquals(
          List.of(5 * HOUR, 4 * HOUR, 3 * HOUR, 2 * HOUR),
          received.subList(0, 4).stream().map(ProbeRouteTest::time).toList());
    }
  }

  private static long time(ReceivedEvent stamp) {
    return new JsonObject(stamp.data()).getLong("time");
  }
}
