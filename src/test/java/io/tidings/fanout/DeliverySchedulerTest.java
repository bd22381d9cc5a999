package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.concurrent.EventExecutor;
import io.tidings.bus.EntryBatch;
import io.tidings.event.Filter;
import io.tidings.event.ResumeRequest;
import io.tidings.log.Entry;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever one audience throws, the others are not affected, and its own streams lose nothing. */
class DeliverySchedulerTest {
  private static final Filter A = Filter.of("a");
  private TestLoop loop;

  @BeforeEach
  void open() throws Exception {
    loop = new TestLoop();
  }

  @AfterEach
  void close() throws Exception {
    loop.close();
  }

  @Test
  void anAudienceWhoseDeliveryFailsResumesFromTheLogAndOthersAreNotAffected() throws Exception {
    FakeOutlet a = loop.join(A);
    FakeOutlet b = loop.join(Filter.of("b"));
    loop.publish("a", "1", "2");
    loop.publish("b", "1");
    breakFrames(A);
    loop.receive();
    assertEquals(List.of("1", "2"), a.received());
    assertEquals(List.of("1"), b.received());
    loop.publish("a", "3");
    loop.receive();
    assertEquals(List.of("1", "2", "3"), a.received());
    assertFalse(a.wasCut() || a.ended());
  }

  @Test
  void whatIsReceivedIsDeliveredBeforeTheLoopPollsItsSocketsAgain() throws Exception {
    FakeOutlet a = loop.join(A);
    var delivered = new ArrayList<String>();
    loop.run(
        () -> {
          loop.publish("a", "1");
          loop.receiveNow();
          loop.later(() -> delivered.addAll(a.received())); // a task in the same pass of the loop
        });
    loop.awaitIdle();
    assertEquals(List.of("1"), delivered);
  }

  @Test
  void afterADeliveryTheNextOneFollowsThePollOfTheSockets() throws Exception {
    FakeOutlet a = loop.join(A);
    FakeOutlet b = loop.join(Filter.of("b"));
    var deliveredInPass = new ArrayList<String>();
    loop.run(
        () -> {
          loop.publish("a", "1");
          loop.receiveNow();
          loop.later(
              () -> {
                loop.publish("b", "2");
                loop.receiveNow();
                loop.later(
                    () -> {
                      deliveredInPass.addAll(a.received());
                      deliveredInPass.addAll(b.received());
                    });
              });
        });
    loop.awaitIdle();
    assertEquals(List.of("1"), deliveredInPass);
    assertEquals(List.of("2"), b.received());
  }

  @Test
  void anAudienceGathersEntriesAfterADeliveryThatTookLong() throws Exception {
    for (int i = 0; i < 2_000; i++) {
      loop.join(A);
    }
    var gathered = new AtomicBoolean();
    for (int i = 0; i < 100 && !gathered.get(); i++) { // the pause is as long as the delivery took
      assertFalse(gathering());
      loop.publish("a", "1");
      loop.receive();
      loop.publish("a", "2");
      loop.run(loop::receiveNow);
      gathered.set(gathering());
      loop.awaitIdle();
    }
    assertTrue(gathered.get());
    assertFalse(gathering());
  }

  private boolean gathering() throws Exception {
    var gathering = new AtomicBoolean();
    loop.run(() -> gathering.set(loop.audiences().gathering()));
    return gathering.get();
  }

  @Test
  void anErrorInTheMiddleOfADeliveryCausesNoLossAndNoDuplicate() throws Exception {
    var outlets = new ArrayList<FakeOutlet>();
    for (int i = 0; i < 2_000; i++) {
      outlets.add(loop.join(A));
    }
    FakeOutlet other = loop.join(Filter.of("b"));
    for (int failing : new int[] {0, 700, 1_999}) {
      outlets.get(failing).failNextWritable(new OutOfMemoryError("injected"));
      loop.publish("a", "at " + failing);
      loop.publish("b", "at " + failing);
      loop.receive();
    }
    loop.publish("a", "last");
    loop.receive();
    for (FakeOutlet outlet : outlets) {
      assertEquals(List.of("at 0", "at 700", "at 1999", "last"), outlet.received());
    }
    assertEquals(List.of("at 0", "at 700", "at 1999"), other.received());
    assertEquals(2_001, loop.subscriptions().streams());
  }

  @Test
  void aStreamThatCouldNotBeWrittenToFallsBehindAloneAndLosesNothing() throws Exception {
    FakeOutlet failing = loop.join(A);
    FakeOutlet good = loop.join(A);
    failing.failBeforeWriting(new OutOfMemoryError("injected"));
    loop.publish("a", "1");
    loop.run(loop::receiveNow);
    while (good.received().isEmpty()) {
      loop.run(() -> {});
    }
    loop.run(() -> failing.failBeforeWriting(null));
    loop.awaitIdle();
    loop.tick();
    loop.publish("a", "2");
    loop.receive();
    assertEquals(List.of("1", "2"), failing.received());
    assertEquals(List.of("1", "2"), good.received());
  }

  @Test
  void aStreamIsCutIfItIsUnknownHowMuchWasWritten() throws Exception {
    FakeOutlet failing = loop.join(A);
    FakeOutlet good = loop.join(A);
    failing.failAfterWriting(new InternalError("injected"));
    loop.publish("a", "1");
    loop.receive();
    assertTrue(failing.wasCut());
    assertEquals(List.of("1"), good.received());
    assertEquals(1, loop.subscriptions().streams());
  }

  @Test
  void afterADeliveryIsAbandonedInTheMiddleEachStreamResumesFromWhatItWasDelivered()
      throws Exception {
    List<FakeOutlet> outlets = IntStream.range(0, 6).mapToObj(i -> new FakeOutlet()).toList();
    var streams = new ArrayList<Subscriber>();
    for (FakeOutlet outlet : outlets) {
      streams.add(loop.open(A, outlet));
    }
    var late = new FakeOutlet();
    var positions = new ArrayList<String>();
    loop.publish("a", "1");
    loop.run(
        () -> {
          loop.receiveNow();
          Delivery delivery = streams.get(0).audience().delivery();
          assertEquals(0, delivery.deliver(4));
          loop.openNow(A, late, new ResumeRequest.Live());
          streams.get(0).leave(CloseReason.CLIENT);
          delivery.abandon();
          streams.get(1).leave(CloseReason.CLIENT);
          streams.get(2).leave(CloseReason.CLIENT);
          for (int i : new int[] {3, 4}) {
            positions.add(delivery.position(streams.get(i)).toString());
          }
        });
    loop.awaitIdle();
    loop.publish("a", "2");
    loop.receive();
    var received = new ArrayList<List<String>>();
    outlets.forEach(outlet -> received.add(outlet.received()));
    List<String> all = List.of("1", "2");
    List<String> gone = List.of("1");
    assertEquals(List.of(gone, gone, gone, all, all, all), received);
    assertEquals(List.of("2"), late.received(), "it began after the first event");
    assertEquals(outlets.get(3).parser().events().get(0).lastEventId(), positions.get(0));
    assertFalse(
        positions.get(0).equals(positions.get(1)),
        "a stream that was not written to resumes before the event");
    assertEquals(4, loop.subscriptions().streams());
  }

  @Test
  void aPageThatCouldNotBeReadForLackOfMemoryIsReadAgain() throws Exception {
    FakeOutlet slow = loop.join(A);
    FakeOutlet other = loop.join(A);
    slow.block(1);
    loop.publish("a", "1", "2");
    loop.receive();
    loop.failReading(new OutOfMemoryError("injected"), 2);
    loop.run(slow::unblock);
    loop.awaitIdle();
    assertEquals(List.of("1", "2"), slow.received());
    assertEquals(List.of("1", "2"), other.received());
    assertFalse(slow.wasCut() || slow.ended());
  }

  @Test
  void ofTheStreamsThatWaitForOnePageEachReceivesItAlsoIfOneCouldNotBeQueued() throws Exception {
    List<FakeOutlet> outlets = IntStream.range(0, 4).mapToObj(i -> new FakeOutlet()).toList();
    loop.publish("a", "1");
    loop.receive();
    loop.run(
        () -> {
          loop.holdReads(true);
          outlets.forEach(outlet -> loop.openNow(A, outlet, new ResumeRequest.Earliest()));
        });
    for (int i = 0; i < 10; i++) {
      loop.run(() -> {}); // turns in which they ask for the page
    }
    loop.run(
        () -> {
          loop.holdReads(false);
          outlets.get(2).failNextWritable(new OutOfMemoryError("injected"));
          assertTrue(loop.releaseRead());
        });
    loop.awaitIdle();
    loop.tick();
    loop.awaitIdle();
    for (FakeOutlet outlet : outlets) {
      assertEquals(List.of("1"), outlet.received());
    }
  }

  @Test
  void aPauseWhoseEndCouldNotBeScheduledIsEndedByTheTimer() throws Exception {
    FakeOutlet slow = new FakeOutlet();
    Subscriber reader = loop.open(A, slow);
    slow.block(1);
    loop.publish("a", "1", "2");
    loop.receive();
    loop.run(
        () -> {
          var scheduler = new DeliveryScheduler(withoutMemory(), loop.audiences());
          scheduler.pause(reader);
          scheduler.wake();
          assertTrue(scheduler.idle());
        });
    loop.run(slow::unblock);
    loop.awaitIdle();
    assertEquals(List.of("1", "2"), slow.received());
  }

  /** A loop with which nothing can be scheduled. */
  private static EventExecutor withoutMemory() {
    return (EventExecutor)
        Proxy.newProxyInstance(
            EventExecutor.class.getClassLoader(),
            new Class<?>[] {EventExecutor.class},
            (proxy, method, arguments) -> {
              throw new OutOfMemoryError("injected");
            });
  }

  @Test
  void aBatchThatCouldNotBeDispatchedIsReadFromTheLogByAll() throws Exception {
    FakeOutlet a = loop.join(A);
    FakeOutlet b = loop.join(Filter.of("b"));
    loop.publish("a", "1");
    loop.publish("b", "1");
    loop.publish("a", "2");
    var all = new ArrayList<Entry>();
    loop.inFlight().forEach(batch -> all.addAll(batch.list()));
    loop.inFlight().clear();
    Entry broken = all.get(1);
    all.set(
        1, new Entry(broken.position(), broken.previous(), broken.time(), null, broken.frame()));
    loop.inFlight().add(new EntryBatch(all, System.nanoTime(), 0));
    loop.receive();
    loop.publish("b", "2");
    loop.receive();
    assertEquals(List.of("1", "2"), a.received());
    assertEquals(List.of("1", "2"), b.received());
  }

  @Test
  void repeatedFailuresAreReportedOnceAMinute() throws Exception {
    var reports = new ArrayList<LogRecord>();
    var logger = Logger.getLogger(DeliveryScheduler.class.getName());
    var handler = new Reports(reports);
    logger.addHandler(handler);
    try {
      FakeOutlet a = loop.join(A);
      for (int i = 0; i < 20; i++) {
        a.failNextWritable(new OutOfMemoryError("injected"));
        loop.publish("a", "" + i);
        loop.receive();
      }
      assertEquals(20, a.received().size());
      assertEquals(1, reports.size());
      assertEquals("injected", reports.get(0).getThrown().getMessage());
    } finally {
      logger.removeHandler(handler);
    }
  }

  private static final class Reports extends Handler {
    private final List<LogRecord> records;

    Reports(List<LogRecord> records) {
      this.records = records;
    }

    @Override
    public void publish(LogRecord record) {
      records.add(record);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  /** Removes the frames from the batches on the way to the audience; the log keeps them. */
  private void breakFrames(Filter of) {
    var batches = List.copyOf(loop.inFlight());
    loop.inFlight().clear();
    for (EntryBatch batch : batches) {
      List<Entry> list =
          batch.list().stream()
              .map(
                  e ->
                      of.matches(e.event().topics())
                          ? new Entry(e.position(), e.previous(), e.time(), e.event(), null)
                          : e)
              .toList();
      loop.inFlight().add(new EntryBatch(list, batch.nanos(), 0));
    }
  }
}
