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
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What can go wrong between a store and its Redis. */
class RedisStoreTest {
  private static final Stored BEGIN = new Stored(0, null);

  private static RedisServer redis;
  private static Vertx vertx;

  private final List<RedisStore> stores = new ArrayList<>();
  private final String stream = "store-" + System.nanoTime();
  private RedisStore store;

  @BeforeAll
  static void start() throws Exception {
    redis = RedisServer.onFreePort();
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stop() throws Exception {
    get(vertx.close());
    redis.close();
  }

  @BeforeEach
  void open() {
    store = open(settings(redis.url(), 0));
  }

  @AfterEach
  void close() throws Exception {
    redis.resume();
    stores.forEach(each -> get(each.close()));
  }

  private RedisStore open(LogSettings settings) {
    RedisStore opened = get(RedisStore.open(vertx, settings, InstantSource.system()));
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
        log.ring(),
        new LogSettings.Redis(url, stream, 1_000_000, replicas, Settings.NONE));
  }

  private static <T> T get(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }

  private static String failure(Future<?> future) {
    var e = assertThrows(CompletionException.class, () -> get(future));
    return assertInstanceOf(LogUnavailable.class, e.getCause()).getMessage();
  }

  private static class Told implements RecordStore.Follower {
    final List<String> heard = new CopyOnWriteArrayList<>();
    final List<String> told = new CopyOnWriteArrayList<>();

    @Override
    public void hear(List<Stored> records) {
      records.forEach(record -> heard.add(record.bytes().toString()));
    }

    @Override
    public void lost(Gap.Reason why) {
      told.add("lost: " + why);
    }

    @Override
    public void reachable(boolean now) {
      told.add("reachable: " + now);
    }

    @Override
    public void unreachable(String why) {
      told.add("unreachable: " + why);
    }

    @Override
    public Buffer nothing() {
      return Buffer.buffer();
    }
  }

  private void add(String... records) {
    get(store.add(List.of(records).stream().map(Buffer::buffer).toList()));
  }

  @Test
  void whatTheFollowerCanNotTakeInIsLostToItAndItMayFollowAgain() {
    var fails =
        new Told() {
          @Override
          public void hear(List<Stored> records) {
            throw new IllegalStateException("a follower failed, as the test wants it");
          }
        };
    store.follow(BEGIN, fails);
    add("1");
    Wait.until("it is lost", () -> fails.told.contains("lost: FORGOTTEN"));
    var well = new Told();
    store.follow(BEGIN, well);
    add("2");
    Wait.until("all is heard", () -> well.heard.equals(List.of("1", "2")));
    Wait.until("it is reachable", () -> well.told.contains("reachable: true"));
  }

  @Test
  void whoeverFollowsAgainAndAgainLeavesNoConnectionBehind() throws Exception {
    add("1");
    var told = new Told();
    for (int i = 0; i < 30; i++) {
      store.follow(BEGIN, told);
    }
    Wait.until("it is heard", () -> told.heard.contains("1"));
    // one follows, and those of this class's stores and of the one who asks are others
    Wait.until(
        "one connection waits",
        () -> {
          try {
            String list = redis.command("CLIENT", "LIST");
            return list.lines().filter(line -> line.contains("cmd=xread")).count() == 1
                && list.lines().count() < 20;
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
  }

  @Test
  void anAnswerThatDoesNotComeInTimeIsAFailureAndThoseWhoWaitAreLetGo() throws Exception {
    var told = new Told();
    store.follow(BEGIN, told);
    add("1");
    redis.pause();
    assertTrue(failure(store.add(List.of(Buffer.buffer("2")))).contains("does not answer within"));
    assertTrue(failure(store.read(0, 1)).contains("Redis"));
    assertTrue(failure(store.caughtUp()).contains("Redis"));
    assertTrue(failure(store.probe()).contains("Redis"));
    redis.resume();
    Wait.until("it is heard", () -> told.heard.containsAll(List.of("1", "2")));
    get(store.probe());
    get(store.caughtUp());
    assertEquals(2, get(store.read(0, 10)).records().size());
  }

  /** Nobody follows, so nothing is handed over. */
  @Test
  void whoWaitsForWhatIsNeverHandedOverIsLetGo() {
    add("1");
    assertEquals("the log does not answer in time", failure(store.caughtUp()));
  }

  @Test
  void whileItIsFullItSaysSoBeforeAnythingIsAdded() throws Exception {
    add("1");
    redis.command("CONFIG", "SET", "maxmemory", "1");
    try {
      assertTrue(failure(store.probe()).contains("OOM"));
      assertTrue(failure(store.add(List.of(Buffer.buffer("2")))).contains("OOM"));
    } finally {
      redis.command("CONFIG", "SET", "maxmemory", "0");
    }
    get(store.probe());
    assertEquals(1, get(store.read(0, 10)).records().size());
  }

  @Test
  void whereReplicasAreMissingItSaysSoBeforeAnythingIsAdded() {
    add("1");
    RedisStore waits = open(settings(redis.url(), 1));
    assertTrue(failure(waits.probe()).contains("only 0 of 1 replicas"));
    assertTrue(failure(waits.add(List.of(Buffer.buffer("2")))).contains("only 0 of 1 replicas"));
  }

  @Test
  void whoMayNotSetTheStreamsIdIsTakenForOneWhoMayAdd() throws Exception {
    add("1");
    redis.command(
        "ACL", "SETUSER", "hub", "on", ">secret", "~" + stream, "+@all", "-xsetid", "-@dangerous");
    RedisStore restricted = open(settings("redis://hub:secret@127.0.0.1:" + redis.port(), 0));
    get(restricted.probe());
    redis.command("ACL", "SETUSER", "hub", "resetkeys", "~other");
    String why = failure(restricted.add(List.of(Buffer.buffer("2"))));
    assertTrue(why.contains("permission") || why.contains("access"), why);
  }

  @Test
  void theStreamThatIsReplacedWhileNobodyAddsIsNoticed() throws Exception {
    var told = new Told();
    add("1");
    store.follow(BEGIN, told);
    Wait.until("it is heard", () -> told.heard.contains("1"));
    redis.command("DEL", stream);
    Wait.until("it is lost", () -> told.told.contains("lost: EPOCH"));
    assertEquals(0, store.oldest());
  }

  @Test
  void whatSomebodyElsePutIntoTheStreamIsARecordOfNobody() throws Exception {
    redis.command("XADD", stream, "*", "other", "field");
    assertEquals(0, get(store.read(0, 10)).records().get(0).bytes().length());
  }

  @Test
  void aUrlThatIsNoneSaysSo() {
    for (String url : List.of("no url", "redis://:s[cret@127.0.0.1:6379")) {
      Future<RedisStore> opened = RedisStore.open(vertx, settings(url, 0), InstantSource.system());
      assertEquals("log.redis.url: must be a URL such as redis://127.0.0.1:6379", failure(opened));
    }
  }
}
