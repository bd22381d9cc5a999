package io.tidings.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LocalRecordsTest extends ExpiringRecordsContract {
  private final ManualClock clock = new ManualClock();
  private final LocalRecords records = LocalRecords.inMemory(clock.cautious());

  @Override
  protected ExpiringRecords records() {
    return records;
  }

  @Override
  protected ExpiringRecords others() {
    return records;
  }

  private ExpiringRecord endingAt(Instant until, String value) {
    return new ExpiringRecord("a", "key", value, until);
  }

  @Test
  void aRecordIsForgottenSomeTimeAfterItsEnd() throws Exception {
    ExpiringRecord first = endingAt(clock.instant().plusSeconds(10), "1");
    get(records.putIfAbsent(first));
    clock.advance(RecordTable.GRACE.plusSeconds(9));
    assertEquals(first, get(records.putIfAbsent(endingAt(LATER, "2"))));
    clock.advance(Duration.ofSeconds(1));
    ExpiringRecord second = endingAt(LATER, "3");
    assertEquals(second, get(records.putIfAbsent(second)));
  }

  /** Else a revocation would be forgotten, and its token be valid again when the clock is right. */
  @Test
  void aClockThatJumpsAheadAYearAndBackMakesNoRecordForgotten() throws Exception {
    ExpiringRecord first = endingAt(clock.instant().plus(Duration.ofDays(2)), "1");
    get(records.putIfAbsent(first));
    clock.advance(RecordTable.GRACE.multipliedBy(2));
    for (int i = 0; i < 3; i++) {
      clock.jump(Duration.ofDays(365));
      get(records.putIfAbsent(record("a", "other " + i, "")));
      clock.advance(Duration.ofHours(1));
      get(records.putIfAbsent(record("a", "another " + i, "")));
      clock.jump(Duration.ofDays(-365));
    }
    assertEquals(first, get(records.putIfAbsent(endingAt(LATER, "2"))));
    clock.advance(Duration.ofDays(2));
    assertEquals("3", get(records.putIfAbsent(endingAt(LATER, "3"))).value());
  }

  @Test
  void moreRecordsThanTheLimitAreRefusedUntilOthersHaveEnded() throws Exception {
    Future<ExpiringRecord> last = Future.succeededFuture();
    Instant soon = clock.instant().plusSeconds(1);
    for (int i = 0; i < RecordTable.MAX_RECORDS; i++) {
      last = records.putIfAbsent(new ExpiringRecord("a", "key " + i, "", soon));
    }
    get(last);
    var refused =
        assertThrows(
            ExecutionException.class, () -> get(records.putIfAbsent(record("a", "more", ""))));
    assertInstanceOf(LogUnavailable.class, refused.getCause());
    assertTrue(refused.getCause().getMessage().contains("100000 of at most 100000"));
    assertEquals(soon, get(records.putIfAbsent(record("a", "key 1", "known"))).until());
    assertEquals("1", get(records.putIfAbsent(record("b", "other kind", "1"))).value());
    clock.advance(RecordTable.GRACE.plusSeconds(2));
    assertEquals("more", get(records.putIfAbsent(record("a", "more", ""))).key());
  }

  @Test
  void aKindThatIsFullLeavesRoomForOthers() throws Exception {
    Future<ExpiringRecord> last = Future.succeededFuture();
    for (int i = 0; i <= RecordTable.MAX_RECORDS; i++) {
      last = records.putIfAbsent(new ExpiringRecord("ticket", "key " + i, "", LATER));
    }
    Future<ExpiringRecord> beyond = last;
    assertThrows(ExecutionException.class, () -> get(beyond));
    assertEquals("one", get(records.putIfAbsent(record("revocation", "one", ""))).key());
  }

  /** What one holder of a token redeems must not keep others from it. */
  @Test
  void anOwnerWithAsManyRecordsAsOneMayHaveLeavesRoomForOthers() throws Exception {
    Future<ExpiringRecord> last = Future.succeededFuture();
    Instant soon = clock.instant().plusSeconds(1);
    for (int i = 0; i < RecordTable.MAX_OF_OWNER; i++) {
      last = records.putIfAbsent(new ExpiringRecord("ticket", "mallory:" + i, "", soon));
    }
    get(last);
    var refused =
        assertThrows(
            ExecutionException.class,
            () -> get(records.putIfAbsent(record("ticket", "mallory:more", ""))));
    assertInstanceOf(TooManyRecords.class, refused.getCause());
    assertEquals(soon, get(records.putIfAbsent(record("ticket", "mallory:1", ""))).until());
    assertEquals("alice:1", get(records.putIfAbsent(record("ticket", "alice:1", ""))).key());
    assertEquals("nobody's", get(records.putIfAbsent(record("ticket", "nobody's", ""))).key());
    assertEquals("mallory:1", get(records.putIfAbsent(record("other", "mallory:1", ""))).key());
    clock.advance(RecordTable.GRACE.plusSeconds(2));
    assertEquals(
        "mallory:more", get(records.putIfAbsent(record("ticket", "mallory:more", ""))).key());
  }

  /** They are stored at once, so the bound holds for what waits too. */
  @Test
  void anOwnerCannotExceedTheBoundByManyRecordsAtTheSameTime() throws Exception {
    var all = new ArrayList<Future<ExpiringRecord>>();
    for (int i = 0; i < RecordTable.MAX_OF_OWNER + 50; i++) {
      all.add(records.putIfAbsent(record("ticket", "mallory:" + i, "")));
    }
    int stored = 0;
    for (Future<ExpiringRecord> one : all) {
      stored += get(one.transform(done -> Future.succeededFuture(done.succeeded()))) ? 1 : 0;
    }
    assertEquals(RecordTable.MAX_OF_OWNER, stored);
  }

  @Test
  void moreBytesThanTheLimitAreRefused() throws Exception {
    String large = "x".repeat(ExpiringRecord.MAX_VALUE_BYTES);
    var failure =
        assertThrows(
            ExecutionException.class,
            () -> {
              for (int i = 0; i <= RecordTable.MAX_BYTES / large.length(); i++) {
                get(records.putIfAbsent(record("a", "key " + i, large)));
              }
            });
    assertTrue(failure.getCause().getMessage().contains("bytes; nothing was stored"));
  }

  @Test
  void aClosedLogStoresNothing() throws Exception {
    get(records.close());
    var failure =
        assertThrows(
            ExecutionException.class, () -> get(records.putIfAbsent(record("a", "k", ""))));
    assertInstanceOf(LogUnavailable.class, failure.getCause());
    get(records.close());
  }

  /** Another process may have the directory by then. */
  @Test
  void aRecordThatComesWhileTheLogIsClosedIsNotWritten() throws Exception {
    var calls = new ArrayList<String>();
    var storage =
        (RecordStorage)
            Proxy.newProxyInstance(
                RecordStorage.class.getClassLoader(),
                new Class<?>[] {RecordStorage.class},
                (proxy, method, arguments) -> {
                  calls.add(method.getName());
                  return method.getReturnType() == boolean.class ? true : null;
                });
    var late = new CompletableFuture<Future<ExpiringRecord>>();
    var closing = new LocalRecords[1];
    var thread =
        new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>()) {
          @Override
          public void shutdown() {
            CompletableFuture.runAsync(() -> {}, this).join(); // what was executed before is done
            late.complete(closing[0].putIfAbsent(record("a", "late", "")));
            super.shutdown();
          }
        };
    closing[0] = LocalRecords.stored(List.of(), storage, clock.cautious(), thread);
    get(closing[0].close());
    var failure = assertThrows(ExecutionException.class, () -> get(late.get()));
    assertInstanceOf(LogUnavailable.class, failure.getCause());
    assertEquals(List.of("close"), calls);
  }

  @Test
  void aTextThatIsTooLongIsRefused() {
    String key = "k".repeat(ExpiringRecord.MAX_KEY_BYTES + 1);
    assertThrows(IllegalArgumentException.class, () -> record("a", key, ""));
    assertThrows(IllegalArgumentException.class, () -> record("", "k", ""));
    assertThrows(IllegalArgumentException.class, () -> endingAt(Instant.MIN, ""));
  }
}
