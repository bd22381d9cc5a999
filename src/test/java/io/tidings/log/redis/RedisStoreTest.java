package io.tidings.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.log.Gap;
import io.tidings.log.LogUnavailable;
import io.tidings.log.Retention;
import io.tidings.log.redis.RecordStore.Stored;
import io.tidings.settings.LogSettings;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Faults between a store and its Redis. */
class RedisStoreTest {
  private static final Stored BEGIN = Stored.place(0);

  @RegisterExtension static final RedisExtension REDIS = new RedisExtension();

  private final List<RedisStore> stores = new ArrayList<>();
  private final String stream = "store-" + System.nanoTime();
  private RedisStore store;

  @BeforeEach
  void open() {
    store = open(settings(REDIS.server().url(), 0));
  }

  @AfterEach
  void close() throws Exception {
    REDIS.server().resume();
    stores.forEach(each -> get(each.close()));
  }

  private RedisStore open(LogSettings settings) {
    RedisStore opened = get(RedisStore.open(REDIS.vertx(), settings, InstantSource.system()));
    stores.add(opened);
    return opened;
  }

  private LogSettings settings(String url, int replicas) {
    var keep = new Retention(0, Duration.ZERO, 0);
    LogSettings log = RedisLogTest.settings(url, stream, 1 << 20, 0, keep);
    return new LogSettings(
        log.kind(),
        log.dir(),
        log.sync(),
        log.once(),
        log.memory(),
        log.keep(),
        log.patience(),
        log.raft(),
        new LogSettings.Redis(url, stream, 1_000_000, replicas, Settings.NONE));
  }

  private static <T> T get(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }

  private static String failure(Future<?> future) {
    var e = assertThrows(CompletionException.class, () -> get(future));
    return assertInstanceOf(LogUnavailable.class, e.getCause()).getMessage();
  }

  private static class Recorder implements RecordStore.Follower {
    final List<String> records = new CopyOnWriteArrayList<>();
    final List<String> calls = new CopyOnWriteArrayList<>();

    @Override
    public void receive(List<Stored> stored) {
      stored.forEach(record -> records.add(record.bytes().toString()));
    }

    @Override
    public void lost(Gap.Reason why) {
      calls.add("lost: " + why);
    }

    @Override
    public void reachable() {
      calls.add("reachable");
    }

    @Override
    public void unreachable(String why) {
      calls.add("unreachable: " + why);
    }
  }

  private void add(String... records) {
    get(store.add(List.of(records).stream().map(Buffer::buffer).toList()));
  }

  @Test
  void aFollowerThatThrowsHasLostRecordsAndMayFollowAgain() {
    var fails =
        new Recorder() {
          @Override
          public void receive(List<Stored> records) {
            throw new IllegalStateException("a follower failed on purpose");
          }
        };
    store.follow(BEGIN, fails);
    add("1");
    Wait.until("it is lost", () -> fails.calls.contains("lost: REMOVED"));
    var well = new Recorder();
    store.follow(BEGIN, well);
    add("2");
    Wait.until("all are received", () -> well.records.equals(List.of("1", "2")));
    Wait.until("it is reachable", () -> well.calls.contains("reachable"));
  }

  @Test
  void followingRepeatedlyLeaksNoConnection() throws Exception {
    add("1");
    var recorder = new Recorder();
    for (int i = 0; i < 30; i++) {
      store.follow(BEGIN, recorder);
    }
    Wait.until("it is received", () -> recorder.records.contains("1"));
    // beside the tail there are the pools of this class's stores, and the test's connection
    Wait.until(
        "one connection waits",
        () -> {
          try {
            String list = REDIS.server().command("CLIENT", "LIST");
            return list.lines().filter(line -> line.contains("cmd=xread")).count() == 1
                && list.lines().count() < 20;
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
  }

  @Test
  void aMissingAnswerIsAFailureAndEndsTheWaiting() throws Exception {
    var recorder = new Recorder();
    store.follow(BEGIN, recorder);
    add("1");
    REDIS.server().pause();
    assertTrue(failure(store.add(List.of(Buffer.buffer("2")))).contains("does not answer within"));
    assertTrue(failure(store.read(0, 1)).contains("Redis"));
    assertTrue(failure(store.caughtUp()).contains("Redis"));
    assertTrue(failure(store.probe()).contains("Redis"));
    REDIS.server().resume();
    Wait.until("it is received", () -> recorder.records.containsAll(List.of("1", "2")));
    get(store.probe());
    get(store.caughtUp());
    assertEquals(2, get(store.read(0, 10)).records().size());
  }

  /** Nothing follows the store, so nothing is delivered. */
  @Test
  void waitingForRecordsThatAreNeverDeliveredFails() {
    add("1");
    assertEquals("the log does not answer in time", failure(store.caughtUp()));
  }

  @Test
  void itIsBehindForAsLongAsRedisIsUnreachable() throws Exception {
    var nanos = new AtomicLong(1);
    LogSettings settings = settings(REDIS.server().url(), 0);
    RedisStore clocked =
        get(RedisStore.open(REDIS.vertx(), settings, InstantSource.system(), nanos::get));
    stores.add(clocked);
    var recorder = new Recorder();
    add("1");
    clocked.follow(BEGIN, recorder);
    Wait.until("it is received", () -> recorder.records.contains("1"));
    assertEquals(0, clocked.behindMillis());
    REDIS.server().pause();
    Wait.until(
        "it is unreachable",
        () -> recorder.calls.stream().anyMatch(call -> call.startsWith("unreachable")));
    assertEquals(0, clocked.behindMillis());
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(5_000));
    assertEquals(5_000, clocked.behindMillis());
    REDIS.server().resume();
    Wait.until("it is reachable", () -> recorder.calls.contains("reachable"));
    assertEquals(0, clocked.behindMillis());
  }

  @Test
  void aFullRedisFailsTheProbe() throws Exception {
    add("1");
    REDIS.server().command("CONFIG", "SET", "maxmemory", "1");
    try {
      assertTrue(failure(store.probe()).contains("OOM"));
      assertTrue(failure(store.add(List.of(Buffer.buffer("2")))).contains("OOM"));
    } finally {
      REDIS.server().command("CONFIG", "SET", "maxmemory", "0");
    }
    get(store.probe());
    assertEquals(1, get(store.read(0, 10)).records().size());
  }

  @Test
  void missingReplicasFailTheProbe() {
    add("1");
    RedisStore waits = open(settings(REDIS.server().url(), 1));
    assertTrue(failure(waits.probe()).contains("only 0 of 1 replicas"));
    assertTrue(failure(waits.add(List.of(Buffer.buffer("2")))).contains("only 0 of 1 replicas"));
  }

  @Test
  void theProbeSucceedsForAUserWhoMayNotSetTheStreamsId() throws Exception {
    add("1");
    REDIS
        .server()
        .command(
            "ACL",
            "SETUSER",
            "hub",
            "on",
            ">secret",
            "~" + stream,
            "+@all",
            "-xsetid",
            "-@dangerous");
    RedisStore restricted =
        open(settings("redis://hub:secret@127.0.0.1:" + REDIS.server().port(), 0));
    get(restricted.probe());
    REDIS.server().command("ACL", "SETUSER", "hub", "resetkeys", "~other");
    String why = failure(restricted.add(List.of(Buffer.buffer("2"))));
    assertTrue(why.contains("permission") || why.contains("access"), why);
  }

  @Test
  void aDeletedStreamIsNoticedWhileNothingIsAdded() throws Exception {
    var recorder = new Recorder();
    add("1");
    store.follow(BEGIN, recorder);
    Wait.until("it is received", () -> recorder.records.contains("1"));
    REDIS.server().command("DEL", stream);
    Wait.until("it is lost", () -> recorder.calls.contains("lost: EPOCH"));
    assertEquals(0, store.oldest());
  }

  @Test
  void anEntryOfAnotherProgramIsAnEmptyRecord() throws Exception {
    REDIS.server().command("XADD", stream, "*", "other", "field");
    assertEquals(0, get(store.read(0, 10)).records().get(0).bytes().length());
  }

  @Test
  void anInvalidUrlIsReportedWithoutItsPassword() {
    for (String url : List.of("no url", "redis://:s[cret@127.0.0.1:6379")) {
      Future<RedisStore> opened =
          RedisStore.open(REDIS.vertx(), settings(url, 0), InstantSource.system());
      assertEquals("log.redis.url: must be a URL such as redis://127.0.0.1:6379", failure(opened));
    }
  }
}
