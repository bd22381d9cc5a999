package io.tidings.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.EventLogContract;
import io.tidings.log.Gap;
import io.tidings.log.LogState;
import io.tidings.log.ManualClock;
import io.tidings.log.Retention;
import io.tidings.settings.LogSettings;
import io.tidings.settings.Settings;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RedisLogTest extends EventLogContract {
  private static final Retention ALL = new Retention(0, Duration.ZERO, 0);

  @RegisterExtension static final RedisExtension REDIS = new RedisExtension();

  /** The memory for the newest entries, in bytes. */
  long memory() {
    return 64 << 20;
  }

  @Override
  protected EventLog open(Retention keep, ManualClock clock) throws Exception {
    LogSettings settings =
        settings(REDIS.server().url(), "log-" + System.nanoTime(), memory(), keep.entries(), keep);
    RedisStore store = get(RedisStore.open(REDIS.vertx(), settings, clock));
    return get(SharedLog.open(store, settings, clock));
  }

  /** Settings outside the bounds that are checked for users. */
  static LogSettings settings(
      String url, String stream, long memory, long entries, Retention keep) {
    LogSettings log = Settings.of(Map.of()).log();
    return new LogSettings(
        LogSettings.Kind.REDIS,
        log.dir(),
        log.sync(),
        ONCE,
        memory,
        new LogSettings.Keep(0, keep.age(), 0),
        log.patience(),
        log.raft(),
        new LogSettings.Redis(url, stream, entries, 0, Settings.NONE));
  }

  /** The stream looks as on a lagging replica that has become the master. */
  @Test
  void entriesLostByAFailoverAreAGapAndNoIdIsUsedTwice() throws Exception {
    String stream = "log-" + System.nanoTime();
    LogSettings settings = settings(REDIS.server().url(), stream, memory(), 0, ALL);
    RedisStore store = get(RedisStore.open(REDIS.vertx(), settings, clock));
    EventLog log = get(SharedLog.open(store, settings, clock));
    List<Entry> entries = publish(log, "a", "1", "2", "3", "4");
    var readOnly = new CountDownLatch(1);
    log.onState(
        state -> {
          if (state == LogState.READ_ONLY) {
            readOnly.countDown();
          }
        });
    Redis client = Redis.createClient(REDIS.vertx(), REDIS.server().url());
    Function<Entry, String> id =
        entry -> (entry.offset() >> 20) + "-" + (entry.offset() & ((1 << 20) - 1));
    get(client.send(Request.cmd(Command.XDEL, stream, id.apply(entries.get(2)))));
    get(client.send(Request.cmd(Command.XDEL, stream, id.apply(entries.get(3)))));
    get(client.send(Request.cmd(Command.XSETID, stream, id.apply(entries.get(1)))));
    get(client.send(Request.cmd(Command.CLIENT, "KILL", "TYPE", "normal", "SKIPME", "yes")));
    assertTrue(readOnly.await(10, TimeUnit.SECONDS));
    Entry fifth = publish(log, "a", "5").get(0);
    assertTrue(fifth.offset() > entries.get(3).offset());
    var page = get(log.after(entries.get(1).position(), Selection.all("a"), 10_000));
    assertTrue(page.gap().isEmpty());
    assertEquals(List.of("5"), data(page.entries()));
    var lost =
        get(
            log.find(
                new ResumeRequest.After(entries.get(3).id()),
                Selection.all("a"),
                Selection.EVERYTHING));
    assertEquals(Gap.Reason.LOST, lost.gap().orElseThrow().reason());
    assertEquals(List.of("5"), data(readOn(log, lost.after(), Selection.all("a"))));
    get(log.close());
    get(client.close());
  }

  @Test
  void acknowledgedEventsAreOnAsManyReplicasAsConfigured() throws Exception {
    LogSettings one = settings(REDIS.server().url(), "log-" + System.nanoTime(), memory(), 0, ALL);
    var waits = new LogSettings.Redis(one.redis().url(), one.redis().stream(), 0, 1, Settings.NONE);
    var settings =
        new LogSettings(
            one.kind(),
            one.dir(),
            one.sync(),
            ONCE,
            memory(),
            one.keep(),
            one.patience(),
            one.raft(),
            waits);
    try (var replica =
        RedisServer.onFreePort("--replicaof", "127.0.0.1", "" + REDIS.server().port())) {
      RedisStore store = get(RedisStore.open(REDIS.vertx(), settings, clock));
      EventLog log = get(SharedLog.open(store, settings, clock));
      publish(log, "a", "1");
      Redis client = Redis.createClient(REDIS.vertx(), replica.url());
      Request all = Request.cmd(Command.XRANGE, one.redis().stream(), "-", "+");
      assertTrue(get(client.send(all)).toString().contains("1"));
      replica.kill();
      var refused = log.append(List.of(Event.of("a", "2")));
      var e = assertThrows(ExecutionException.class, () -> get(refused));
      assertTrue(e.getMessage().contains("replicas"), e.getMessage());
      get(log.close());
      get(client.close());
    }
  }
}
