package io.tidings.log;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.Wait;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The contract of {@link ExpiringRecords}. */
public abstract class ExpiringRecordsContract {
  protected static final Instant LATER = Instant.parse("2100-01-01T00:00:00.123Z");

  /** The records of one hub; each test uses its own log. */
  protected abstract ExpiringRecords records() throws Exception;

  /** Those of another hub with the same log, or of the same one if there are no others. */
  protected abstract ExpiringRecords others() throws Exception;

  protected static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  protected static ExpiringRecord record(String kind, String key, String value) {
    return new ExpiringRecord(kind, key, value, LATER);
  }

  protected static List<String> follow(ExpiringRecords records, String kind) {
    List<String> values = new CopyOnWriteArrayList<>();
    records.follow(kind, record -> values.add(record.value()));
    return values;
  }

  @Test
  void theRecordThatWasStoredFirstIsAnswered() throws Exception {
    ExpiringRecords records = records();
    ExpiringRecord first = record("a", "key", "é 1");
    assertEquals(first, get(records.putIfAbsent(first)));
    assertEquals(first, get(records.putIfAbsent(record("a", "key", "2"))));
    assertEquals(first, get(others().putIfAbsent(record("a", "key", "3"))));
  }

  @Test
  void eachKindHasItsOwnKeys() throws Exception {
    ExpiringRecords records = records();
    get(records.putIfAbsent(record("a", "key", "1")));
    ExpiringRecord other = record("b", "key", "2");
    assertEquals(other, get(records.putIfAbsent(other)));
  }

  @Test
  void aFollowerReceivesWhatIsStoredAndThenEachNewRecordOfItsKind() throws Exception {
    ExpiringRecords records = records();
    get(records.putIfAbsent(record("a", "1", "1")));
    get(records.putIfAbsent(record("b", "1", "other")));
    get(records.putIfAbsent(record("a", "2", "2")));
    List<String> values = follow(records, "a");
    assertEquals(List.of("1", "2"), values);
    get(records.putIfAbsent(record("a", "3", "3")));
    get(records.putIfAbsent(record("a", "3", "again")));
    get(records.putIfAbsent(record("a", "4", "4")));
    Wait.until("all were received", () -> values.equals(List.of("1", "2", "3", "4")));
  }

  @Test
  void aFollowerOfAnotherHubReceivesTheSameInTheSameOrder() throws Exception {
    List<String> mine = follow(records(), "a");
    List<String> theirs = follow(others(), "a");
    var puts = new ArrayList<Future<ExpiringRecord>>();
    for (int i = 0; i < 50; i++) {
      puts.add((i % 2 == 0 ? records() : others()).putIfAbsent(record("a", "key " + i, "" + i)));
    }
    for (Future<ExpiringRecord> put : puts) {
      get(put);
    }
    Wait.until("all were received", () -> mine.size() == 50 && theirs.size() == 50);
    assertEquals(List.copyOf(mine), List.copyOf(theirs));
  }

  @Test
  void ofManyAtTheSameTimeOneIsTheFirst() throws Exception {
    var puts = new ArrayList<Future<ExpiringRecord>>();
    for (int i = 0; i < 20; i++) {
      ExpiringRecords at = i % 2 == 0 ? records() : others();
      puts.add(at.putIfAbsent(record("a", "key", "" + i)));
    }
    var answers = new ArrayList<ExpiringRecord>();
    for (Future<ExpiringRecord> put : puts) {
      answers.add(get(put));
    }
    Set<ExpiringRecord> first = answers.stream().collect(Collectors.toSet());
    assertEquals(1, first.size(), () -> first.toString());
  }

  @Test
  void aFollowerThatThrowsAffectsNoOther() throws Exception {
    ExpiringRecords records = records();
    records.follow(
        "a",
        record -> {
          throw new IllegalStateException("thrown by a test");
        });
    List<String> values = follow(records, "a");
    get(records.putIfAbsent(record("a", "1", "1")));
    Wait.until("the other received it", () -> values.equals(List.of("1")));
  }
}
