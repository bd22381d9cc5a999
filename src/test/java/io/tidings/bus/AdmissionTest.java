package io.tidings.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final Duration SHORT = Duration.ofMillis(50);

  private final Vertx vertx = Vertx.vertx();
  private final MemoryShare share = new MemoryShare("queues", 100);
  private final AtomicBoolean open = new AtomicBoolean(true);

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  @Test
  void aPublicationIsAdmittedAtOnceIfThereIsRoomAndOthersInOrder() throws Exception {
    Admission admission = admission(LONG);
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
    Admission admission = admission(SHORT);
    assertTrue(admission.acquire(100).succeeded());
    assertRefused(admission.acquire(1));
    admission.release(100);
    assertEquals(0, share.used());
    assertTrue(admission.acquire(1).succeeded());
  }

  @Test
  void theQueueHasTheLimitOfTheShare() {
    Admission admission = admission(LONG);
    assertTrue(admission.acquire(100).succeeded());
    assertFalse(admission.acquire(60).isComplete());
    assertFalse(admission.acquire(40).isComplete());
    assertInstanceOf(LogUnavailable.class, admission.acquire(1).cause());
  }

  @Test
  void nothingIsAdmittedWhileTheEventLoopsLag() throws Exception {
    Admission admission = admission(LONG);
    open.set(false);
    Future<Void> waiting = admission.acquire(1);
    assertFalse(waiting.isComplete());
    open.set(true);
    get(waiting);
  }

  @Test
  void refusalsAreReportedOnceAMinuteWithTheirNumber() {
    var refusals = new MinuteLimiter();
    long now = System.nanoTime();
    assertEquals(1, refusals.count(now));
    assertEquals(0, refusals.count(now + 1));
    assertEquals(0, refusals.count(now + TimeUnit.SECONDS.toNanos(59)));
    assertEquals(3, refusals.count(now + TimeUnit.SECONDS.toNanos(60)));
  }

  private Admission admission(Duration patience) {
    return new Admission(vertx, share, open::get, new MinuteLimiter(), patience);
  }

  private static void assertRefused(Future<Void> acquired) {
    var e = Assertions.assertThrows(ExecutionException.class, () -> get(acquired));
    assertInstanceOf(LogUnavailable.class, e.getCause());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }
}
