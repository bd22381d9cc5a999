package io.tidings.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.CapturedLog;
import io.tidings.Wait;
import io.tidings.event.Event;
import io.tidings.event.Visibility;
import io.tidings.log.Entry;
import io.tidings.memory.MemoryBudget;
import io.tidings.metrics.Metrics;
import io.tidings.settings.BusSettings.Relay;
import io.tidings.settings.InvalidSetting;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RelayOutTest {
  private static final String ADDRESS = "news";
  private static final Relay RELAY = new Relay("a.*", ADDRESS);

  private final Vertx vertx = Vertx.vertx();
  private final FaultyLog log = new FaultyLog(1_000);
  private final FaultyCheckpoints checkpoints = new FaultyCheckpoints();
  private final AtomicBoolean leader = new AtomicBoolean(true);
  private final List<JsonObject> received = new CopyOnWriteArrayList<>();

  /** The checkpoint of the one relay, whose writes fail on command. */
  private static final class FaultyCheckpoints implements Checkpoints {
    private volatile Optional<String> id = Optional.empty();
    private volatile boolean failing;

    @Override
    public Future<Optional<String>> read(String name) {
      return Future.succeededFuture(id);
    }

    @Override
    public Future<Void> write(String name, String newId) {
      if (failing) {
        return Future.failedFuture("can't be written");
      }
      id = Optional.of(newId);
      return Future.succeededFuture();
    }
  }

  private LiveFeed feed;

  @BeforeEach
  void subscribe() throws Exception {
    feed = LiveFeed.of(log, new Metrics(), new MemoryBudget(1 << 20, 1 << 20).batches());
    var consumer =
        vertx.eventBus().<JsonObject>consumer(ADDRESS, message -> received.add(message.body()));
    get(consumer.completion());
  }

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  @Test
  void theEntriesOfTheFilterArePublishedOnceInOrder() throws Exception {
    deploy(leader::get);
    var expected = new ArrayList<String>();
    for (int i = 0; i < 300; i++) {
      append("a.x", "" + i);
      append("b", "other");
      expected.add("" + i);
    }
    awaitReceived(expected);
  }

  @Test
  void aMessageHasTheFieldsOfTheEvent() throws Exception {
    deploy(leader::get);
    get(log.append(List.of(new Event(List.of("a.x"), "type", "é", Event.NO_RETRY, "text"))));
    awaitReceived(List.of("text"));
    var expected =
        new JsonObject()
            .put("id", log.bounds().head().toString())
            .put("topic", "a.x")
            .put("publisher_id", "é")
            .put("type", "type")
            .put("data", "text");
    assertEquals(expected, received.get(0));
  }

  @Test
  void aPrivateEventIsRelayedWithItsMark() throws Exception {
    deploy(leader::get);
    get(log.append(List.of(Event.of("a.x", "1").with(Visibility.PRIVATE))));
    append("a.x", "2");
    awaitReceived(List.of("1", "2"));
    assertEquals(true, received.get(0).getValue("private"));
    assertFalse(received.get(1).containsKey("private"));
  }

  @Test
  void afterARestartItResumesAtTheCheckpoint() throws Exception {
    String deployment = deploy(leader::get);
    append("a.x", "1");
    Entry second = append("a.x", "2");
    awaitCheckpoint(second);
    get(vertx.undeploy(deployment));
    append("a.x", "3");
    deploy(leader::get);
    append("a.x", "4");
    awaitReceived(List.of("1", "2", "3", "4"));
  }

  @Test
  void onlyTheLeaderPublishesAndTheNextOneResumes() throws Exception {
    var next = new AtomicBoolean();
    var stopped = new AtomicBoolean();
    deploy(
        () -> {
          stopped.set(!leader.get());
          return leader.get();
        });
    deploy(next::get);
    Entry first = append("a.x", "1");
    awaitCheckpoint(first);
    leader.set(false);
    Wait.until("the first relay has stopped", stopped::get);
    append("a.x", "2");
    next.set(true);
    append("a.x", "3");
    awaitReceived(List.of("1", "2", "3"));
  }

  @Test
  void aFailedReadIsRetried() throws Exception {
    deploy(leader::get);
    log.failingReads.set(2);
    append("a.x", "1");
    awaitReceived(List.of("1"));
    assertEquals(0, log.failingReads.get());
  }

  @Test
  void aFailedCheckpointRepeatsNothingAndTheNextOneIsWritten() throws Exception {
    deploy(leader::get);
    checkpoints.failing = true;
    append("a.x", "1");
    awaitReceived(List.of("1"));
    checkpoints.failing = false;
    Entry second = append("a.x", "2");
    awaitCheckpoint(second);
    awaitReceived(List.of("1", "2"));
  }

  @Test
  void entriesThatWereEvictedBeforeItResumesAreReportedAndTheRestIsPublished() throws Exception {
    String deployment = deploy(leader::get);
    Entry last = append("a.x", "last");
    awaitCheckpoint(last);
    get(vertx.undeploy(deployment));
    List<String> data = IntStream.range(0, 1_500).mapToObj(Integer::toString).toList();
    for (String one : data) {
      append("a.x", one);
    }
    try (var lines = new CapturedLog(RelayOut.class)) {
      deploy(leader::get);
      var expected = new ArrayList<>(List.of("last"));
      expected.addAll(data.subList(500, 1_500));
      awaitReceived(expected);
      assertTrue(lines.contains("entries are missing: removed"));
    }
  }

  @Test
  void anInvalidPatternIsAnInvalidSetting() {
    assertThrows(
        InvalidSetting.class,
        () -> new RelayOut(new Relay("", ADDRESS), log, feed, checkpoints, leader::get));
  }

  /** Deploys a relay; if it is the leader, also waits until it has found where to begin. */
  private String deploy(BooleanSupplier isLeader) throws Exception {
    String deployment =
        get(vertx.deployVerticle(new RelayOut(RELAY, log, feed, checkpoints, isLeader)));
    assertTrue(
        checkpoints.id.isPresent() || !isLeader.getAsBoolean(),
        "what is appended from now on is relayed");
    return deployment;
  }

  private Entry append(String topic, String data) throws Exception {
    return get(log.append(List.of(Event.of(topic, data)))).get(0);
  }

  private void awaitCheckpoint(Entry entry) {
    Wait.until(
        "the checkpoint is written",
        () -> checkpoints.id.equals(Optional.of(entry.position().toString())));
  }

  /** Waits for as many messages, or more, and compares their data. */
  private void awaitReceived(List<String> expected) {
    Wait.until("the messages are received", () -> received.size() >= expected.size());
    assertEquals(expected, received.stream().map(message -> message.getString("data")).toList());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }
}
