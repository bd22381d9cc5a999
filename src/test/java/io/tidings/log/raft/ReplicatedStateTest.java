package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Publication;
import io.tidings.event.Topic;
import io.tidings.event.Visibility;
import io.tidings.log.Attributes;
import io.tidings.log.Entry;
import io.tidings.log.ExpiringRecord;
import io.tidings.log.LogRecord;
import io.tidings.log.RecordTable;
import io.tidings.log.TooManyRecords;
import io.tidings.log.raft.ReplicatedState.Result;
import io.tidings.settings.CommonSettings;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReplicatedStateTest {
  private static final long WINDOW = 10_000;
  private static final long MINUTE = 60_000;

  private final ReplicatedState state = ReplicatedState.empty(7, WINDOW, 1 << 20);
  private long index;

  private static Event event(String topic, String id, String data) {
    return new Event(List.of(topic), "", id, Event.NO_RETRY, data);
  }

  private static Publication keyed(String key, String... data) {
    return new Publication(Arrays.stream(data).map(one -> Event.of("a", one)).toList(), key, false);
  }

  private ReplicatedState.Applied apply(long time, Publication... publications) {
    return state.apply(++index, new Command.Publish(time, List.of(publications)));
  }

  private static List<Long> offsets(Result result) {
    return ((Result.Stored) result).entries().stream().map(Entry::offset).toList();
  }

  @Test
  void aRecordOfAPrivateEventHasTheMarkAndAPublicRepetitionIsAnother() {
    Event secret = Event.of("a", "1").with(Visibility.PRIVATE);
    var publication = new Publication(List.of(secret, Event.of("a", "2")), "k", false);
    List<LogRecord> records = apply(1, publication).records();
    assertEquals(List.of(LogRecord.PRIVATE, 0), records.stream().map(LogRecord::flags).toList());
    assertEquals(secret, records.get(0).entry().event());
    assertEquals(List.of(1L, 2L), offsets(apply(1, publication).results().get(0)));
    Result other = apply(1, keyed("k", "1", "2")).results().get(0);
    assertFalse(other instanceof Result.Stored, other::toString);
  }

  @Test
  void offsetsAreDenseAndEachRecordNamesItsPredecessorAndItsCommand() {
    apply(1, keyed("", "1"));
    List<LogRecord> records = apply(2, keyed("k", "2", "3"), keyed("", "4")).records();
    assertEquals(List.of(2L, 3L, 4L), records.stream().map(LogRecord::offset).toList());
    assertEquals(
        List.of(1L, 2L, 3L), records.stream().map(record -> record.entry().previous()).toList());
    assertEquals(List.of("k", "", ""), records.stream().map(LogRecord::key).toList());
    assertEquals(List.of(1, 0, 0), records.stream().map(LogRecord::following).toList());
    assertTrue(
        records.stream()
            .allMatch(one -> one.attributes().number(Attributes.RAFT_INDEX).orElseThrow() == 2));
  }

  @Test
  void aStateWithTheLongestTopicKeyAndScopeCanBeReadAgain() throws IOException {
    String scope = "s".repeat(64);
    Event longest = event("t".repeat(Topic.MAX_BYTES), "i".repeat(Event.MAX_FIELD_BYTES), "1");
    apply(1, new Publication(List.of(longest), "k".repeat(255), true, scope));
    assertArrayEquals(state.encode(), ReplicatedState.decode(state.encode()).encode());
  }

  private void put(ReplicatedState to, long time, String key, String value, long until) {
    var record = new ExpiringRecord("k", key, value, Instant.ofEpochMilli(until));
    to.apply(++index, new Command.PutRecord(time, record));
  }

  private static List<String> values(ReplicatedState of) {
    return of.records().all().stream().map(ExpiringRecord::value).toList();
  }

  @Test
  void theFirstRecordOfAKeyIsKeptUntilSomeTimeAfterItsEnd() {
    long grace = RecordTable.GRACE.toMillis();
    put(state, 1_000, "a", "1", 5_000);
    put(state, 2_000, "a", "2", 9_000);
    put(state, 3_000, "b", "3", 9_000 + grace);
    report("x", 5_000 + grace - 1);
    report("y", 5_000 + grace - 1);
    assertEquals(List.of("1", "3"), values(state));
    report("x", 5_000 + grace);
    assertEquals(List.of("1", "3"), values(state));
    report("z", 5_000 + grace);
    assertEquals(List.of("3"), values(state));
    put(state, 5_000 + grace, "a", "4", 9_000 + grace);
    assertEquals(List.of("3", "4"), values(state));
  }

  /** One of three voters reports its clock, which need not be that of the leader. */
  private void report(String voter, long clock) {
    state.apply(++index, new Command.ReportClock(1_000, voter, 3, clock));
  }

  /** A revocation that is forgotten makes its token valid again. */
  @Test
  void aLeaderWhoseClockIsFarAheadMakesNoNodeForgetARecord() throws IOException {
    put(state, 1_000, "a", "1", 5_000);
    report("x", 2_000);
    for (int i = 0; i < 100; i++) {
      long ahead = Duration.ofDays(365 + i).toMillis();
      put(state, ahead, "b" + i, "2", ahead + 1);
      apply(ahead, keyed("", "event " + i));
      report("leader", ahead);
      report("x", 2_000 + i);
    }
    assertEquals("1", values(state).get(0));
    assertEquals(101, values(state).size());
    assertArrayEquals(state.encode(), ReplicatedState.decode(state.encode()).encode());
  }

  @Test
  void nothingIsForgottenBeforeAMajorityHasReported() {
    put(state, 1_000, "a", "1", 5_000);
    report("x", Duration.ofDays(365).toMillis());
    assertEquals(List.of("1"), values(state));
  }

  @Test
  void aVoterThatHasLeftDoesNotCountForEver() {
    put(state, 1_000, "a", "1", 5_000);
    report("left, with a clock far ahead", Duration.ofDays(365).toMillis());
    for (int i = 0; i < 64; i++) {
      report("x", 2_000);
    }
    report("also far ahead", Duration.ofDays(365).toMillis());
    assertEquals(List.of("1"), values(state));
  }

  @Test
  void theClocksOfVotersArePartOfAStateOnlyWhileItHasRecords() throws IOException {
    report("x", 1);
    byte[] without = state.encode();
    report("y", 1);
    assertArrayEquals(without, state.encode());
    put(state, 1_000, "a", "1", 5_000);
    report("x", 1);
    ReplicatedState read = ReplicatedState.decode(state.encode());
    assertArrayEquals(state.encode(), read.encode());
    long ended = 5_000 + RecordTable.GRACE.toMillis();
    for (String voter : List.of("x", "y")) {
      report(voter, ended);
      read.apply(index, new Command.ReportClock(1_000, voter, 3, ended));
    }
    assertEquals(List.of(), values(state));
    Optional<Instant> end = Optional.of(Instant.ofEpochMilli(ended));
    assertEquals(end, state.recordsEndBefore(), "by which the node forgets the last one too");
    assertArrayEquals(without, state.encode());
    assertArrayEquals(without, read.encode());
  }

  @Test
  void recordsAreKeptWhenTheClockOfALeaderWasAheadAndIsRight() {
    apply(Instant.parse("2050-01-01T00:00:00Z").toEpochMilli(), keyed("", "x"));
    put(state, 1_000, "a", "1", 50_000);
    apply(2_000, keyed("", "y"));
    assertEquals(List.of("1"), values(state));
  }

  @Test
  void aFullTableRefusesRecordsAndStaysTheSameOnAllNodes() throws IOException {
    for (int i = 0; i < RecordTable.MAX_RECORDS; i++) {
      put(state, 1_000, "key " + i, "", 5_000);
    }
    byte[] full = state.encode();
    put(state, 1_000, "more", "", 5_000);
    assertTrue(state.records().find("k", "more").isEmpty());
    assertArrayEquals(full, state.encode());
    var other = new ExpiringRecord("another kind", "has room", "", Instant.ofEpochMilli(5_000));
    state.apply(++index, new Command.PutRecord(1_000, other));
    assertEquals(Optional.of(other), state.records().find("another kind", "has room"));
    assertArrayEquals(state.encode(), ReplicatedState.decode(state.encode()).encode());
  }

  @Test
  void anOwnersBoundHoldsInAStateThatWasReadAgain() throws IOException {
    for (int i = 0; i < RecordTable.MAX_OF_OWNER; i++) {
      put(state, 1_000, "mallory:" + i, "", 5_000);
    }
    ReplicatedState read = ReplicatedState.decode(state.encode());
    for (ReplicatedState one : List.of(state, read)) {
      put(one, 1_000, "mallory:more", "", 5_000);
      assertTrue(one.records().find("k", "mallory:more").isEmpty());
      put(one, 1_000, "alice:1", "", 5_000);
      assertTrue(one.records().find("k", "alice:1").isPresent());
    }
    var refused = new ExpiringRecord("k", "mallory:more", "", Instant.ofEpochMilli(5_000));
    assertInstanceOf(TooManyRecords.class, read.records().refusal(refused));
    assertArrayEquals(state.encode(), read.encode());
  }

  @Test
  void aStateWithRecordsIsReadAgainInAnyOrderOfTheirEnds() throws IOException {
    var random = new Random(7);
    for (int i = 0; i < 500; i++) {
      put(state, i, "key " + random.nextInt(300), "value " + i, random.nextInt(10_000_000));
    }
    ReplicatedState read = ReplicatedState.decode(state.encode());
    assertArrayEquals(state.encode(), read.encode());
    for (int i = 0; i < 200; i++) {
      long time = random.nextInt(20_000_000);
      put(state, time, "key " + i, "later " + i, time + 1_000);
      index--;
      put(read, time, "key " + i, "later " + i, time + 1_000);
      var clock = new Command.ReportClock(1_000, "voter " + i % 3, 3, time);
      state.apply(++index, clock);
      read.apply(index, clock);
      assertArrayEquals(state.encode(), read.encode());
    }
  }

  @Test
  void aStateWithoutRecordsIsOneThatEarlierVersionsRead() {
    assertEquals(1, state.encode()[0]);
    put(state, 1_000, "a", "1", 5_000);
    assertEquals(2, state.encode()[0]);
    report("x", 5_000 + RecordTable.GRACE.toMillis());
    report("y", 5_000 + RecordTable.GRACE.toMillis());
    assertEquals(1, state.encode()[0]);
  }

  private static final Map<String, Long> ALL =
      Map.of("log.once", WINDOW, "log.raft.dedup", 4_000L, "limits.body", 100L);

  private void set(long time, Map<String, Long> changes) {
    state.apply(++index, new Command.ChangeSettings(time, changes, ALL));
  }

  @Test
  void aStateWithoutSettingsIsOneThatEarlierVersionsReadAndOneWithThemHasAnotherFormat()
      throws IOException {
    assertEquals(1, state.encode()[0]);
    assertEquals(Command.ASSUMED_KIND, state.kind());
    set(1_000, Map.of("limits.body", 7L));
    assertEquals(3, state.encode()[0]);
    put(state, 1_000, "a", "1", 5_000);
    ReplicatedState read = ReplicatedState.decode(state.encode());
    assertArrayEquals(state.encode(), read.encode());
    assertEquals(8, read.kind());
    assertEquals(7, read.settings().get("limits.body"));
    assertEquals(List.of("1"), values(read));
  }

  @Test
  void aStateOfANewerVersionIsRefusedWithTheReason() {
    set(1_000, Map.of());
    byte[] newer = state.encode();
    newer[0] = 4;
    var format = assertThrows(IOException.class, () -> ReplicatedState.decode(newer));
    assertTrue(format.getMessage().contains("format 4"), format::getMessage);
    byte[] kind = state.encode();
    int at = kind.length - settingsBytes() - Integer.BYTES;
    assertEquals(8, kind[at + 3]);
    kind[at + 3] = 9;
    var refused = assertThrows(IOException.class, () -> ReplicatedState.decode(kind));
    assertTrue(refused.getMessage().contains("kind 9"), refused::getMessage);
  }

  private static int settingsBytes() {
    return Integer.BYTES
        + ALL.keySet().stream().mapToInt(name -> Integer.BYTES + name.length() + Long.BYTES).sum();
  }

  @Test
  void ofTwoChangesThatWereMadeAtOnceBothCount() {
    set(1, Map.of("log.once", 5L));
    set(1, Map.of("limits.body", 7L));
    set(1, Map.of());
    assertEquals(
        Map.of("log.once", 5L, "log.raft.dedup", 4_000L, "limits.body", 7L), state.settings());
    assertEquals(5, state.onceMillis());
    assertEquals(4_000, state.onceBytes());
  }

  @Test
  void onceSettingsAreReplicatedNoLeaderConfiguresDeduplication() {
    set(1, Map.of("log.once", 5L));
    state.apply(++index, new Command.Configure(2, 7, 0, 2 * WINDOW, 1_000));
    assertEquals(5, state.onceMillis());
    assertEquals(4_000, state.onceBytes());
  }

  @Test
  void keysAreForgottenWhenLogOnceIsLoweredAndKeptWhenItIsRaised() {
    apply(0, keyed("k", "1"));
    set(1_000, Map.of("log.once", 500L));
    assertEquals(List.of(2L), offsets(apply(1_001, keyed("k", "1")).results().get(0)));
    set(1_002, Map.of("log.once", 5_000L));
    assertEquals(List.of(2L), offsets(apply(5_000, keyed("k", "1")).results().get(0)));
  }

  @Test
  void timeNeverFallsWhateverTheClockOfTheNextLeader() {
    assertEquals(500, apply(500, keyed("", "1")).records().get(0).entry().time());
    assertEquals(500, apply(100, keyed("", "2")).records().get(0).entry().time());
    assertEquals(501, apply(501, keyed("", "3")).records().get(0).entry().time());
  }

  @Test
  void aRepetitionIsAnsweredWithTheFirstEntriesForAsLongAsTheWindow() {
    assertEquals(List.of(1L, 2L), offsets(apply(0, keyed("k", "1", "2")).results().get(0)));
    ReplicatedState.Applied again = apply(WINDOW, keyed("k", "1", "2"), keyed("k", "1", "2"));
    assertEquals(List.of(), again.records());
    assertEquals(List.of(1L, 2L), offsets(again.results().get(0)));
    assertEquals(List.of(1L, 2L), offsets(again.results().get(1)));
    assertEquals(0, ((Result.Stored) again.results().get(0)).entries().get(0).time());
    assertEquals(
        List.of(3L, 4L), offsets(apply(WINDOW + 1, keyed("k", "1", "2")).results().get(0)));
  }

  @Test
  void aLeadersClockThatJumpsMakesNoRepetitionUnknown() {
    long hour = 60 * MINUTE;
    ReplicatedState longer = ReplicatedState.empty(7, 10 * MINUTE, 1 << 20);
    longer.apply(1, new Command.Publish(hour, List.of(keyed("k", "1"))));
    for (long time : new long[] {5 * hour, hour, 9 * hour, hour + 1, 0, 2 * hour}) {
      var again = longer.apply(2, new Command.Publish(time, List.of(keyed("k", "1"))));
      assertEquals(List.of(1L), offsets(again.results().get(0)), "at " + time);
    }
  }

  @Test
  void repetitionsAreForgottenThoughTheClockOfAnEarlierLeaderWasAhead() {
    long hour = 60 * MINUTE;
    ReplicatedState longer = ReplicatedState.empty(7, 10 * MINUTE, 1 << 20);
    longer.apply(1, new Command.Publish(hour, List.of(keyed("k", "1"))));
    longer.apply(2, new Command.Publish(5 * hour, List.of(keyed("", "2"))));
    for (int minute = 0; minute <= 11; minute++) {
      longer.apply(3, new Command.Publish(hour + minute * MINUTE, List.of(keyed("", "3"))));
    }
    var again = longer.apply(4, new Command.Publish(2 * hour, List.of(keyed("k", "1"))));
    assertEquals(1, again.records().size());
  }

  @Test
  void aKeyThatIsUsedWithOtherEventsStoresNothing() {
    apply(0, keyed("k", "1"));
    ReplicatedState.Applied other = apply(1, keyed("k", "2"), keyed("l", "3"));
    assertEquals(new Result.KeyReused(), other.results().get(0));
    assertEquals(List.of(2L), offsets(other.results().get(1)));
    assertEquals(
        new Result.KeyReused(),
        apply(2, new Publication(List.of(event("a", "1", "1")), "k", true)).results().get(0));
  }

  @Test
  void onlyEventsThatAreNotKnownAreStoredWhenPublishedOnce() {
    var first = new Publication(List.of(event("a", "1", "x"), event("a", "2", "x")), "", true);
    var second =
        new Publication(
            List.of(
                event("a", "3", "x"),
                event("a", "2", "x"),
                event("b", "2", "x"),
                event("a", "3", "x")),
            "k",
            true);
    assertEquals(List.of(1L, 2L), offsets(apply(0, first).results().get(0)));
    ReplicatedState.Applied applied = apply(1, second);
    assertEquals(List.of(3L, 2L, 4L, 3L), offsets(applied.results().get(0)));
    assertEquals(2, applied.records().size());
    assertEquals("k", applied.records().get(0).key());
    assertEquals(List.of(3L, 2L, 4L, 3L), offsets(apply(2, second).results().get(0)));
  }

  @Test
  void whenTheTableIsFullOnlyPublicationsThatNeedItAreRefusedAndNothingIsForgotten() {
    int stored = 0;
    Result result = apply(0, keyed("k" + stored, "x")).results().get(0);
    while (result instanceof Result.Stored) {
      stored++;
      result = apply(0, keyed("k" + stored, "x")).results().get(0);
    }
    assertEquals(new Result.NoRoom(), result);
    assertTrue(stored > 1_000, stored + " keys in 1 MiB");
    long next = state.next();
    assertEquals(List.of(1L), offsets(apply(0, keyed("k0", "x")).results().get(0)));
    assertEquals(List.of(next), offsets(apply(0, keyed("", "x")).results().get(0)));
    assertEquals(
        new Result.NoRoom(),
        apply(0, new Publication(List.of(event("a", "1", "x")), "", true)).results().get(0));
    assertTrue(apply(WINDOW + 1, keyed("new", "x")).results().get(0) instanceof Result.Stored);
    assertTrue(state.dedupBytes() < 1_000, state.dedupBytes() + " bytes");
  }

  @Test
  void aRepetitionOfEventsIsAnsweredWhenTheTableIsFull() {
    var once = new Publication(List.of(event("a", "1", "x")), "", true);
    assertEquals(List.of(1L), offsets(apply(0, once).results().get(0)));
    for (int i = 0; apply(0, keyed("k" + i, "x")).results().get(0) instanceof Result.Stored; ) {
      i++;
    }
    assertEquals(List.of(1L), offsets(apply(1, once).results().get(0)));
  }

  @Test
  void withoutAWindowRepetitionsAreStored() {
    ReplicatedState without = ReplicatedState.empty(7, 0, 0);
    var publication = new Publication(List.of(event("a", "1", "x")), "k", true);
    without.apply(1, new Command.Publish(0, List.of(publication, publication)));
    assertEquals(3, without.next());
    assertEquals(0, without.dedupBytes());
  }

  @Test
  void aStateOfAnotherFormatOrCutIsNotRead() throws IOException {
    apply(0, keyed("k", "1"), new Publication(List.of(event("a", "1", "x")), "", true));
    byte[] bytes = state.encode();
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThrows(IOException.class, () -> ReplicatedState.decode(cut));
    }
    byte[] other = bytes.clone();
    other[0]++;
    assertThrows(IOException.class, () -> ReplicatedState.decode(other));
    assertArrayEquals(bytes, ReplicatedState.decode(bytes).encode());
  }

  /** Topics may have as many bytes of UTF-8 as a record can hold. */
  @Test
  void aStateHasTheLongestTopicsAndIdsWhateverTheirCharacters() throws IOException {
    String longest = "😀".repeat(Topic.MAX_BYTES / 4);
    var publication =
        new Publication(
            List.of(event(longest, "é".repeat(Event.MAX_FIELD_BYTES / 2), "x")), "k", true);
    apply(0, publication);
    state.apply(++index, new Command.SetCheckpoint(0, longest, "7-1"));
    ReplicatedState decoded = ReplicatedState.decode(state.encode());
    assertArrayEquals(state.encode(), decoded.encode());
    assertEquals("7-1", decoded.checkpoints().find(longest).orElseThrow());
    var again = decoded.apply(9, new Command.Publish(1, List.of(publication)));
    assertEquals(List.of(1L), offsets(again.results().get(0)));
  }

  @Test
  void aCopyIsTheStateOfItsTimeWhateverIsAppliedMeanwhile() {
    apply(0, keyed("k", "1"), keyed("l", "2"));
    byte[] before = state.encode();
    ReplicatedState.Copy copy = state.copy();
    apply(WINDOW + 1, keyed("m", "3"));
    state.apply(++index, new Command.SetCheckpoint(0, "relay", "7-1"));
    assertArrayEquals(before, copy.encode());
  }

  @Test
  void theFirstConfigurationBeginsTheLogAndLaterOnesChangeOnlyTheLimits() {
    ReplicatedState begun = ReplicatedState.initial();
    assertTrue(!begun.configured());
    begun.apply(0, new Command.Configure(5, 7, 0, WINDOW, 1_000));
    begun.apply(1, new Command.Configure(6, 8, 0, 2 * WINDOW, 2_000));
    assertTrue(begun.configured());
    assertEquals(2 * WINDOW, begun.onceMillis());
    assertEquals(2_000, begun.onceBytes());
    assertEquals(7, begun.epoch());
    assertEquals(6, begun.lastTime());
  }

  @Test
  void aLogThatBeginsWithEventsGoesOnAfterThemOnNodesThatHaveThem() throws IOException {
    apply(0, keyed("k", "1"), keyed("", "2"));
    ReplicatedState based = ReplicatedState.decodeBase(state.encode());
    assertTrue(based.base() != 0);
    var configure = new Command.Configure(9, 99, based.base(), WINDOW, 1 << 20);
    based.apply(0, configure);
    assertEquals(7, based.epoch());
    assertEquals(3, based.next());
    ReplicatedState decoded = ReplicatedState.decode(based.encode());
    assertEquals(based.base(), decoded.base());
    assertArrayEquals(based.encode(), decoded.encode());
    assertThrows(
        ReplicatedState.OtherBase.class, () -> ReplicatedState.initial().apply(0, configure));
    apply(0, keyed("", "3"));
    ReplicatedState other = ReplicatedState.decodeBase(state.encode());
    assertThrows(ReplicatedState.OtherBase.class, () -> other.apply(0, configure));
  }

  @Test
  void aShorterWindowForgetsEarlierAndASmallerTableForgetsNothing() {
    apply(0, keyed("k", "1"), keyed("l", "2"));
    state.apply(++index, new Command.Configure(1, 7, 0, WINDOW, 1));
    assertEquals(List.of(1L), offsets(apply(2, keyed("k", "1")).results().get(0)));
    assertEquals(new Result.NoRoom(), apply(2, keyed("m", "3")).results().get(0));
    state.apply(++index, new Command.Configure(3, 7, 0, 100, 1 << 20));
    assertEquals(List.of(3L), offsets(apply(101, keyed("k", "1")).results().get(0)));
  }

  @Test
  void aWindowOfZeroForgetsAllAndStoresRepetitions() {
    apply(0, keyed("k", "1"));
    state.apply(++index, new Command.Configure(1, 7, 0, 0, 1 << 20));
    assertEquals(List.of(2L), offsets(apply(1, keyed("k", "1")).results().get(0)));
    assertEquals(List.of(3L), offsets(apply(2, keyed("k", "1")).results().get(0)));
    assertEquals(0, state.dedupBytes());
  }

  @Test
  void keysAndIdsAreKnownInTheirScopeAlsoWhenTheStateIsRestored() throws IOException {
    Publication key = keyed("k", "1");
    var once = new Publication(List.of(event("a", "1", "x")), "", true);
    apply(0, key, once, key.withScope("s"), once.withScope("s"));
    assertEquals(List.of(5L), offsets(apply(1, keyed("k", "2").withScope("t")).results().get(0)));
    ReplicatedState restored = ReplicatedState.decode(state.encode());
    assertArrayEquals(state.encode(), restored.encode());
    var again = new Command.Publish(2, List.of(key, once, key.withScope("s"), once.withScope("s")));
    ReplicatedState.Applied applied = restored.apply(3, again);
    assertEquals(List.of(), applied.records());
    for (int i = 0; i < 4; i++) {
      assertEquals(List.of(i + 1L), offsets(applied.results().get(i)));
    }
    var other = new Command.Publish(3, List.of(keyed("k", "1").withScope("t")));
    assertEquals(List.of(new Result.KeyReused()), restored.apply(4, other).results());
  }

  @Test
  void recordsHaveTheScopeOnlyWhereItApplies() {
    var once = new Publication(List.of(event("a", "1", "x"), event("a", "2", "x")), "", true);
    List<LogRecord> records =
        apply(0, keyed("k", "1", "2").withScope("s"), once.withScope("s"), keyed("", "3"))
            .records();
    assertEquals(List.of("s", "", "s", "s", ""), records.stream().map(LogRecord::scope).toList());
    assertTrue(
        records.stream()
            .allMatch(one -> one.attributes().number(Attributes.RAFT_INDEX).orElseThrow() == 1));
  }

  /** Law of the cluster: what nodes compute depends on the commands alone. */
  @Test
  void nodesThatApplyTheSameCommandsAreEqualWhateverHappensToThem() throws IOException {
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int round = 0; round < 20; round++) {
      List<byte[]> commands = commands(random, 300);
      var steady = new Node();
      var restarting = new Node();
      for (int i = 0; i < commands.size(); i++) {
        steady.apply(i, commands.get(i));
      }
      for (int i = 0; i < commands.size(); i++) {
        restarting.apply(i, commands.get(i));
        if (random.nextInt(20) == 0) {
          restarting.snapshot(i);
        }
        if (random.nextInt(20) == 0) {
          i = restarting.restart(); // which applies again what came after the snapshot
        }
      }
      assertArrayEquals(steady.state.encode(), restarting.state.encode(), "seed " + seed);
      assertEquals(steady.records, restarting.records, "seed " + seed);
      assertEquals(steady.results, restarting.results, "seed " + seed);
    }
  }

  private static List<byte[]> commands(Random random, int count) {
    var commands = new ArrayList<byte[]>();
    long time = MINUTE;
    for (int i = 0; i < count; i++) {
      time += random.nextInt(1_000) - 300; // leaders' clocks differ
      var publications = new ArrayList<Publication>();
      for (int p = random.nextInt(3); p >= 0; p--) {
        boolean once = random.nextBoolean();
        var events = new ArrayList<Event>();
        for (int e = random.nextInt(3); e >= 0; e--) {
          String id = once || random.nextBoolean() ? "" + random.nextInt(30) : "";
          events.add(event("t" + random.nextInt(3), id, "" + random.nextInt(5)));
        }
        String key = random.nextBoolean() ? "k" + random.nextInt(30) : "";
        String scope = List.of("", "s", "t").get(random.nextInt(3));
        publications.add(new Publication(events, key, once, scope));
      }
      commands.add(new Command.Publish(time, publications).encode());
      if (random.nextInt(30) == 0) {
        commands.add(change(random, time).encode());
      }
    }
    return commands;
  }

  private static Command change(Random random, long time) {
    long once = random.nextInt(4) * WINDOW / 3;
    return random.nextInt(4) == 0
        ? new Command.Configure(time, 7, 0, once, 2_000 + random.nextInt(3_000))
        : new Command.ChangeSettings(
            time,
            Map.of("log.once", once, "log.raft.dedup", 2_000L + random.nextInt(3_000)),
            CommonSettings.DEFAULT.numbers());
  }

  /** A node, with what it has on its disk. */
  private static final class Node {
    private ReplicatedState state = ReplicatedState.empty(7, WINDOW, 4_000);
    private byte[] snapshot = state.encode();
    private int snapshotIndex = -1;
    private final List<LogRecord> records = new ArrayList<>();
    private final List<List<Result>> results = new ArrayList<>();

    void apply(int index, byte[] command) {
      ReplicatedState.Applied applied = state.apply(index, Command.decode(command));
      for (LogRecord record : applied.records()) {
        if (record.offset() > records.size()) {
          records.add(record);
        } else {
          assertEquals(records.get((int) record.offset() - 1), record);
        }
      }
      if (index < results.size()) {
        assertEquals(results.get(index), applied.results());
      } else {
        results.add(applied.results());
      }
    }

    void snapshot(int index) {
      snapshot = state.encode();
      snapshotIndex = index;
    }

    int restart() throws IOException {
      state = ReplicatedState.decode(snapshot);
      return snapshotIndex;
    }
  }
}
