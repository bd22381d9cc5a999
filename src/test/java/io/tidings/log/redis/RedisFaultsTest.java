package io.tidings.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.tidings.log.Entry;
import io.tidings.log.Gap;
import io.tidings.log.LogState;
import io.tidings.log.LogUnavailable;
import io.tidings.log.Page;
import io.tidings.log.Retention;
import io.tidings.settings.LogSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Faults of Redis under a hub's log: the log is read-only while Redis can't be written, publishing
 * works again when Redis does, and every loss is a gap.
 */
class RedisFaultsTest {
  private static final Selection ALL = Selection.all("**");
  private static final String STREAM = "faults";
  private static final long AWAY_MILLIS = 5_000;

  private final List<RedisServer> servers = new ArrayList<>();
  private final List<SharedLog> logs = new ArrayList<>();
  private RedisServer redis;
  private Vertx vertx;

  /** The entries that the first log delivered, and its last state. */
  private final List<Entry> followed = Collections.synchronizedList(new ArrayList<>());

  private volatile LogState state;
  private SharedLog log;

  @BeforeEach
  void start() throws Exception {
    vertx = Vertx.vertx();
    redis = server();
    log = open();
    log.follow(followed::addAll);
    log.onState(now -> state = now);
  }

  @AfterEach
  void stop() throws Exception {
    for (SharedLog each : logs) {
      get(each.close());
    }
    get(vertx.close());
    for (RedisServer each : servers) {
      each.resume();
      each.close();
    }
  }

  private RedisServer server(String... options) throws IOException {
    RedisServer server = RedisServer.onFreePort(options);
    servers.add(server);
    return server;
  }

  private SharedLog open() throws Exception {
    var keep = new Retention(0, Duration.ZERO, 0);
    LogSettings settings = RedisLogTest.settings(redis.url(), STREAM, 1 << 20, 0, keep);
    RedisStore store = get(RedisStore.open(vertx, settings, InstantSource.system()));
    SharedLog opened = get(SharedLog.open(store, settings, InstantSource.system()));
    logs.add(opened);
    return opened;
  }

  private static <T> T get(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }

  private Entry publish(String data) {
    return get(log.append(List.of(Event.of("a", data)))).get(0);
  }

  private List<Entry> publish(String... data) {
    var entries = new ArrayList<Entry>();
    for (String one : data) {
      entries.add(publish(one));
    }
    return entries;
  }

  /** Publishes until it is acknowledged. */
  private Entry publishEventually(String data) {
    var entries = new ArrayList<Entry>();
    Wait.until(
        data + " is published",
        () -> {
          try {
            return entries.add(publish(data));
          } catch (CompletionException e) {
            assertTrue(e.getCause() instanceof LogUnavailable, e.toString());
            return false;
          }
        });
    return entries.get(0);
  }

  private void awaitState(LogState wanted) {
    Wait.until("it is " + wanted, () -> state == wanted);
  }

  /** A publication is refused, and the log was read-only before. */
  private void assertRefused() {
    awaitState(LogState.READ_ONLY);
    var e = assertThrows(CompletionException.class, () -> publish("refused"));
    assertTrue(e.getCause() instanceof LogUnavailable, e.toString());
  }

  /** A log that is UP accepts a publication at once. */
  private Entry assertWell(String data) {
    awaitState(LogState.UP);
    return publish(data);
  }

  private static List<String> data(List<Entry> entries) {
    return entries.stream().map(entry -> entry.event().data()).distinct().toList();
  }

  private List<Entry> after(Position position) {
    var read = new ArrayList<Entry>();
    Position at = position;
    while (at.offset() < log.bounds().newest()) {
      Page page = get(log.after(at, ALL, 10_000));
      assertTrue(page.gap().isEmpty(), () -> page.gap().toString());
      read.addAll(page.entries());
      at = page.end();
    }
    return read;
  }

  private int connections() {
    try {
      return (int) redis.command("CLIENT", "LIST").lines().count();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void afterAPauseOfManySecondsTheLogContinuesAndNoConnectionLeaks() throws Exception {
    Entry before = publish("before");
    int connections = connections();
    redis.pause();
    assertRefused();
    Wait.until("connections time out", () -> log.behindMillis() > AWAY_MILLIS);
    redis.resume();
    Entry later = assertWell("later");
    List<String> after = data(after(before.position()));
    assertEquals("later", after.get(after.size() - 1));
    assertEquals(before.position().epoch(), later.position().epoch());
    assertAllFollowed();
    Wait.until("connections are closed", () -> connections() <= connections + 8);
  }

  @Test
  void aFlushIsNoticedWhileNothingIsPublished() throws Exception {
    List<Entry> before = publish("1", "2");
    redis.command("FLUSHALL");
    Wait.until("another epoch", () -> log.bounds().epoch() != before.get(1).position().epoch());
    assertEquals(
        Gap.Reason.EPOCH,
        get(log.after(before.get(1).position(), ALL, 1_000)).gap().orElseThrow().reason());
    Entry third = assertWell("3");
    assertEquals(List.of("3"), data(after(log.bounds().begin())));
    assertEquals(third, followed.get(followed.size() - 1));
    assertTrue(
        get(log.find(new ResumeRequest.After(before.get(0).id()), ALL, Selection.EVERYTHING))
            .gap()
            .isPresent());
  }

  @Test
  void anEventPublishedJustAfterAFlushIsAcknowledged() throws Exception {
    List<Entry> before = publish("1", "2");
    redis.command("FLUSHALL");
    Entry third = publishEventually("3");
    assertNotEquals(before.get(0).position().epoch(), third.position().epoch());
    assertEquals(List.of("3"), data(after(log.bounds().begin())));
    assertWell("4");
  }

  @Test
  void anEmptyRedisAtTheSameAddressIsAnotherEpoch() throws Exception {
    Entry before = publish("1");
    redis.kill();
    assertRefused();
    redis.startEmpty();
    Entry after = publishEventually("2");
    assertNotEquals(before.position().epoch(), after.position().epoch());
    Page page = get(log.after(before.position(), ALL, 1_000));
    assertEquals(Gap.Reason.EPOCH, page.gap().orElseThrow().reason());
    assertEquals(List.of("2"), data(page.entries()));
    assertWell("3");
  }

  @Test
  void aRestartedRedisHasEveryAcknowledgedEvent() throws Exception {
    List<Entry> before = publish("1", "2");
    redis.kill();
    assertRefused();
    redis.start();
    assertWell("3");
    List<String> all = data(after(log.bounds().begin()));
    assertTrue(all.containsAll(List.of("1", "2", "3")), all.toString());
    assertEquals(before.get(0).position().epoch(), log.bounds().epoch());
    assertAllFollowed();
  }

  /** A publisher may be answered before the followers receive the entry. */
  private void assertAllFollowed() throws Exception {
    List<String> all = data(after(log.bounds().begin()));
    Wait.until("all are received", () -> data(List.copyOf(followed)).size() >= all.size());
    assertEquals(all, data(List.copyOf(followed)));
  }

  @Test
  void killedConnectionsAreReplaced() throws Exception {
    publish("1");
    for (int i = 0; i < 5; i++) {
      redis.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
      publishEventually("after cut " + i);
    }
    assertWell("last");
    assertAllFollowed();
    assertEquals(7, data(followed).size());
  }

  @Test
  void aRedisOutOfMemoryIsNoticedWhileNothingIsPublished() throws Exception {
    publish("1");
    redis.command("CONFIG", "SET", "maxmemory", "1");
    assertRefused();
    redis.command("CONFIG", "SET", "maxmemory", "0");
    assertWell("2");
    assertAllFollowed();
  }

  @Test
  void entriesTrimmedBeforeTheyWereDeliveredAreAGapInTheSameEpoch() throws Exception {
    SharedLog other = open();
    Entry before = publish("before");
    var held = new CountDownLatch(1);
    var holding = new CountDownLatch(1);
    log.follow(
        entries -> {
          holding.countDown();
          try {
            held.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    get(other.append(List.of(Event.of("a", "held"))));
    holding.await();
    for (int i = 0; i < 10; i++) {
      get(other.append(List.of(Event.of("a", "fast " + i))));
    }
    redis.command("XTRIM", STREAM, "MAXLEN", "2");
    held.countDown();
    Wait.until(
        "the remaining entries are delivered",
        () -> data(List.copyOf(followed)).contains("fast 9"));
    assertWell("after");
    Page page = get(log.after(before.position(), ALL, 10_000));
    assertEquals(Gap.Reason.REMOVED, page.gap().orElseThrow().reason());
    assertEquals(List.of("fast 8", "fast 9", "after"), data(page.entries()));
    assertEquals(before.position().epoch(), log.bounds().epoch());
    assertEquals(List.of("before", "held", "fast 8", "fast 9", "after"), data(followed));
  }

  private static int freePort() throws IOException {
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  /** A replica that has replicated everything; it can replace the master by its port. */
  private RedisServer replica() throws Exception {
    RedisServer replica = server("--replicaof", "127.0.0.1", "" + redis.port());
    Wait.until("the replica is up to date", () -> length(replica) == length(redis));
    return replica;
  }

  private static int length(RedisServer server) {
    try {
      return Integer.parseInt(server.command("XLEN", STREAM));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aFailoverToAReplicaThatIsUpToDateLosesNothing() throws Exception {
    Entry before = publish("1");
    publish("2");
    RedisServer replica = replica();
    int port = redis.port();
    redis.kill();
    replica.command("REPLICAOF", "NO", "ONE");
    replica.command("CONFIG", "SET", "port", "" + port);
    publishEventually("3");
    assertWell("4");
    assertEquals(before.position().epoch(), log.bounds().epoch());
    assertEquals(List.of("2", "3", "4"), data(after(before.position())));
  }

  @Test
  void entriesThatTheReplicaLackedAreAGapAndTheOthersAreKept() throws Exception {
    Entry first = publish("1");
    RedisServer replica = replica();
    replica.command("REPLICAOF", "NO", "ONE");
    Entry lost = publish("lost");
    int port = redis.port();
    redis.kill();
    replica.command("CONFIG", "SET", "port", "" + port);
    Entry third = publishEventually("3");
    assertTrue(third.offset() > lost.offset());
    assertWell("4");
    assertEquals(List.of("3", "4"), data(after(first.position())));
    Page page = get(log.after(lost.position(), ALL, 1_000));
    assertEquals(Gap.Reason.EPOCH, page.gap().orElseThrow().reason());
    assertEquals(List.of("3", "4"), data(page.entries()));
    assertTrue(
        get(log.find(new ResumeRequest.After(lost.id()), ALL, Selection.EVERYTHING))
            .gap()
            .isPresent());
    assertFalse(
        get(log.find(new ResumeRequest.After(first.id()), ALL, Selection.EVERYTHING))
            .gap()
            .isPresent());
  }

  /** No connection is closed: commands to the old master are never answered. */
  @Test
  void aMasterThatVanishedIsReplacedByTheNewOneAtItsAddress() throws Exception {
    Entry before = publish("1");
    RedisServer replica = replica();
    int port = redis.port();
    redis.command("CONFIG", "SET", "port", "0");
    redis.pause();
    replica.command("REPLICAOF", "NO", "ONE");
    replica.command("CONFIG", "SET", "port", "" + port);
    publishEventually("2");
    assertWell("3");
    List<String> after = data(after(before.position()));
    assertTrue(after.containsAll(List.of("2", "3")), after.toString());
  }

  /** No connection is closed: the old master answers that it is a read-only replica. */
  @Test
  void aMasterThatBecameAReplicaIsReplacedByTheNewOneAtItsAddress() throws Exception {
    Entry before = publish("1");
    RedisServer replica = replica();
    int port = redis.port();
    int elsewhere = freePort();
    redis.command("CONFIG", "SET", "port", "" + elsewhere);
    replica.command("REPLICAOF", "NO", "ONE");
    replica.command("CONFIG", "SET", "port", "" + port);
    RedisServer.commandTo(elsewhere, "REPLICAOF", "127.0.0.1", "" + port);
    publishEventually("2");
    assertWell("3");
    List<String> after = data(after(before.position()));
    assertTrue(after.containsAll(List.of("2", "3")), after.toString());
  }
}
