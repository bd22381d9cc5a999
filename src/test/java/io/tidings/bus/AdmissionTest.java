package io.tidings.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.log.LogUnavailable;
import io.tidings.memory.MemoryShare;
import io.tidings.memory.MinuteLimiter;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Vertx vertx = Vertx.vertx();
  private final MemoryShare share = new MemoryShare("queues", 100);
  private final AtomicBoolean open = new AtomicBoolean(true);
  private final AtomicInteger attempts = new AtomicInteger();
  private final AtomicLong nanos = new AtomicLong();
  private final Admission admission =
      new Admission(vertx, share, this::isOpen, new MinuteLimiter(), PATIENCE, nanos::get);

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  @Test
  void aPublicationIsAdmittedAtOnceIfThereIsRoomAndOthersInOrder() throws Exception {
    assertTrue(admission.acquire(60).succeeded());
    List<Integer> order = new ArrayList<>();
    Future<Void> second = admission.acquire(60).onSuccess(acquired -> order.add(2));
    Future<Void> third = admission.acquire(10).onSuccess(acquired -> order.add(3));
    assertFalse(second.isComplete() || third.isComplete(), "a later one must not overtake");
    admission.release(60);
    get(second);
    get(third);
    assertEquals(List.of(2, 3), order);
    assertEquals(70, share.used());
  }

  @Test
  void aPublicationThatWaitedTooLongIsRefusedAndAcquiresNothing() throws Exception {
    assertTrue(admission.acquire(100).succeeded());
    Future<Void> waiting = admission.acquire(1);
    nanos.addAndGet(PATIENCE.toNanos() - 1);
    int before = attempts.get();
    Wait.until("two more attempts were made", () -> attempts.get() >= before + 2);
    assertFalse(waiting.isComplete(), "its patience is not over");
    nanos.incrementAndGet();
    assertRefused(waiting);
    admission.release(100);
    assertEquals(0, share.used());
    assertTrue(admission.acquire(1).succeeded());
  }

  @Test
  void theQueueHasTheLimitOfTheShare() {
    assertTrue(admission.acquire(100).succeeded());
    assertFalse(admission.acquire(60).isComplete());
    assertFalse(admission.acquire(40).isComplete());
    assertInstanceOf(LogUnavailable.class, admission.acquire(1).cause());
  }

  @Test
  void nothingIsAdmittedWhileTheEventLoopsLag() throws Exception {
    open.set(false);
    Future<Void> waiting = admission.acquire(1);
    assertFalse(waiting.isComplete());
    open.set(true);
    get(waiting);
  }

  @Test
  void refusalsAreReportedOnceAMinuteWithTheirNumber() {
    var refusals = new MinuteLimiter();
    long now = Long.MAX_VALUE - 1; // overflows on the way
    assertEquals(1, refusals.count(now));
    assertEquals(0, refusals.count(now + 1));
    assertEquals(0, refusals.count(now + TimeUnit.SECONDS.toNanos(59)));
    assertEquals(3, refusals.count(now + TimeUnit.SECONDS.toNanos(60)));
  }

  private boolean isOpen() {
    attempts.incrementAndGet();
    return open.get();
  }

  private static void assertRefused(Future<Void> acquired) {
    var e = Assertions.assertThrows(ExecutionException.class, () -> get(acquired));
    assertInstanceOf(LogUnavailable.class, e.getCause());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }
}
