package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.auth.Principal;
import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.event.ResumeRequest;
import io.tidings.log.StreamStart;
import io.tidings.settings.Settings;
import io.tidings.settings.StreamSettings;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Ends streams because the hub stops or its log is isolated, with sockets and time in the test's
 * hands.
 */
class DrainingTest {
  private static final Filter ALL = Filter.of("**");
  private static final Duration DRAIN = TestLoop.SETTINGS.drain();
  private static final Instant SINCE = Instant.parse("2026-05-01T10:20:30.456789Z");
  private static final String STALE = "{\"since\":\"2026-05-01T10:20:30.456Z\"}";
  private static final StreamSettings SHORT =
      Settings.of(Map.of("stream.stall", "1ms", "stream.drain", "0")).stream();
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
  void aStopEndsStreamsOverTheGivenTimeEachWithItsOwnRetryDelay() throws Exception {
    List<FakeOutlet> outlets = join(200);
    loop.publish("t1", "before");
    loop.receive();
    Future<Void> stopped = stop(Duration.ofMillis(400));
    assertEquals(0, ended(outlets));
    loop.advance(Duration.ofMillis(100));
    awaitEnded(outlets, 50);
    loop.advance(Duration.ofMillis(100));
    awaitEnded(outlets, 100);
    assertFalse(stopped.isComplete());
    loop.advance(Duration.ofMillis(200));
    get(stopped);
    var retries = new HashSet<String>();
    for (FakeOutlet outlet : outlets) {
      assertEquals(CloseReason.DRAINED, outlet.why());
      assertEquals(loop.log().bounds().head().toString(), last(outlet).lastEventId());
      retries.add(last(outlet).data());
    }
    assertTrue(retries.size() > 100, "different delays: " + retries.size());
    assertEquals(0, loop.subscriptions().streams());
  }

  @Test
  void aStreamThatOpensDuringAStopIsEndedAtOnce() throws Exception {
    join(1);
    Future<Void> stopped = stop(DRAIN);
    FakeOutlet late = loop.join(ALL);
    assertEquals(CloseReason.DRAINED, late.why());
    assertEquals("hub.drain", last(late).type());
    loop.advance(DRAIN);
    get(stopped);
  }

  @Test
  void anIsolationEndsTheOpenStreamsOnceOverTheDrainTimeAndTheLoopServesOn() throws Exception {
    List<FakeOutlet> outlets = join(100);
    isolate();
    assertEquals(0, ended(outlets));
    loop.advance(DRAIN.dividedBy(2));
    awaitEnded(outlets, 50);
    loop.advance(DRAIN.dividedBy(2));
    awaitEnded(outlets, 100);
    for (FakeOutlet outlet : outlets) {
      assertEquals(CloseReason.ISOLATED, outlet.why());
      assertEquals(List.of("hub.drain"), types(outlet));
    }
    assertFalse(loop.audiences().draining(), "new streams are not refused");
    FakeOutlet stays = loop.join(ALL);
    isolate();
    loop.advance(DRAIN.multipliedBy(2));
    loop.awaitTimers(Drain.STEP_MILLIS);
    assertFalse(stays.ended());
    loop.publish("t1", "after the heal");
    loop.receive();
    assertEquals(List.of(STALE, "after the heal"), stays.received());
  }

  @Test
  void aStreamOpenedDuringAnIsolationIsToldSoFirstAndReplaysWhatTheNodeHas() throws Exception {
    loop.publish("a", "1", "2");
    loop.receive();
    isolate();
    FakeOutlet outlet = loop.join(ALL, new ResumeRequest.Earliest());
    assertEquals(List.of(STALE, "1", "2"), outlet.received());
    ReceivedEvent stale = outlet.parser().all().get(0);
    assertEquals("hub.stale", stale.type());
    assertEquals("", stale.lastEventId(), "the client's position does not move");
  }

  @Test
  void aGapIsToldAfterTheStaleness() throws Exception {
    loop.publish("a", "1");
    loop.receive();
    isolate();
    FakeOutlet outlet = loop.join(ALL, new ResumeRequest.After(new Position(7, 7).toString()));
    assertEquals(List.of("hub.stale", "hub.gap", "message"), types(outlet));
  }

  @Test
  void eachIsolationEndsTheStreamsThatAreOpenAtItsBegin() throws Exception {
    isolate();
    FakeOutlet first = loop.join(ALL);
    reconnect();
    FakeOutlet second = loop.join(ALL);
    loop.advance(DRAIN.multipliedBy(2));
    loop.awaitTimers(Drain.STEP_MILLIS);
    assertFalse(first.ended() || second.ended());
    assertEquals(List.of(), types(second));
    isolate();
    loop.advance(DRAIN);
    awaitEnded(List.of(first, second), 2);
  }

  @Test
  void aHealSparesTheStreamsThatHaveNotEndedYet() throws Exception {
    List<FakeOutlet> outlets = join(100);
    isolate();
    loop.advance(DRAIN.dividedBy(4));
    awaitEnded(outlets, 25);
    reconnect();
    loop.advance(DRAIN.multipliedBy(2));
    loop.awaitTimers(Drain.STEP_MILLIS);
    assertEquals(25, ended(outlets));
    assertEquals(75, loop.subscriptions().streams());
  }

  @Test
  void anIsolationAfterAHealBeginsWithAllStreamsAnew() throws Exception {
    List<FakeOutlet> outlets = join(100);
    isolate();
    loop.advance(DRAIN.dividedBy(2));
    awaitEnded(outlets, 50);
    reconnect();
    isolate();
    loop.advance(DRAIN.dividedBy(2));
    awaitEnded(outlets, 75);
    loop.advance(DRAIN.dividedBy(2));
    awaitEnded(outlets, 100);
  }

  /** Its request was resolved by the log before, and its head is written after. */
  @Test
  void aStreamThatIsBeingOpenedWhenAnIsolationBeginsIsToldSoAndStays() throws Exception {
    var outlet = new FakeOutlet();
    loop.run(
        () -> {
          Subscriber opening =
              loop.audiences().open(Principal.HUB, ALL, WireFormat.EVENT_STREAM, outlet);
          loop.audiences().isolate(SINCE);
          opening.begin(StreamStart.after(loop.log().bounds().head()));
        });
    loop.advance(DRAIN.multipliedBy(2));
    loop.awaitTimers(Drain.STEP_MILLIS);
    assertFalse(outlet.ended());
    assertEquals(List.of("hub.stale"), types(outlet));
  }

  @Test
  void aStreamThatIsBeingOpenedDuringAnIsolationAndBeginsAfterItIsNotStale() throws Exception {
    var outlet = new FakeOutlet();
    loop.run(
        () -> {
          loop.audiences().isolate(SINCE);
          Subscriber opening =
              loop.audiences().open(Principal.HUB, ALL, WireFormat.EVENT_STREAM, outlet);
          loop.audiences().reconnect();
          opening.begin(StreamStart.after(loop.log().bounds().head()));
        });
    assertEquals(List.of(), types(outlet));
  }

  @Test
  void aStopDuringAnIsolationEndsAllStreamsAlsoThoseThatOpenedInIt() throws Exception {
    List<FakeOutlet> outlets = new ArrayList<>(join(10));
    isolate();
    outlets.add(loop.join(ALL));
    Future<Void> stopped = stop(DRAIN);
    FakeOutlet late = loop.join(ALL);
    assertEquals(List.of("hub.drain"), types(late), "it is ended, so it is not stale");
    loop.advance(DRAIN);
    get(stopped);
    assertEquals(11, ended(outlets));
    assertTrue(outlets.stream().allMatch(outlet -> outlet.why() == CloseReason.DRAINED));
  }

  @Test
  void anIsolationAndItsHealDuringAStopChangeNothing() throws Exception {
    List<FakeOutlet> outlets = join(10);
    Future<Void> stopped = stop(DRAIN);
    loop.advance(DRAIN.dividedBy(2));
    awaitEnded(outlets, 5);
    isolate();
    reconnect();
    isolate();
    assertTrue(loop.audiences().draining());
    loop.advance(DRAIN.dividedBy(2));
    get(stopped);
    assertEquals(10, ended(outlets));
    assertTrue(outlets.stream().allMatch(outlet -> outlet.why() == CloseReason.DRAINED));
  }

  @Test
  void aStreamWhoseEndFailsIsCutAndTheOthersAreEnded() throws Exception {
    List<FakeOutlet> outlets = join(10);
    outlets.get(3).failBeforeWriting(new OutOfMemoryError("injected"));
    Future<Void> stopped = stop(Duration.ZERO);
    get(stopped);
    assertTrue(outlets.get(3).wasCut());
    assertNull(outlets.get(3).why());
    assertEquals(9, ended(outlets));
    assertEquals(0, loop.subscriptions().streams());
  }

  @Test
  void aClientThatDoesNotReadTheEndOfAnIsolatedStreamIsCut() throws Exception {
    try (var other = new TestLoop(SHORT)) {
      FakeOutlet stalled = other.join(ALL);
      FakeOutlet reading = other.join(ALL);
      stalled.block(1);
      other.run(() -> other.audiences().isolate(SINCE));
      assertTrue(stalled.ended());
      assertTrue(reading.ended());
      Wait.until(
          "the stalled one is cut",
          () -> {
            other.awaitIdle();
            return stalled.wasCut();
          });
      assertFalse(reading.wasCut());
    }
  }

  private List<FakeOutlet> join(int count) throws Exception {
    var outlets = new ArrayList<FakeOutlet>();
    for (int i = 0; i < count; i++) {
      outlets.add(loop.join(Filter.of("t" + i % 7)));
    }
    return outlets;
  }

  private void isolate() throws Exception {
    loop.run(() -> loop.audiences().isolate(SINCE));
  }

  private void reconnect() throws Exception {
    loop.run(() -> loop.audiences().reconnect());
  }

  private Future<Void> stop(Duration time) throws Exception {
    var stopped = new AtomicReference<Future<Void>>();
    loop.run(() -> stopped.set(loop.audiences().drain(time)));
    return stopped.get();
  }

  private void awaitEnded(List<FakeOutlet> outlets, long count) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (ended(outlets) < count && System.nanoTime() < deadline) {
      loop.awaitIdle();
    }
    assertEquals(count, ended(outlets));
  }

  private static long ended(List<FakeOutlet> outlets) {
    return outlets.stream().filter(FakeOutlet::ended).count();
  }

  private static List<String> types(FakeOutlet outlet) {
    return outlet.parser().events().stream().map(ReceivedEvent::type).toList();
  }

  private static ReceivedEvent last(FakeOutlet outlet) {
    var events = outlet.parser().events();
    return events.get(events.size() - 1);
  }

  private static void get(Future<Void> future) throws Exception {
    future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }
}
