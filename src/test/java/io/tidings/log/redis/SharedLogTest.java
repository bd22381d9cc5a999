package io.tidings.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.CapturedLog;
import io.tidings.Wait;
import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.tidings.event.Visibility;
import io.tidings.log.Entry;
import io.tidings.log.Gap;
import io.tidings.log.LogState;
import io.tidings.log.LogUnavailable;
import io.tidings.log.ManualClock;
import io.tidings.log.Page;
import io.tidings.log.StreamStart;
import io.tidings.settings.LogSettings;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several logs on one store, which fails, and delivers to each of them at its own pace. */
class SharedLogTest {
  private static final Selection ALL = Selection.all("**");

  private final List<FakeStore> stores = new ArrayList<>();
  private final List<SharedLog> logs = new ArrayList<>();
  private final FakeStore.Records records = new FakeStore.Records();

  /** The system's, until a test sets another. */
  private InstantSource clock = InstantSource.system();

  private SharedLog open() throws Exception {
    return open(64 << 20, PendingAppends.MAX_OPEN_BYTES);
  }

  /**
   * @param memory the bytes that the newest entries may take
   */
  private SharedLog open(long memory, long maxOpen) throws Exception {
    var store = new FakeStore(records);
    stores.add(store);
    LogSettings usual = Settings.of(Map.of()).log();
    var settings =
        new LogSettings(
            usual.kind(),
            usual.dir(),
            usual.sync(),
            usual.once(),
            memory,
            usual.keep(),
            usual.patience(),
            usual.raft(),
            usual.redis());
    var log = get(SharedLog.open(store, settings, clock, System::nanoTime, maxOpen));
    logs.add(log);
    return log;
  }

  /** A log with nearly nothing in memory. */
  private SharedLog openSmall() throws Exception {
    return open(1_200, PendingAppends.MAX_OPEN_BYTES);
  }

  /** Publishes an entry for which all others leave the memory of a small log. */
  private static void fillMemory(SharedLog log) throws Exception {
    publish(log, "b", "", "x".repeat(2_000));
  }

  private static AtomicReference<LogState> states(SharedLog log) {
    var state = new AtomicReference<LogState>();
    log.onState(state::set);
    return state;
  }

  private static void await(AtomicReference<LogState> state, LogState wanted) {
    Wait.until("it is " + wanted, () -> state.get() == wanted);
  }

  private static LogUnavailable assertRefused(Future<List<Entry>> answer) {
    var e = assertThrows(ExecutionException.class, () -> get(answer));
    return assertInstanceOf(LogUnavailable.class, e.getCause());
  }

  private static Entry publish(SharedLog log, String topic, String id, String data)
      throws Exception {
    return get(log.append(List.of(new Event(List.of(topic), "", id, Event.NO_RETRY, data)))).get(0);
  }

  private static List<String> data(List<Entry> entries) {
    return entries.stream().map(entry -> entry.event().data()).toList();
  }

  @AfterEach
  void close() throws Exception {
    for (SharedLog log : logs) {
      get(log.close());
    }
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private static List<Entry> all(SharedLog log) throws Exception {
    var all = new ArrayList<Entry>();
    Position at = log.bounds().begin();
    while (at.offset() < log.bounds().newest()) {
      Page page = get(log.after(at, ALL, 10_000));
      all.addAll(page.entries());
      at = page.end();
    }
    return all;
  }

  private static List<String> ids(List<Entry> entries) {
    return entries.stream().map(entry -> entry.position().toString()).toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void allLogsHaveOneOrderWithoutDuplicatesHoweverTheStoreFails(int seed) throws Exception {
    var random = new Random(seed);
    for (int i = 0; i < 3; i++) {
      open();
    }
    var answers = new HashMap<Integer, List<Future<List<Entry>>>>();
    for (int i = 0; i < 400; i++) {
      for (FakeStore store : stores) {
        store.mood(
            FakeStore.Mood.values()[random.nextInt(20) < 17 ? 0 : 1 + random.nextInt(2)],
            random.nextInt(4));
      }
      int number = i / 2;
      var events = new ArrayList<Event>();
      for (int e = 0; e <= number % 5; e++) {
        events.add(new Event(List.of("t" + number % 3), "", "", Event.NO_RETRY, number + "." + e));
      }
      var publication = new Publication(events, "key" + number, false);
      SharedLog log = logs.get(random.nextInt(3));
      answers.computeIfAbsent(number, n -> new ArrayList<>()).add(log.append(publication));
      if (random.nextInt(100) == 0) {
        open(); // another hub joins
      }
    }
    stores.forEach(store -> store.mood(FakeStore.Mood.WELL, 0));
    Map<Integer, List<String>> stored = new HashMap<>();
    for (var each : answers.entrySet()) {
      for (Future<List<Entry>> answer : each.getValue()) {
        List<String> ids = ids(get(answer));
        assertEquals(
            stored.getOrDefault(each.getKey(), ids),
            ids,
            "the same key must have the same entries");
        stored.put(each.getKey(), ids);
      }
    }
    for (FakeStore store : stores) {
      get(store.caughtUp());
    }
    List<String> first = ids(all(logs.get(0)));
    assertEquals(stored.values().stream().mapToInt(List::size).sum(), first.size());
    assertEquals(first.size(), new HashSet<>(first).size());
    for (SharedLog log : logs) {
      assertEquals(first, ids(all(log)));
    }
    assertEquals(first, ids(all(open())));
  }

  @Test
  void lostEntriesAreAGapAndTheOthersAreNot() throws Exception {
    SharedLog log = open();
    for (String data : List.of("1", "2", "3", "4")) {
      get(log.append(List.of(Event.of("a", data))));
    }
    List<Entry> before = all(log);
    var received = new ArrayList<Entry>();
    log.follow(received::addAll);
    records.loseAfter(before.get(1).offset());
    stores.get(0).reportLoss();
    get(log.append(List.of(Event.of("a", "5"))));
    assertTrue(log.bounds().epoch() != before.get(0).position().epoch());
    // a client that received only entries that are still stored resumes without a gap
    Page page = get(log.after(before.get(1).position(), ALL, 10_000));
    assertTrue(page.gap().isEmpty());
    assertEquals(List.of("5"), page.entries().stream().map(e -> e.event().data()).toList());
    // a client that received lost entries gets a gap, and no entry twice
    Page gap = get(log.after(before.get(3).position(), ALL, 10_000));
    assertEquals(Gap.Reason.EPOCH, gap.gap().orElseThrow().reason());
    assertEquals(page.entries(), gap.entries());
    StreamStart unknown =
        get(log.find(new ResumeRequest.After(before.get(2).id()), ALL, Selection.EVERYTHING));
    assertEquals(Gap.Reason.EPOCH, unknown.gap().orElseThrow().reason());
    assertTrue(
        get(log.find(new ResumeRequest.After(before.get(0).id()), ALL, Selection.EVERYTHING))
            .gap()
            .isEmpty());
    assertTrue(received.stream().anyMatch(entry -> entry.event().data().equals("5")));
  }

  @Test
  void whileTheStoreFailsPublishingFailsInTimeAndSaysWhetherTheEventMayBeStored() throws Exception {
    SharedLog log = open();
    stores.get(0).mood(FakeStore.Mood.REFUSES, 0);
    var first = log.append(List.of(Event.of("a", "sent")));
    var second = log.append(List.of(Event.of("a", "not sent")));
    var e = assertThrows(ExecutionException.class, () -> get(first));
    assertTrue(e.getCause() instanceof LogUnavailable, e.toString());
    assertTrue(e.getMessage().contains("may be stored"), e.getMessage());
    assertThrows(ExecutionException.class, () -> get(second));
    stores.get(0).mood(FakeStore.Mood.WELL, 0);
    get(log.append(List.of(Event.of("a", "later"))));
    assertEquals(List.of("later"), all(log).stream().map(x -> x.event().data()).toList());
  }

  /** The first read is of the whole store, later ones search for the last common entry. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aReloadThatFailsIsRetriedUntilItSucceeds(int succeeding) throws Exception {
    SharedLog log = open();
    AtomicReference<LogState> state = states(log);
    List<Entry> before = new ArrayList<>();
    for (String data : List.of("1", "2", "3", "4")) {
      before.add(publish(log, "a", "", data));
    }
    FakeStore store = stores.get(0);
    records.loseAfter(before.get(1).offset());
    store.succeedingReads.set(succeeding);
    store.failingReads.set(Integer.MAX_VALUE);
    store.reportLoss();
    await(state, LogState.READ_ONLY);
    assertRefused(log.append(List.of(Event.of("a", "meanwhile"))));
    assertEquals(LogState.READ_ONLY, state.get());
    store.failingReads.set(0);
    await(state, LogState.UP);
    publish(log, "a", "", "5");
    assertEquals(
        List.of("5"), data(get(log.after(before.get(1).position(), ALL, 10_000)).entries()));
  }

  @Test
  void theLogCanBeClosedDuringAReload() throws Exception {
    SharedLog log = open();
    AtomicReference<LogState> state = states(log);
    publish(log, "a", "", "1");
    stores.get(0).failingReads.set(Integer.MAX_VALUE);
    stores.get(0).reportLoss();
    await(state, LogState.READ_ONLY);
    var waiting = log.append(List.of(Event.of("a", "2")));
    get(log.close());
    assertRefused(waiting);
    assertRefused(log.append(List.of(Event.of("a", "3"))));
  }

  @Test
  void openingIsRetriedWhileTheStoreFails() throws Exception {
    publish(open(), "a", "", "1");
    var store = new FakeStore(records);
    store.failingReads.set(2);
    var log = get(SharedLog.open(store, Settings.of(Map.of()).log(), clock));
    logs.add(log);
    assertEquals(List.of("1"), data(all(log)));
  }

  @Test
  void itIsReadOnlyWhileTheStoreDoesNotAnswer() throws Exception {
    SharedLog log = open();
    AtomicReference<LogState> state = states(log);
    stores.get(0).mood(FakeStore.Mood.HANGS, 0);
    stores.get(0).muted = true;
    var unanswered = log.append(List.of(Event.of("a", "1")));
    await(state, LogState.READ_ONLY);
    assertTrue(assertRefused(unanswered).getMessage().contains("may be stored"));
    stores.get(0).mood(FakeStore.Mood.WELL, 0);
    stores.get(0).muted = false;
    await(state, LogState.UP);
    publish(log, "a", "", "2");
    assertEquals(List.of("1", "2"), data(all(log)));
  }

  @Test
  void itIsReadOnlyWhileTheStoreRefusesThoughNothingIsPublished() throws Exception {
    SharedLog log = open();
    AtomicReference<LogState> state = states(log);
    stores.get(0).mood(FakeStore.Mood.REFUSES, 0);
    stores.get(0).probeFails = true;
    await(state, LogState.READ_ONLY);
    assertRefused(log.append(List.of(Event.of("a", "1"))));
    stores.get(0).mood(FakeStore.Mood.WELL, 0);
    stores.get(0).probeFails = false;
    await(state, LogState.UP);
    publish(log, "a", "", "2");
  }

  @Test
  void itIsReadOnlyWhileStoredRecordsAreNotDelivered() throws Exception {
    SharedLog log = open();
    AtomicReference<LogState> state = states(log);
    stores.get(0).muted = true;
    var unread = log.append(List.of(Event.of("a", "1")));
    await(state, LogState.READ_ONLY);
    assertRefused(unread);
    stores.get(0).muted = false;
    await(state, LogState.UP);
    publish(log, "a", "", "2");
    assertEquals(List.of("1", "2"), data(all(log)));
  }

  @Test
  void itIsReadOnlyWhileTheStoreIsUnreachableAndLogsWhy() throws Exception {
    SharedLog log = open();
    AtomicReference<LogState> state = states(log);
    try (var lines = new CapturedLog(SharedLog.class)) {
      stores.get(0).unreachable("the cable is cut");
      await(state, LogState.READ_ONLY);
      stores.get(0).reachable();
      await(state, LogState.UP);
      assertTrue(lines.contains("the cable is cut"), "" + lines.lines());
    }
  }

  @Test
  void aFollowerThatThrowsAffectsNoOther() throws Exception {
    SharedLog log = open();
    var followed = Collections.synchronizedList(new ArrayList<Entry>());
    var calls = new AtomicInteger();
    log.follow(
        entries -> {
          calls.incrementAndGet();
          throw new IllegalStateException("a follower failed on purpose");
        });
    log.follow(
        entries -> {
          throw new StackOverflowError("an error on purpose");
        });
    log.follow(followed::addAll);
    AtomicReference<LogState> state = states(log);
    publish(log, "a", "", "1");
    publish(log, "a", "", "2");
    assertEquals(List.of("1", "2"), data(followed));
    assertEquals(2, calls.get());
    assertEquals(LogState.UP, state.get());
    stores.get(0).reportLoss();
    Wait.until("the log is reloaded", () -> calls.get() == 3);
    publish(log, "a", "", "3");
  }

  @Test
  void publicationsBeyondTheByteLimitAreRefusedAndTheOthersAreStored() throws Exception {
    SharedLog log = open(64 << 20, 10_000);
    stores.get(0).mood(FakeStore.Mood.REFUSES, 0);
    var accepted = new ArrayList<Future<List<Entry>>>();
    var refused = new ArrayList<Future<List<Entry>>>();
    Event event = Event.of("a", "x".repeat(500));
    for (int i = 0; i < 30; i++) {
      Future<List<Entry>> answer = log.append(List.of(event));
      (answer.failed() ? refused : accepted).add(answer);
    }
    assertEquals(10_000 / Publication.of(List.of(event)).cost(), accepted.size());
    assertTrue(assertRefused(refused.get(0)).getMessage().contains("too much waits"));
    stores.get(0).mood(FakeStore.Mood.WELL, 0);
    for (Future<List<Entry>> answer : accepted) {
      assertEquals(1, get(answer).size());
    }
    publish(log, "a", "", "y".repeat(5_000));
    publish(log, "a", "", "y".repeat(20_000)); // a single one is accepted whatever its size
  }

  @Test
  void anUnknownIdIsAGapWithoutReadingTheStore() throws Exception {
    SharedLog log = openSmall();
    for (int i = 0; i < 300; i++) {
      publish(log, "a", "id" + i, "" + i);
    }
    int before = stores.get(0).reads.get();
    StreamStart start =
        get(log.find(new ResumeRequest.After("garbage"), ALL, Selection.EVERYTHING));
    assertEquals(Gap.Reason.UNKNOWN, start.gap().orElseThrow().reason());
    assertEquals("id0", start.gap().get().next());
    assertEquals(1, stores.get(0).reads.get() - before, "one read, for the next entry");
  }

  @Test
  void anUnreadableIdIsSoughtByAsManyReadsAsOneThatIsUnknown() throws Exception {
    SharedLog log = openSmall();
    for (int i = 0; i < 300; i++) {
      publish(log, i % 2 == 0 ? "mine" : "theirs", "id" + i, "" + i);
    }
    Selection mine = Selection.all("mine");
    for (String id : List.of("garbage", "id1", "id299")) {
      int before = stores.get(0).reads.get();
      StreamStart start = get(log.find(new ResumeRequest.After(id), mine, mine));
      assertEquals(Gap.Reason.UNKNOWN, start.gap().orElseThrow().reason());
      assertEquals(2, stores.get(0).reads.get() - before, id + ", and the next entry");
    }
    StreamStart own = get(log.find(new ResumeRequest.After("id2"), mine, mine));
    assertEquals(List.of("4"), data(get(log.after(own.after(), mine, 1)).entries()));
  }

  @Test
  void aRetryAtAnotherHubOrAfterARestartIsRecognisedInItsScope() throws Exception {
    SharedLog log = open();
    var event = new Event(List.of("a"), "", "id", Event.NO_RETRY, "once");
    var key = new Publication(List.of(Event.of("a", "1"), Event.of("b", "2")), "key", false);
    var publications = new ArrayList<Publication>();
    for (String scope : List.of("", "s", "t")) {
      publications.add(key.withScope(scope));
      publications.add(new Publication(List.of(event), "", true).withScope(scope));
    }
    var answers = new ArrayList<List<String>>();
    for (Publication publication : publications) {
      answers.add(ids(get(log.append(publication))));
    }
    SharedLog other = open();
    for (int i = 0; i < publications.size(); i++) {
      assertEquals(answers.get(i), ids(get(other.append(publications.get(i)))));
    }
    assertEquals(9, all(other).size());
  }

  @Test
  void anIdInTheStoreIsFoundByTwoReads() throws Exception {
    SharedLog log = openSmall();
    for (int i = 0; i < 300; i++) {
      publish(log, "a" + i % 3, "id" + i / 2, "" + i);
    }
    int before = stores.get(0).reads.get();
    StreamStart start =
        get(log.find(new ResumeRequest.After("id7"), Selection.all("a0"), Selection.EVERYTHING));
    assertTrue(start.gap().isEmpty());
    assertEquals(2, stores.get(0).reads.get() - before);
    Page page = get(log.after(start.after(), ALL, 1));
    assertEquals(List.of("16"), data(page.entries()));
  }

  @Test
  void theNewestEntryOfAQuietTopicIsFoundWithoutReadingTheStore() throws Exception {
    SharedLog log = openSmall();
    publish(log, "quiet.one", "", "quiet");
    for (int i = 0; i < 300; i++) {
      publish(log, "a", "", "" + i);
    }
    int before = stores.get(0).reads.get();
    for (String what : List.of("quiet.one", "quiet.*")) {
      StreamStart start =
          get(log.find(new ResumeRequest.Latest(), Selection.all(what), Selection.EVERYTHING));
      assertEquals(0, stores.get(0).reads.get() - before);
      assertEquals(
          List.of("quiet"), data(get(log.after(start.after(), Selection.all(what), 1)).entries()));
      before = stores.get(0).reads.get();
    }
    StreamStart none =
        get(log.find(new ResumeRequest.Latest(), Selection.all("nobody"), Selection.EVERYTHING));
    assertEquals(log.bounds().head(), none.after());
    Page page = get(log.after(log.bounds().begin(), Selection.all("nobody"), 1));
    assertEquals(log.bounds().head(), page.end());
    assertEquals(0, stores.get(0).reads.get() - before);
  }

  @Test
  void anAgeIsFoundByBisection() throws Exception {
    var manual = new ManualClock();
    clock = manual;
    SharedLog log = openSmall();
    for (int i = 0; i < 500; i++) {
      publish(log, "a", "", "" + i);
      manual.advance(Duration.ofSeconds(1));
    }
    for (int age : new int[] {499, 400, 250, 100}) {
      int before = stores.get(0).reads.get();
      StreamStart start =
          get(
              log.find(
                  new ResumeRequest.Since(Duration.ofSeconds(age)), ALL, Selection.EVERYTHING));
      assertTrue(start.gap().isEmpty(), () -> "" + start.gap());
      assertTrue(stores.get(0).reads.get() - before < 20);
      Page page = get(log.after(start.after(), ALL, 1));
      assertEquals(List.of("" + (500 - age)), data(page.entries()));
    }
    StreamStart all =
        get(log.find(new ResumeRequest.Since(Duration.ofHours(1)), ALL, Selection.EVERYTHING));
    assertTrue(all.gap().isEmpty(), "the store has every record that it ever had");
    assertEquals(List.of("0"), data(get(log.after(all.after(), ALL, 1)).entries()));
    records.evictBefore(records.from(0).get(100).offset());
    StreamStart removed =
        get(log.find(new ResumeRequest.Since(Duration.ofHours(1)), ALL, Selection.EVERYTHING));
    assertEquals(Gap.Reason.REMOVED, removed.gap().orElseThrow().reason());
  }

  @Test
  void entriesThatTheStoreLostWithoutReportingAreAGap() throws Exception {
    SharedLog log = openSmall();
    Entry first = publish(log, "a", "", "0");
    for (int i = 1; i < 100; i++) {
      publish(log, "a", "", "" + i);
    }
    records.loseAll();
    Page page = get(log.after(first.position(), ALL, 10_000));
    assertEquals(Gap.Reason.REMOVED, page.gap().orElseThrow().reason());
    assertEquals("99", data(all(log)).get(data(all(log)).size() - 1));
  }

  @Test
  void entriesTrimmedBeforeTheyWereDeliveredAreAGapAndNoneIsDeliveredTwice() throws Exception {
    SharedLog log = open();
    SharedLog other = open();
    var followed = Collections.synchronizedList(new ArrayList<Entry>());
    log.follow(followed::addAll);
    Entry first = publish(log, "a", "", "0");
    stores.get(0).muted = true;
    for (int i = 1; i < 5; i++) {
      publish(other, "a", "", "" + i);
    }
    records.evictBefore(records.from(0).get(records.from(0).size() - 2).offset());
    stores.get(0).reportLoss(Gap.Reason.REMOVED);
    Wait.until(
        "the remaining entries are delivered", () -> data(List.copyOf(followed)).contains("4"));
    publish(log, "a", "", "5");
    assertEquals(first.position().epoch(), log.bounds().epoch());
    assertEquals(List.of("0", "3", "4", "5"), data(followed));
    assertEquals(
        Gap.Reason.REMOVED,
        get(log.after(first.position(), ALL, 10_000)).gap().orElseThrow().reason());
  }

  @Test
  void aRecordOfAnotherVersionIsSkippedInMemoryAndInTheStore() throws Exception {
    SharedLog log = openSmall();
    publish(log, "a", "", "1");
    records.add(List.of(Buffer.buffer("none")));
    for (int i = 2; i < 20; i++) {
      publish(log, "a", "", "" + i);
    }
    assertEquals(19, all(log).size());
    assertEquals(ids(all(log)), ids(all(open())));
  }

  /** A stream of the latest entry starts at the offset before it, where no entry is. */
  @Test
  void anEntryOfTheStoreHasTheSamePreviousOneWhereverReadingStarts() throws Exception {
    SharedLog log = openSmall();
    publish(log, "b", "", "1");
    Entry latest = publish(log, "a", "", "2");
    fillMemory(log);
    Selection topic = Selection.all("a");
    var start = get(log.find(new ResumeRequest.Latest(), topic, Selection.EVERYTHING)).after();
    assertEquals(List.of(latest), get(log.after(start, topic, 1_000)).entries());
    assertEquals(latest, all(log).get(1));
  }

  /** A large entry is read in parts, each from the previous one on: that must not be a gap. */
  @Test
  void theOldestEntryOfTheStoreCanBeReadAgainFromItsPreviousOne() throws Exception {
    SharedLog log = openSmall();
    publish(log, "a", "", "1");
    Entry oldest = publish(log, "a", "", "2");
    fillMemory(log);
    records.evictBefore(oldest.offset());
    Page page = get(log.after(log.bounds().begin(), ALL, 1));
    Entry first = page.entries().get(0);
    assertEquals(oldest.position(), first.position());
    Page again = get(log.after(page.end().at(first.previous()), ALL, 1));
    assertEquals(Optional.empty(), again.gap());
    assertEquals(page.entries(), again.entries());
  }

  @Test
  void aPageReadsABoundedNumberOfRecords() throws Exception {
    SharedLog log = openSmall();
    int count = SharedReader.MAX_RECORDS_PER_PAGE + 1_000;
    var written = new ArrayList<Buffer>();
    for (int i = 1; i <= count; i++) {
      String topic = i == count ? "z" : "a";
      Publication one = Publication.of(List.of(Event.of(topic, "")));
      written.add(
          SharedRecord.split(one, new SharedRecord.Origin(1, i, 0, 0, false)).get(0).encode());
    }
    records.add(written);
    Wait.until("all are read", () -> log.bounds().newest() >= count * 8L);
    fillMemory(log);
    Selection what = Selection.all("z.**");
    int before = stores.get(0).reads.get();
    Page page = get(log.after(log.bounds().begin(), what, 1_000));
    assertEquals(List.of(), page.entries());
    assertTrue(page.end().offset() < log.bounds().newest());
    assertTrue(stores.get(0).reads.get() - before <= SharedReader.MAX_RECORDS_PER_PAGE / 256 + 1);
    assertEquals(1, get(log.after(page.end(), what, 1_000)).entries().size());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aDuplicateOfAnEntryThatHasLeftTheMemoryIsAnsweredAsUnknown(boolean once) throws Exception {
    SharedLog log = openSmall();
    SharedLog other = open();
    var event = new Event(List.of("a"), "", "id", Event.NO_RETRY, "1");
    var publication = new Publication(List.of(event), once ? "" : "key", once);
    stores.get(0).mood(FakeStore.Mood.WELL, 500);
    var late = log.append(publication);
    get(other.append(publication));
    for (int i = 0; i < 50; i++) {
      publish(other, "b", "", "x".repeat(100));
    }
    assertTrue(
        assertRefused(late).getMessage().contains("no longer knows where the same was published"));
    stores.get(0).mood(FakeStore.Mood.WELL, 0);
    publish(log, "a", "", "2");
    assertEquals(52, all(log).size());
  }

  @Test
  void aRecordIsReadAsItWasWritten() {
    var event = new Event(List.of("a", "b"), "type", "id", 5, "lines\nof ünïcode");
    var record = new SharedRecord(-5, 7, 1, 3, 9, 11, "key", true, true, Optional.of(event), "");
    var empty = new SharedRecord(-5, 7, 0, 1, 9, 11, "", false, false, Optional.empty(), "");
    assertEquals(empty, SharedRecord.decode(empty.encode()));
    assertEquals(record, SharedRecord.decode(record.encode()));
    var scoped = new SharedRecord(-5, 7, 1, 3, 9, 11, "", true, true, Optional.of(event), "s");
    assertEquals(scoped, SharedRecord.decode(scoped.encode()));
    var secret = Optional.of(event.with(Visibility.PRIVATE));
    var marked = new SharedRecord(-5, 7, 1, 3, 9, 11, "", true, true, secret, "");
    assertEquals(marked, SharedRecord.decode(marked.encode()));
    assertEquals(3, marked.encode().getByte(0), "a version without the mark must not show it");
    assertEquals(1, record.encode().getByte(0));
    assertEquals(2, scoped.encode().getByte(0));
    assertThrows(
        IllegalArgumentException.class,
        () -> SharedRecord.decode(record.encode().slice(0, 50).copy()));
  }
}
