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
  private final PendingAppends pending = new PendingAppends(WRITER, store, 2_000);
  private final SharedHistory history = new SharedHistory(1, 0, true, ALL, Duration.ofMinutes(1));
  private final Answers answers = new Answers();
  private long offset;

  @AfterEach
  void close() {
    store.close();
  }

  private Promise<List<Entry>> add(String data, long deadline) {
    Promise<List<Entry>> promise = Promise.promise();
    pending.add(Publication.of(List.of(Event.of("a", data))), promise, deadline);
    return promise;
  }

  /** The records are read back. */
  private void readBack(List<Buffer> records) {
    for (Buffer bytes : records) {
      offset += 8;
      SharedRecord record = SharedRecord.decode(bytes);
      var entries = new ArrayList<Entry>();
      var verdict =
          history.apply(new RecordStore.Stored(offset, offset - 8, bytes), record, entries);
      pending.readBack(record, verdict, entries, history, answers);
    }
  }

  @Test
  void publicationsBeyondTheByteLimitAreRefusedUntilOneIsAnswered() {
    var first = add("1".repeat(1_000), 10);
    assertThrows(LogUnavailable.class, () -> add("2".repeat(1_000), 10));
    long open = pending.openBytes();
    readBack(pending.next(history, 1, answers));
    answers.deliver();
    assertTrue(first.future().succeeded());
    assertTrue(open > 1_000);
    assertEquals(0, pending.openBytes());
    add("2".repeat(1_000), 10);
  }

  @Test
  void moreEventsThanTheStoreAcceptsAtOnceAreInvalid() {
    var events = new ArrayList<Event>();
    for (int i = 0; i <= store.maxRecords(); i++) {
      events.add(Event.of("a", ""));
    }
    assertThrows(
        InvalidEvent.class,
        () -> pending.add(Publication.of(events), Promise.promise(), Long.MAX_VALUE));
    assertEquals(0, pending.openBytes());
  }

  @Test
  void publicationsExpireAtTheirDeadlineInTheQueueAndInTheStore() {
    var sent = add("sent", 5);
    List<Buffer> records = pending.next(history, 1, answers);
    var waiting = add("waiting", 5);
    var young = add("young", 9);
    pending.expire(5, null, answers);
    answers.deliver();
    assertTrue(sent.future().cause().getMessage().contains("may be stored"));
    assertTrue(waiting.future().cause().getMessage().contains("nothing was stored"));
    assertFalse(young.future().isComplete());
    pending.batchFailed();
    readBack(records); // it was stored after all, and its publisher has been answered
    List<Buffer> next = pending.next(history, 1, answers);
    assertEquals(1, next.size());
    assertEquals("young", SharedRecord.decode(next.get(0)).event().orElseThrow().data());
    readBack(next);
    answers.deliver();
    assertTrue(young.future().succeeded());
    assertEquals(0, pending.openBytes());
  }

  @Test
  void aPublicationReadBackAfterItsAddFailedIsNotRetried() {
    var promise = add("1", 10);
    List<Buffer> records = pending.next(history, 1, answers);
    pending.batchFailed();
    readBack(records);
    assertEquals(List.of(), pending.next(history, 1, answers));
    assertFalse(pending.adding());
    assertFalse(pending.waiting());
    answers.deliver();
    assertTrue(promise.future().succeeded());
  }

  @Test
  void partsReadBackBeforeAndAfterAReloadAreAnsweredOnce() {
    var events = new ArrayList<Event>();
    for (int i = 0; i < 2; i++) {
      events.add(Event.of("a", "" + i));
    }
    Promise<List<Entry>> promise = Promise.promise();
    pending.add(Publication.of(events), promise, 10);
    List<Buffer> records = pending.next(history, 1, answers);
    assertEquals(2, records.size());
    readBack(records.subList(0, 1));
    pending.reloaded();
    readBack(records);
    answers.deliver();
    assertEquals(events, promise.future().result().stream().map(Entry::event).toList());
  }

  @Test
  void aBatchThatFailedIsSentAgainAsARetryWithTheSameNumberAndOrder() {
    var first = add("1", 10);
    var second = add("2", 10);
    List<SharedRecord> sent = decoded(pending.next(history, 1, answers));
    pending.batchFailed();
    var third = add("3", 10);
    List<Buffer> again = pending.next(history, 2, answers);
    List<SharedRecord> resent = decoded(again);
    assertEquals(List.of("1", "2", "3"), data(resent));
    assertEquals(List.of(true, true, false), resent.stream().map(SharedRecord::retry).toList());
    for (int i = 0; i < sent.size(); i++) {
      assertFalse(sent.get(i).retry());
      assertEquals(sent.get(i).identity(), resent.get(i).identity());
      assertEquals(sent.get(i).seen(), resent.get(i).seen());
    }
    readBack(again);
    answers.deliver();
    assertTrue(first.future().succeeded() && second.future().succeeded());
    assertTrue(third.future().succeeded());
  }

  @Test
  void aRetryOfAStoredPublicationIsAnsweredWithTheEntriesOfTheFirstAttempt() {
    var promise = add("1", 10);
    List<Buffer> sent = pending.next(history, 1, answers);
    pending.batchFailed();
    List<Buffer> again = pending.next(history, 1, answers);
    readBack(sent);
    long stored = offset;
    readBack(again);
    answers.deliver();
    assertEquals(List.of(stored), promise.future().result().stream().map(Entry::offset).toList());
    assertEquals(0, pending.openBytes());
  }

  @Test
  void aLargePublicationIsAnsweredWithItsLastPart() {
    var events = new ArrayList<Event>();
    for (int i = 0; i < 3; i++) {
      events.add(Event.of("a", "" + i));
    }
    Promise<List<Entry>> promise = Promise.promise();
    pending.add(Publication.of(events), promise, 10);
    List<Buffer> records = pending.next(history, 1, answers);
    assertEquals(List.of(0, 1, 2), decoded(records).stream().map(SharedRecord::part).toList());
    readBack(records.subList(0, 2));
    answers.deliver();
    assertFalse(promise.future().isComplete());
    readBack(records.subList(2, 3));
    answers.deliver();
    assertEquals(events, promise.future().result().stream().map(Entry::event).toList());
  }

  @Test
  void aStalePublicationIsSentAgainAsNew() {
    var key = new Publication(List.of(Event.of("a", "1")), "key", false);
    Promise<List<Entry>> promise = Promise.promise();
    pending.add(key, promise, 10);
    SharedRecord sent = decoded(pending.next(history, 1, answers)).get(0);
    pending.batchStored(answers);
    pending.readBack(sent, SharedHistory.Verdict.STALE, List.of(), history, answers);
    assertTrue(pending.waiting());
    List<Buffer> again = pending.next(history, 2, answers);
    SharedRecord resent = decoded(again).get(0);
    assertFalse(resent.retry());
    assertTrue(resent.number() > sent.number());
    readBack(again);
    answers.deliver();
    assertTrue(promise.future().succeeded());
  }

  private static List<SharedRecord> decoded(List<Buffer> records) {
    return records.stream().map(SharedRecord::decode).toList();
  }

  private static List<String> data(List<SharedRecord> records) {
    return records.stream().map(record -> record.event().orElseThrow().data()).toList();
  }
}
