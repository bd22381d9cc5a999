package io.tidings.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class LocalRecordsTest extends ExpiringRecordsContract {
  private final ManualClock clock = new ManualClock();
  private final LocalRecords records = LocalRecords.inMemory(clock);

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

  @Test
  void aTextThatIsTooLongIsRefused() {
    String key = "k".repeat(ExpiringRecord.MAX_KEY_BYTES + 1);
    assertThrows(IllegalArgumentException.class, () -> record("a", key, ""));
    assertThrows(IllegalArgumentException.class, () -> record("", "k", ""));
    assertThrows(IllegalArgumentException.class, () -> endingAt(Instant.MIN, ""));
  }
}
