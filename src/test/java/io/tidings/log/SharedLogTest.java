package io.tidings.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.Resume;
import io.tidings.event.Selection;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several logs on one store, which fails, and tells each of them in its own time. */
class SharedLogTest {
  private static final Selection ALL = Selection.of("**");

  private final List<FakeStore> stores = new ArrayList<>();
  private final List<SharedLog> logs = new ArrayList<>();
  private final FakeStore.Records records = new FakeStore.Records();

  private SharedLog open() throws Exception {
    var store = new FakeStore(records);
    stores.add(store);
    var log = get(SharedLog.open(store, Settings.of(Map.of()).log(), InstantSource.system()));
    logs.add(log);
    return log;
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
  void allSeeOneOrderAndWhatWasPublishedTwiceOnceHoweverTheStoreFails(int seed) throws Exception {
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
        open(); // one more joins in the middle of it
      }
    }
    stores.forEach(store -> store.mood(FakeStore.Mood.WELL, 0));
    Map<Integer, List<String>> taken = new HashMap<>();
    for (var each : answers.entrySet()) {
      for (Future<List<Entry>> answer : each.getValue()) {
        List<String> ids = ids(get(answer));
        assertEquals(taken.getOrDefault(each.getKey(), ids), ids, "the same key, the same entries");
        taken.put(each.getKey(), ids);
      }
    }
    for (FakeStore store : stores) {
      get(store.caughtUp());
    }
    List<String> first = ids(all(logs.get(0)));
    assertEquals(taken.values().stream().mapToInt(List::size).sum(), first.size());
    assertEquals(first.size(), new HashSet<>(first).size());
    for (SharedLog log : logs) {
      assertEquals(first, ids(all(log)));
    }
    assertEquals(first, ids(all(open())));
  }

  @Test
  void whatTheStoreLostIsToldAndOnlyThat() throws Exception {
    SharedLog log = open();
    for (String data : List.of("1", "2", "3", "4")) {
      get(log.append(List.of(Event.of("a", data))));
    }
    List<Entry> before = all(log);
    var heard = new ArrayList<Entry>();
    log.follow(heard::addAll);
    records.loseAfter(before.get(1).offset());
    stores.get(0).tellOfLoss();
    get(log.append(List.of(Event.of("a", "5"))));
    assertTrue(log.bounds().epoch() != before.get(0).position().epoch());
    // who had heard up to what is still there goes on without a gap
    Page page = get(log.after(before.get(1).position(), ALL, 10_000));
    assertTrue(page.gap().isEmpty());
    assertEquals(List.of("5"), page.entries().stream().map(e -> e.event().data()).toList());
    // who had heard more is told, and hears nothing twice
    Page told = get(log.after(before.get(3).position(), ALL, 10_000));
    assertEquals(Gap.Reason.EPOCH, told.gap().orElseThrow().reason());
    assertEquals(page.entries(), told.entries());
    Start unknown = get(log.find(new Resume.After(before.get(2).id()), ALL));
    assertEquals(Gap.Reason.EPOCH, unknown.gap().orElseThrow().reason());
    assertTrue(get(log.find(new Resume.After(before.get(0).id()), ALL)).gap().isEmpty());
    assertTrue(heard.stream().anyMatch(entry -> entry.event().data().equals("5")));
  }

  @Test
  void whereTheStoreIsAwayPublishingFailsInTimeAndSaysWhetherItMayHaveBeenTaken() throws Exception {
    SharedLog log = open();
    stores.get(0).mood(FakeStore.Mood.REFUSES, 0);
    var first = log.append(List.of(Event.of("a", "sent")));
    var second = log.append(List.of(Event.of("a", "not sent")));
    var e = assertThrows(ExecutionException.class, () -> get(first));
    assertTrue(e.getCause() instanceof LogUnavailable, e.toString());
    assertTrue(e.getMessage().contains("may have taken it"), e.getMessage());
    assertThrows(ExecutionException.class, () -> get(second));
    stores.get(0).mood(FakeStore.Mood.WELL, 0);
    get(log.append(List.of(Event.of("a", "later"))));
    assertEquals(List.of("later"), all(log).stream().map(x -> x.event().data()).toList());
  }

  @Test
  void aRecordIsReadAsItWasWritten() {
    var events =
        List.of(
            new Event(List.of("a", "b"), "type", "id", 5, "lines\nof ünïcode"), Event.of("c", ""));
    var record = new SharedRecord(-5, 7, 1, 3, 9, 11, "key", true, true, events);
    assertEquals(record, SharedRecord.decode(record.encode()));
    assertThrows(
        IllegalArgumentException.class,
        () -> SharedRecord.decode(record.encode().slice(0, 50).copy()));
  }
}
