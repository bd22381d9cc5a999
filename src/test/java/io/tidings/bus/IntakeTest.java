package io.tidings.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidings.Wait;
import io.tidings.access.ClientGuard;
import io.tidings.auth.Authenticator;
import io.tidings.auth.Principal;
import io.tidings.event.Event;
import io.tidings.event.Publication;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.Retention;
import io.tidings.log.SynchronousLog;
import io.tidings.memory.MemoryBudget;
import io.tidings.metrics.Metrics;
import io.tidings.settings.LimitSettings;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IntakeTest {
  private final Vertx vertx = Vertx.vertx();
  private final EventLog log =
      new SynchronousLog(new Retention(0, Duration.ZERO, 0), Duration.ZERO, InstantSource.system());
  private final List<Entry> appended = new ArrayList<>();

  @BeforeEach
  void listen() throws Exception {
    log.follow(appended::addAll);
    serve(vertx, log);
  }

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  private static void serve(Vertx vertx, EventLog log) throws Exception {
    var intake = new Intake(log, new LimitSettings(100, 10, 20, LimitSettings.Client.UNLIMITED));
    Settings open = Settings.of(Map.of("auth.mode", "open", "auth.secret", "none"));
    Authenticator authenticator = get(Authenticator.create(vertx, open.auth(), Path.of("")));
    var requests = new PublishRequests(vertx, intake, ClientGuard.of(open, new Metrics()));
    get(requests.serve(new BusPrincipals(authenticator, true)));
  }

  @Test
  void aRequestIsAppendedAndAnsweredWithTheId() throws Exception {
    var json = new JsonObject().put("topic", "a").put("data", new JsonObject().put("n", 1));
    String id = get(vertx.eventBus().<String>request(Address.PUBLISH, json)).body();
    assertEquals(appended.get(0).id(), id);
    assertEquals(Event.of("a", "{\"n\":1}"), appended.get(0).event());
  }

  @Test
  void thePublisherSendsEveryField() throws Exception {
    var event = new Event(List.of("a", "b"), "type", "mine", 9, "text\n");
    assertEquals("mine", get(new Publisher(vertx).publish(event)));
    assertEquals(event, appended.get(0).event());
  }

  @Test
  void anInvalidEventIsAFailureWithCodeAndReason() {
    assertFailure("topic: must not be empty", new JsonObject().put("topic", "").put("data", ""));
    assertFailure("data: must be given", new JsonObject().put("topic", "a"));
    assertFailure(
        "topic: must have at most 20 bytes",
        new JsonObject().put("topic", "a".repeat(21)).put("data", ""));
    assertFailure(
        "data: must have at most 100 bytes",
        new JsonObject().put("topic", "a").put("data", "x".repeat(101)));
    assertFailure(
        "topic: must not begin with hub., which is reserved",
        new JsonObject().put("topic", "hub.x").put("data", ""));
    assertFailure(
        "id: must not be a position of the log",
        new JsonObject()
            .put("topic", "a")
            .put("data", "")
            .put("id", log.bounds().head().toString()));
    assertFailure("body: must be a JsonObject", "text");
    assertEquals(List.of(), appended);
  }

  @Test
  void anUnexpectedExceptionIsAFailureWithoutItsMessage() throws Exception {
    EventLog broken =
        (EventLog)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {EventLog.class},
                (proxy, method, arguments) -> {
                  throw new IllegalStateException("the password is sesame");
                });
    Vertx other = Vertx.vertx();
    try {
      serve(other, broken);
      var json = new JsonObject().put("topic", "a").put("data", 1);
      var e =
          assertThrows(
              ExecutionException.class, () -> get(other.eventBus().request(Address.PUBLISH, json)));
      var failure = (ReplyException) e.getCause();
      assertEquals("the hub failed", failure.getMessage());
      assertEquals(500, failure.failureCode());
    } finally {
      get(other.close());
    }
  }

  @Test
  void everyEventLoopReceivesEachBatchByReferenceInOrder() throws Exception {
    LiveFeed feed = LiveFeed.of(log, new Metrics(), new MemoryBudget(1 << 20, 1 << 20).batches());
    List<EntryBatch> first = new CopyOnWriteArrayList<>();
    List<EntryBatch> second = new CopyOnWriteArrayList<>();
    feed.follow(vertx.getOrCreateContext(), first::add);
    feed.follow(vertx.getOrCreateContext(), second::add);
    for (int i = 0; i < 100; i++) {
      get(log.append(List.of(Event.of("a", "" + i), Event.of("a", "and"))));
    }
    Wait.until("both have all batches", () -> first.size() == 100 && second.size() == 100);
    for (int i = 0; i < 100; i++) {
      assertSame(first.get(i), second.get(i));
      assertEquals("" + i, first.get(i).first().event().data());
    }
  }

  @Test
  void aLimitThatChangesCountsForWhatArrivesLater() throws Exception {
    var limits =
        new AtomicReference<>(new LimitSettings(9, 10, 20, LimitSettings.Client.UNLIMITED));
    var memory = new MemoryBudget(1 << 20, 1 << 20);
    var admission =
        new Admission(vertx, memory.queues(), () -> true, memory.refusals(), Duration.ofSeconds(2));
    var intake = new Intake(log, limits::get, admission);
    var publication = Publication.of(List.of(Event.of("a", "123456789")));
    get(intake.publish(Principal.HUB, publication));
    assertEquals(9, intake.maxBody());
    limits.set(limits.get().with(8, 20)); // its body may have been read before
    var refused =
        assertThrows(
            ExecutionException.class, () -> get(intake.publish(Principal.HUB, publication)));
    assertEquals("data: must have at most 8 bytes", refused.getCause().getMessage());
    assertEquals(1, appended.size());
  }

  private void assertFailure(String message, Object body) {
    var e =
        assertThrows(
            ExecutionException.class, () -> get(vertx.eventBus().request(Address.PUBLISH, body)));
    var failure = (ReplyException) e.getCause();
    assertEquals(message, failure.getMessage());
    assertEquals(400, failure.failureCode());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }
}
