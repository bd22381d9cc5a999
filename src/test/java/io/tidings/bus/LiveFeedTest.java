package io.tidings.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.Wait;
import io.tidings.event.Event;
import io.tidings.log.ManualClock;
import io.tidings.log.Retention;
import io.tidings.log.SynchronousLog;
import io.tidings.memory.MemoryBudget;
import io.tidings.metrics.Metrics;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LiveFeedTest {
  private final Vertx vertx = Vertx.vertx();
  private final SynchronousLog log =
      new SynchronousLog(new Retention(0, Duration.ZERO, 0), Duration.ZERO, new ManualClock());
  private final LiveFeed feed =
      LiveFeed.of(log, new Metrics(), new MemoryBudget(1 << 20, 1 << 20).batches());
  private final AtomicInteger calls = new AtomicInteger();

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private void append(int batches) {
    for (int i = 0; i < batches; i++) {
      log.append(List.of(Event.of("a", "x")));
    }
  }

  @Test
  void aFollowerReceivesEachBatch() {
    feed.follow(vertx.getOrCreateContext(), batch -> calls.incrementAndGet());
    append(3);
    Wait.until("all have come", () -> calls.get() == 3);
  }

  /** One that is slow keeps nothing in memory. */
  @Test
  void aSignalIsGivenOnceForAllBatchesBeforeIt() throws Exception {
    Context context = vertx.getOrCreateContext();
    var free = new CountDownLatch(1);
    context.runOnContext(
        busy -> {
          try {
            free.await(10, TimeUnit.SECONDS);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    LiveFeed.Follower signal = feed.signal(context, calls::incrementAndGet);
    append(100);
    free.countDown();
    Wait.until("it is given", () -> calls.get() == 1);
    append(1);
    Wait.until("it is given again", () -> calls.get() == 2);
    signal.stop();
    append(1);
    var later = new CountDownLatch(1);
    context.runOnContext(last -> later.countDown());
    later.await(10, TimeUnit.SECONDS);
    assertEquals(2, calls.get());
  }
}
