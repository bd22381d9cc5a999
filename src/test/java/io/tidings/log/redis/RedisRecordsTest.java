package io.tidings.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidings.CapturedLog;
import io.tidings.Wait;
import io.tidings.log.ExpiringRecord;
import io.tidings.log.ExpiringRecords;
import io.tidings.log.ExpiringRecordsContract;
import io.tidings.log.LogState;
import io.tidings.log.LogUnavailable;
import io.tidings.log.ManualClock;
import io.tidings.log.OutcomeUnknown;
import io.tidings.log.RecordTable;
import io.tidings.log.Retention;
import io.tidings.log.TooManyRecords;
import io.tidings.settings.LogSettings;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(120)
class RedisRecordsTest extends ExpiringRecordsContract {
  @RegisterExtension static final RedisExtension REDIS = new RedisExtension();

  private final ManualClock clock = new ManualClock();
  private final String stream = "records-" + System.nanoTime();
  private final List<SharedLog> opened = new CopyOnWriteArrayList<>();
  private SharedLog log;
  private SharedLog other;

  @BeforeEach
  void open() throws Exception {
    log = openLog();
    other = openLog();
  }

  private SharedLog openLog() throws Exception {
    LogSettings settings =
        RedisLogTest.settings(
            REDIS.server().url(), stream, 1 << 20, 0, new Retention(0, Duration.ZERO, 0));
    RedisStore store = get(RedisStore.open(REDIS.vertx(), settings, clock));
    SharedLog shared = get(SharedLog.open(store, settings, clock));
    opened.add(shared);
    return shared;
  }

  @AfterEach
  void close() throws Exception {
    REDIS.server().resume();
    for (SharedLog one : opened) {
      get(one.close());
    }
  }

  @Override
  protected ExpiringRecords records() {
    return log.records();
  }

  @Override
  protected ExpiringRecords others() {
    return other.records();
  }

  @Test
  void recordsAreKnownWhenALogHasOpened() throws Exception {
    for (int i = 0; i < 1_100; i++) {
      Future<ExpiringRecord> put = records().putIfAbsent(record("a", "key " + i, "" + i));
      if (i % 100 == 99) {
        get(put);
      }
    }
    List<String> values = follow(openLog().records(), "a");
    assertEquals(1_100, values.size());
  }

  @Test
  void aRecordIsForgottenSomeTimeAfterItsEnd() throws Exception {
    var first = new ExpiringRecord("a", "key", "1", clock.instant().plusSeconds(10));
    get(records().putIfAbsent(first));
    clock.advance(RecordTable.GRACE.plusSeconds(9));
    assertEquals(first, get(records().putIfAbsent(record("a", "key", "2"))));
    clock.advance(Duration.ofSeconds(1));
    assertEquals("3", get(others().putIfAbsent(record("a", "key", "3"))).value());
    assertEquals("1", REDIS.server().command("XLEN", stream + ":expiring"));
    assertEquals("2", REDIS.server().command("HLEN", stream + ":expiring:keys"));
    assertEquals("1", REDIS.server().command("ZCARD", stream + ":expiring:ends"));
  }

  @Test
  void aHubWhoseClockIsFarAheadMakesTheOthersForgetNothing() throws Exception {
    var first = new ExpiringRecord("a", "key", "1", Instant.now().plus(Duration.ofDays(1)));
    get(records().putIfAbsent(first));
    clock.jump(Duration.ofDays(3_650));
    get(records().putIfAbsent(record("a", "another", "")));
    assertEquals("1", get(others().putIfAbsent(record("a", "key", "2"))).value());
    assertEquals(1, follow(records(), "a").stream().filter("1"::equals).count());
  }

  @Test
  void thatRecordsCannotBeReadIsLoggedOnceAndWhenTheyCanAgain() throws Exception {
    try (var lines = new CapturedLog(RedisRecords.class)) {
      REDIS.server().command("ACL", "SETUSER", "default", "resetkeys", "~" + stream);
      Wait.until("both hubs log it", () -> count(lines, "does not hear of revocations") == 2);
      REDIS.server().command("ACL", "SETUSER", "default", "allkeys");
      Wait.until("both hubs log it", () -> count(lines, "can be read from Redis again") == 2);
      assertEquals(2, count(lines, "does not hear of revocations"), "once by each");
    }
  }

  private static long count(CapturedLog lines, String text) {
    return lines.lines().stream().filter(line -> line.contains(text)).count();
  }

  @Test
  void aUserWithoutTheKeysOfRecordsHasALogButStoresNone() throws Exception {
    REDIS.server().command("ACL", "SETUSER", "limited", "on", ">pass", "~" + stream, "+@all");
    String url = "redis://limited:pass@127.0.0.1:" + REDIS.server().port();
    LogSettings settings =
        RedisLogTest.settings(url, stream, 1 << 20, 0, new Retention(0, Duration.ZERO, 0));
    RedisStore store = get(RedisStore.open(REDIS.vertx(), settings, clock));
    SharedLog limited = get(SharedLog.open(store, settings, clock));
    opened.add(limited);
    var failure =
        assertThrows(
            ExecutionException.class,
            () -> get(limited.records().putIfAbsent(record("a", "key", "1"))));
    assertEquals(LogUnavailable.class, failure.getCause().getClass());
  }

  @Test
  void withoutRoomARecordIsRefused() throws Exception {
    get(records().putIfAbsent(record("a", "key", "1")));
    String keys = stream + ":expiring:keys";
    REDIS.server().command("HSET", keys, "a\n", "1 " + RecordTable.MAX_BYTES);
    var failure =
        assertThrows(
            ExecutionException.class, () -> get(records().putIfAbsent(record("a", "more", ""))));
    assertInstanceOf(LogUnavailable.class, failure.getCause());
    assertEquals("1", get(records().putIfAbsent(record("a", "key", "2"))).value());
    assertEquals("3", get(records().putIfAbsent(record("b", "other kind", "3"))).value());
    REDIS.server().command("HSET", keys, "b\n", RecordTable.MAX_RECORDS + " 1");
    assertThrows(
        ExecutionException.class, () -> get(records().putIfAbsent(record("b", "more", ""))));
  }

  @Test
  void anOwnerWithAsManyRecordsAsOneMayHaveLeavesRoomForOthers() throws Exception {
    var first = new ExpiringRecord("a", "mallory:1", "1", clock.instant().plusSeconds(1));
    get(records().putIfAbsent(first));
    String keys = stream + ":expiring:keys";
    REDIS.server().command("HSET", keys, "a\nmallory:", RecordTable.MAX_OF_OWNER + " 1000");
    var refused =
        assertThrows(
            ExecutionException.class,
            () -> get(others().putIfAbsent(record("a", "mallory:2", ""))));
    assertEquals(TooManyRecords.class, refused.getCause().getClass());
    assertEquals(first, get(others().putIfAbsent(record("a", "mallory:1", "2"))));
    assertEquals("3", get(others().putIfAbsent(record("a", "alice:1", "3"))).value());
    assertEquals("4", get(others().putIfAbsent(record("b", "mallory:2", "4"))).value());
    clock.advance(RecordTable.GRACE.plusSeconds(2));
    assertEquals("5", get(others().putIfAbsent(record("a", "mallory:2", "5"))).value());
  }

  /** Owners come and go: their counts must not stay. */
  @Test
  void theCountOfAnOwnerWhoseRecordsHaveEndedIsRemoved() throws Exception {
    get(records().putIfAbsent(new ExpiringRecord("a", "x:1", "1", clock.instant().plusSeconds(1))));
    assertEquals("3", REDIS.server().command("HLEN", stream + ":expiring:keys"));
    clock.advance(RecordTable.GRACE.plusSeconds(2));
    get(records().putIfAbsent(record("a", "nobody's", "2")));
    assertEquals("2", REDIS.server().command("HLEN", stream + ":expiring:keys"));
  }

  @Test
  void recordsThatRedisHasLostAreStoredAgain() throws Exception {
    List<String> values = follow(others(), "a");
    get(records().putIfAbsent(record("a", "key", "1")));
    Wait.until("the other hub knows it", () -> values.size() == 1);
    for (String key : List.of("", ":keys", ":ends")) {
      REDIS.server().command("DEL", stream + ":expiring" + key);
    }
    Wait.until(
        "it is there again",
        () -> REDIS.server().command("XLEN", stream + ":expiring").equals("1"));
    assertEquals("1", get(others().putIfAbsent(record("a", "key", "2"))).value());
    assertEquals(List.of("1"), values);
  }

  /** More than may wait for a connection at once. */
  @Test
  void allRecordsThatRedisHasLostAreStoredAgain() throws Exception {
    int count = 2_500;
    for (int i = 0; i < count; i++) {
      Future<ExpiringRecord> put = records().putIfAbsent(record("a", "key " + i, "" + i));
      if (i % 100 == 99) {
        get(put);
      }
    }
    List<String> values = follow(others(), "a");
    Wait.until("the other hub knows them", () -> values.size() == count);
    for (String key : List.of("", ":keys", ":ends")) {
      REDIS.server().command("DEL", stream + ":expiring" + key);
    }
    Wait.until(
        "all are there again",
        () -> REDIS.server().command("XLEN", stream + ":expiring").equals("" + count));
  }

  /** Another hub, which did not know what was lost, stores the next record before it is noticed. */
  @Test
  void aLossIsNoticedThoughTheNextRecordWasStoredMeanwhile() throws Exception {
    List<String> values = follow(others(), "a");
    get(records().putIfAbsent(record("a", "first", "1")));
    Wait.until("the other hub knows it", () -> values.size() == 1);
    String loseAndStore =
        "local first = redis.call('XRANGE', KEYS[1], '-', '+')[1][2][2]"
            + " local next = string.gsub(first, 'first', 'other')"
            + " redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])"
            + " local id = redis.call('XADD', KEYS[1], '*', 'r', next, 'p', '0-0')"
            + " redis.call('HSET', KEYS[2], 'a' .. string.char(10) .. 'other', id .. ' ' .. next)"
            + " return 'OK'";
    String keys = stream + ":expiring";
    REDIS.server().command("EVAL", loseAndStore, "3", keys, keys + ":keys", keys + ":ends");
    Wait.until("both are there", () -> REDIS.server().command("XLEN", keys).equals("2"));
    assertEquals("1", get(openLog().records().putIfAbsent(record("a", "first", "2"))).value());
  }

  @Test
  void whileRedisDoesNotAnswerARecordIsNotAcknowledged() throws Exception {
    List<LogState> states = new CopyOnWriteArrayList<>();
    log.onState(states::add);
    REDIS.server().pause();
    var unknown =
        assertThrows(
            ExecutionException.class, () -> get(records().putIfAbsent(record("a", "key", "1"))));
    assertInstanceOf(LogUnavailable.class, unknown.getCause());
    Wait.until("the log knows", () -> states.get(states.size() - 1) == LogState.READ_ONLY);
    var refused =
        assertThrows(
            ExecutionException.class, () -> get(records().putIfAbsent(record("a", "key 2", "2"))));
    assertEquals(LogUnavailable.class, refused.getCause().getClass());
    assertEquals(false, refused.getCause() instanceof OutcomeUnknown);
    REDIS.server().resume();
    Wait.until("it is up", () -> states.get(states.size() - 1) == LogState.UP);
    assertEquals("3", get(records().putIfAbsent(record("a", "key 2", "3"))).value());
  }
}
