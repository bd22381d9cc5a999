package io.tidings.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.CapturedLog;
import io.tidings.Wait;
import io.tidings.event.Event;
import io.tidings.log.Entry;
import io.tidings.memory.MemoryBudget;
import io.tidings.metrics.Metrics;
import io.tidings.settings.BusSettings.Relay;
import io.tidings.settings.InvalidSetting;
import io.tidings.settings.LimitSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.ReplyException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RelayInTest {
  private static final String ADDRESS = "machine.readings";
  private static final Relay RELAY = new Relay("in", ADDRESS);

  private final Vertx vertx = Vertx.vertx();
  private final FaultyLog log = new FaultyLog(0);
  private final Intake intake =
      new Intake(log, new LimitSettings(100, 10, 20, LimitSettings.Client.UNLIMITED));
  private final AtomicBoolean leader = new AtomicBoolean(true);
  private final AtomicLong nanos = new AtomicLong();

  private LiveFeed feed;

  @BeforeEach
  void deploy() throws Exception {
    feed = LiveFeed.of(log, new Metrics(), new MemoryBudget(1 << 20, 1 << 20).batches());
    get(vertx.deployVerticle(new RelayIn(RELAY, intake, feed, leader::get, nanos::get)));
  }

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  @Test
  void theLeaderAppendsPublishedMessagesOnceInOrder() {
    List<String> data = IntStream.range(0, 250).mapToObj(Integer::toString).toList();
    data.forEach(one -> vertx.eventBus().publish(ADDRESS, one));
    awaitData(data);
  }

  @Test
  void aSentMessageIsAppendedByTheNodeThatReceivesItAlsoIfItIsNotTheLeader() {
    leader.set(false);
    vertx.eventBus().send(ADDRESS, "1");
    awaitData(List.of("1"));
  }

  @Test
  void aRequestIsAnsweredWithTheIdOfItsEntry() throws Exception {
    var headers = new DeliveryOptions().addHeader("id", "mine").addHeader("type", "reading");
    assertEquals("mine", get(vertx.eventBus().request(ADDRESS, 21.5, headers)).body());
    assertEquals(List.of("21.5"), log.data());
  }

  @Test
  void aMessageWithTheHeaderPrivateIsAPrivateEvent() throws Exception {
    List<Entry> appended = new CopyOnWriteArrayList<>();
    log.follow(appended::addAll);
    for (String value : List.of("", "true")) {
      get(
          vertx
              .eventBus()
              .request(ADDRESS, "1", new DeliveryOptions().addHeader("private", value)));
    }
    get(vertx.eventBus().request(ADDRESS, "2"));
    assertEquals(
        List.of(true, true, false),
        appended.stream().map(entry -> entry.event().isPrivate()).toList());
    var wrong = new DeliveryOptions().addHeader("private", "no");
    var refused =
        assertThrows(
            ExecutionException.class, () -> get(vertx.eventBus().request(ADDRESS, "3", wrong)));
    assertEquals("private: must have no value, or true", refused.getCause().getMessage());
    assertEquals(3, appended.size());
  }

  @Test
  void anInvalidMessageIsRefusedAndNotAppended() {
    var e =
        assertThrows(
            ExecutionException.class,
            () -> get(vertx.eventBus().request(ADDRESS, "x".repeat(101))));
    assertEquals(400, ((ReplyException) e.getCause()).failureCode());
    assertEquals(List.of(), log.data());
  }

  @Test
  void aFailedAppendIsRetriedWithoutDuplicates() {
    log.unknownOutcomes.set(2);
    List.of("1", "2", "3").forEach(one -> vertx.eventBus().publish(ADDRESS, one));
    awaitData(List.of("1", "2", "3"));
    assertTrue(log.appends.get() >= 4, "two failures, and two groups");
  }

  @Test
  void anAppendThatFailsForTooLongIsDroppedAndReportedAndTheNextFollows() {
    log.refused = publication -> publication.events().get(0).data().equals("1");
    try (var lines = new CapturedLog(RelayIn.class)) {
      vertx.eventBus().publish(ADDRESS, "1");
      Wait.until("the append fails", () -> log.appends.get() > 0);
      vertx.eventBus().publish(ADDRESS, "2");
      nanos.addAndGet(TimeUnit.SECONDS.toNanos(RelayIn.RETENTION_SECONDS) + 1);
      awaitData(List.of("2"));
      assertTrue(lines.contains("1 messages were dropped: refused"));
    }
  }

  @Test
  void aNewLeaderAppendsOnlyTheCopiesThatAreNotInTheLog() {
    leader.set(false);
    log.append(List.of(Event.of("in", "1"))); // appended by the leader before the message arrives
    vertx.eventBus().publish(ADDRESS, "1");
    vertx.eventBus().publish(ADDRESS, "2");
    log.append(List.of(Event.of("in", "2"))); // and after it has arrived
    vertx.eventBus().publish(ADDRESS, "3");
    assertThrows( // the reply follows all messages before it
        ExecutionException.class, () -> get(vertx.eventBus().request(ADDRESS, "x".repeat(101))));
    assertEquals(List.of("1", "2"), log.data());
    leader.set(true);
    awaitData(List.of("1", "2", "3"));
  }

  @Test
  void anInvalidTopicIsAnInvalidSetting() {
    assertThrows(
        InvalidSetting.class, () -> new RelayIn(new Relay("", ADDRESS), intake, feed, leader::get));
  }

  /** Waits for as many entries, or more, and compares them. */
  private void awaitData(List<String> expected) {
    Wait.until("the messages are appended", () -> log.data().size() >= expected.size());
    assertEquals(expected, log.data());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }
}
