package io.tidings.scenes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.CapturedLog;
import io.tidings.Wait;
import io.tidings.bus.LiveFeed;
import io.tidings.event.Event;
import io.tidings.log.ManualClock;
import io.tidings.log.Retention;
import io.tidings.log.SynchronousLog;
import io.tidings.memory.MemoryBudget;
import io.tidings.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ScenesVerticleTest {
  private final Vertx vertx = Vertx.vertx();
  private final ManualClock clock = new ManualClock();
  private final AtomicLong nanos = new AtomicLong();
  private final SynchronousLog log =
      new SynchronousLog(new Retention(0, Duration.ZERO, 0), Duration.ZERO, clock);

  /** The rejected requests, each of which asks whether this node leads. */
  private final AtomicInteger rejected = new AtomicInteger();

  @BeforeEach
  void deploy() throws Exception {
    LiveFeed feed = LiveFeed.of(log, new Metrics(), new MemoryBudget(1 << 20, 1 << 20).batches());
    get(
        vertx.deployVerticle(
            new ScenesVerticle(
                feed,
                new ProcessLoad("alone", clock),
                topic -> false,
                () -> rejected.incrementAndGet() > 0,
                nanos::get)));
  }

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  @Test
  void rejectedRequestsAreLoggedOnceASecond() {
    try (var lines = new CapturedLog(ScenesVerticle.class)) {
      request("no JSON");
      request("{}");
      nanos.addAndGet(TimeUnit.SECONDS.toNanos(1) - 1);
      request("{}");
      nanos.incrementAndGet();
      request("{\"id\":\"job-one-1\"}");
      request("no JSON");
      assertEquals(
          List.of(
              "refused, scenes.jobs: data: must be a JSON object",
              "refused, scenes.jobs: type: is not a command of this topic"),
          lines.lines());
    }
  }

  /** Publishes an invalid request, and returns when it was handled. */
  private void request(String data) {
    int before = rejected.get();
    log.append(List.of(Event.of(Jobs.TOPIC, data)));
    Wait.until("the request is rejected", () -> rejected.get() > before);
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }
}
