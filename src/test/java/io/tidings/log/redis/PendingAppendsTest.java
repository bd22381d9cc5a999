package io.tidings.log.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Publication;
import io.tidings.log.Entry;
import io.tidings.log.LogUnavailable;
import io.tidings.log.Retention;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PendingAppendsTest {
  private static final long WRITER = 7;
  private static final Retention ALL = new Retention(0, Duration.ZERO, 0);

  private final FakeStore store = new FakeStore(new FakeStore.Records());
  private final PendingAppends outgoing = new PendingAppends(WRITER, store, 2_000);
  private final SharedHistory history = new SharedHistory(1, 0, true, ALL, Duration.ofMinutes(1));
  private final PendingAppends.Answers answers = new PendingAppends.Answers();
  private long offset;

  @AfterEach
  void close() {
    store.close();
  }

  private Promise<List<Entry>> add(String data, long deadline) {
    Promise<List<Entry>> promise = Promise.promise();
    outgoing.add(Publication.of(List.of(Event.of("a", data))), promise, deadline);
    return promise;
  }

  /** The records are read back. */
  private void readBack(List<Buffer> records) {
    for (Buffer bytes : records) {
      offset += 8;
      SharedRecord record = SharedRecord.decode(bytes);
      var entries = new ArrayList<Entry>();
      var verdict = history.take(new RecordStore.Stored(offset, bytes), record, entries);
      outgoing.came(record, verdict, entries, history, answers);
    }
  }

  @Test
  void moreThanMayBeOpenIsRefusedUntilSomethingIsAnswered() {
    var first = add("1".repeat(1_000), 10);
    assertThrows(LogUnavailable.class, () -> add("2".repeat(1_000), 10));
    long open = outgoing.openBytes();
    readBack(outgoing.next(history, 1, answers));
    answers.give();
    assertTrue(first.future().succeeded());
    assertTrue(open > 1_000);
    assertEquals(0, outgoing.openBytes());
    add("2".repeat(1_000), 10);
  }

  @Test
  void moreThanTheStoreTakesAtOnceIsTheClientsFault() {
    var events = new ArrayList<Event>();
    for (int i = 0; i <= store.maxRecords() * store.eventsPerRecord(); i++) {
      events.add(Event.of("a", ""));
    }
    assertThrows(
        InvalidEvent.class,
        () -> outgoing.add(Publication.of(events), Promise.promise(), Long.MAX_VALUE));
    assertEquals(0, outgoing.openBytes());
  }

  @Test
  void whatIsLateIsGivenUpWhereverItIsAndTheRestIsNot() {
    var sent = add("sent", 5);
    List<Buffer> records = outgoing.next(history, 1, answers);
    var waiting = add("waiting", 5);
    var young = add("young", 9);
    outgoing.expire(5, null, answers);
    answers.give();
    assertTrue(sent.future().cause().getMessage().contains("may be stored"));
    assertTrue(waiting.future().cause().getMessage().contains("nothing was stored"));
    assertFalse(young.future().isComplete());
    outgoing.failed();
    readBack(records); // it was there after all, and nobody waits for it
    List<Buffer> next = outgoing.next(history, 1, answers);
    assertEquals(1, next.size());
    assertEquals("young", SharedRecord.decode(next.get(0)).events().get(0).data());
    readBack(next);
    answers.give();
    assertTrue(young.future().succeeded());
    assertEquals(0, outgoing.openBytes());
  }

  @Test
  void whatIsReadBackAfterItsAddFailedIsNotGivenOnceMore() {
    var promise = add("1", 10);
    List<Buffer> records = outgoing.next(history, 1, answers);
    outgoing.failed();
    readBack(records);
    assertEquals(List.of(), outgoing.next(history, 1, answers));
    assertFalse(outgoing.busy());
    assertFalse(outgoing.waiting());
    answers.give();
    assertTrue(promise.future().succeeded());
  }

  @Test
  void whatCameInTwoPartsBeforeAndAfterTheStoreWasReadAnewIsAnsweredOnce() {
    var events = new ArrayList<Event>();
    for (int i = 0; i < store.eventsPerRecord() + 1; i++) {
      events.add(Event.of("a", "" + i));
    }
    Promise<List<Entry>> promise = Promise.promise();
    outgoing.add(Publication.of(events), promise, 10);
    List<Buffer> records = outgoing.next(history, 1, answers);
    assertEquals(2, records.size());
    readBack(records.subList(0, 1));
    outgoing.restart();
    readBack(records);
    answers.give();
    assertEquals(events, promise.future().result().stream().map(Entry::event).toList());
  }
}
