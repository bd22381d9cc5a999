package io.tidings.log.redis;

import static io.tidings.log.redis.SharedHistory.Verdict.REPEATED;
import static io.tidings.log.redis.SharedHistory.Verdict.STALE;
import static io.tidings.log.redis.SharedHistory.Verdict.STORED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Publication;
import io.tidings.log.Entry;
import io.tidings.log.Retention;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharedHistoryTest {
  /** Offsets are not dense. */
  private static final int STEP = 2;

  private static final long WRITER = 7;
  private static final Retention ALL = new Retention(0, Duration.ZERO, 0);
  private static final Retention SMALL = new Retention(2_000, Duration.ZERO, 0);

  private final SharedHistory history = history(ALL);
  private final List<Entry> added = new ArrayList<>();
  private long number;
  private long offset;

  private static SharedHistory history(Retention retention) {
    return new SharedHistory(1, 0, true, retention, Duration.ofMinutes(1));
  }

  private static Publication withKey(String key, String... data) {
    return new Publication(
        List.of(data).stream().map(each -> Event.of("a", each)).toList(), key, false);
  }

  private static Publication once(String... ids) {
    List<Event> events =
        List.of(ids).stream()
            .map(id -> new Event(List.of("a"), "", id, Event.NO_RETRY, id))
            .toList();
    return new Publication(events, "", true);
  }

  private List<SharedRecord> records(Publication publication, long seen, boolean retry) {
    var origin = new SharedRecord.Origin(WRITER, ++number, seen, number, retry);
    return SharedRecord.split(publication, origin);
  }

  private SharedHistory.Verdict apply(SharedRecord record) {
    offset += STEP;
    return history.apply(
        new RecordStore.Stored(offset, offset - STEP, record.encode()), record, added);
  }

  private SharedHistory.Verdict publish(Publication publication, long seen) {
    return records(publication, seen, false).stream().map(this::apply).toList().get(0);
  }

  @Test
  void repetitionsAreRecognisedWithinTheirScope() {
    assertEquals(STORED, publish(withKey("key", "1"), 0));
    assertEquals(STORED, publish(withKey("key", "2").withScope("s"), 0));
    assertEquals(STORED, publish(withKey("key", "3").withScope("t"), 0));
    assertEquals(REPEATED, publish(withKey("key", "2").withScope("s"), 0));
    assertEquals(REPEATED, publish(withKey("key", "1"), 0));
    assertEquals(STORED, publish(once("4"), 0));
    assertEquals(STORED, publish(once("4").withScope("s"), 0));
    publish(once("4").withScope("s"), 0);
    publish(once("4"), 0);
    assertEquals(List.of("1", "2", "3", "4", "4"), data());
  }

  private List<String> data() {
    return added.stream().map(entry -> entry.event().data()).toList();
  }

  @Test
  void aRecordIsStoredAtItsOffset() {
    assertEquals(STORED, publish(withKey("", "1", "2"), 0));
    assertEquals(List.of("1", "2"), data());
    assertEquals(List.of(2L, 4L), added.stream().map(Entry::offset).toList());
    assertEquals(offset, history.cursor().offset());
  }

  @Test
  void theSameKeyWrittenWithoutKnowledgeOfTheFirstIsRepeated() {
    assertEquals(STORED, publish(withKey("key", "1"), 0));
    assertEquals(REPEATED, publish(withKey("key", "1"), 0));
    assertEquals(List.of("1"), data());
    assertTrue(history.skipped(offset));
    assertFalse(history.skipped(offset - STEP));
  }

  @Test
  void theSameKeyWrittenWithKnowledgeOfTheFirstIsStored() {
    publish(withKey("key", "1"), 0);
    assertEquals(STORED, publish(withKey("key", "2"), offset));
    assertEquals(List.of("1", "2"), data());
  }

  @Test
  void aRetryIsRepeatedIfTheFirstAttemptIsStoredAndStoredOtherwise() {
    SharedRecord first = records(withKey("", "1"), 0, false).get(0);
    apply(first);
    var origin = new SharedRecord.Origin(WRITER, first.number(), 0, 1, true);
    SharedRecord retry = SharedRecord.split(withKey("", "1"), origin).get(0);
    assertEquals(REPEATED, apply(retry));
    assertEquals(STORED, apply(records(withKey("", "2"), 0, true).get(0)));
    assertEquals(List.of("1", "2"), data());
  }

  @Test
  void ofEventsThatAreDeduplicatedOnlyTheNewOnesBecomeEntries() {
    publish(once("1", "2"), 0);
    assertEquals(STORED, publish(once("2", "3"), 0));
    assertEquals(List.of("1", "2", "3"), data());
    assertTrue(history.skipped(offset - STEP));
    assertFalse(history.skipped(offset));
  }

  @Test
  void allPartsOfAPublicationShareItsVerdict() {
    List<SharedRecord> parts = records(withKey("key", "1", "2", "3"), 0, false);
    assertEquals(3, parts.size());
    for (SharedRecord part : parts) {
      assertEquals(STORED, apply(part));
    }
    for (SharedRecord part : records(withKey("key", "1", "2", "3"), 0, false)) {
      assertEquals(REPEATED, apply(part));
    }
    assertEquals(List.of("1", "2", "3"), data());
  }

  @Test
  void aPartWithoutTheOneBeforeItIsStale() {
    List<SharedRecord> parts = records(withKey("", "1", "2", "3"), 0, false);
    assertEquals(STALE, apply(parts.get(1)));
    assertEquals(List.of(), data());
    assertTrue(history.skipped(offset));
  }

  @Test
  void aRecordThatMayBeADuplicateIsStaleOnceItsWriterHasReadTooLittle() {
    for (int i = 0; i <= DedupWindow.RECORDS; i++) {
      publish(withKey("", "x"), 0);
    }
    assertEquals(STALE, publish(withKey("key", "late"), 0));
    assertEquals(STORED, publish(withKey("", "no duplicate"), 0));
    assertEquals(STORED, publish(withKey("key", "in time"), offset));
    assertFalse(data().contains("late"));
  }

  @Test
  void aRecordWrittenInAnotherEpochOfTheStoreIsStale() {
    publish(withKey("", "1"), 0);
    assertEquals(STALE, publish(withKey("key", "2"), offset + 1_000));
    assertEquals(STORED, publish(withKey("", "3"), offset + 1_000));
  }

  @Test
  void aRecordThatCanNotBeDecodedMovesTheCursorOnly() {
    publish(withKey("", "1"), 0);
    offset += STEP;
    history.skip(RecordStore.Stored.place(offset));
    assertEquals(offset, history.cursor().offset());
    assertEquals(STORED, publish(withKey("", "2"), 0));
    assertEquals(List.of("1", "2"), data());
  }

  /** The second history retains less, which must not change a verdict. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void twoHistoriesThatReadTheSameRecordsReachTheSameVerdicts(int seed) {
    var random = new Random(seed);
    var other = history(SMALL);
    var otherAdded = new ArrayList<Entry>();
    var verdicts = new ArrayList<SharedHistory.Verdict>();
    for (int i = 0; i < 6_000; i++) {
      for (SharedRecord record : randomRecords(random)) {
        SharedHistory.Verdict verdict = apply(record);
        assertEquals(verdict, other.apply(history.cursor(), record, otherAdded));
        verdicts.add(verdict);
      }
      other.evictBefore(random.nextInt(100) == 0 ? offset - 50 : 0);
    }
    assertEquals(added, otherAdded);
    assertTrue(verdicts.containsAll(List.of(STORED, REPEATED, STALE)));
  }

  private List<SharedRecord> randomRecords(Random random) {
    long seen = Math.max(0, offset - random.nextInt(random.nextInt(20) == 0 ? 20_000 : 40));
    Publication publication =
        switch (random.nextInt(3)) {
          case 0 -> withKey("", "" + random.nextInt());
          case 1 -> withKey("key" + random.nextInt(50), "1", "2");
          default -> once("id" + random.nextInt(50), "id" + (50 + random.nextInt(50)));
        };
    if (random.nextInt(4) == 0) {
      number -= random.nextInt(3); // the retry of one that may be stored
      number = Math.max(0, number);
      return records(publication, seen, true);
    }
    return records(publication, seen, false);
  }
}
