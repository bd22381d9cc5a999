package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Filter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Checks real streams, with time in the test's hands. */
class LivenessCheckTest {
  private static final Filter ALL = Filter.of("**");
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
  void anIdleStreamGetsAHeartbeatWithThePositionWhenItHasMoved() throws Exception {
    FakeOutlet outlet = loop.join(Filter.of("quiet"));
    loop.publish("loud", "1");
    loop.receive();
    loop.advance(Duration.ofMillis(TestLoop.SETTINGS.heartbeat().toMillis() - 1));
    loop.tick();
    assertEquals(0, outlet.parser().comments());
    loop.advance(Duration.ofMillis(1));
    loop.tick();
    assertEquals(1, outlet.parser().all("hub.beat").size());
    assertEquals(loop.log().bounds().head().toString(), outlet.parser().lastEventId());
    assertEquals(List.of(), outlet.received());
    loop.advance(Duration.ofMillis(TestLoop.SETTINGS.heartbeat().toMillis()));
    loop.tick();
    assertEquals(1, outlet.parser().comments());
    assertEquals(1, outlet.parser().blocks(), "the position has not moved");
  }

  @Test
  void aClientThatReadsNothingIsCutAndOneThatReadsSlowlyIsNot() throws Exception {
    FakeOutlet stalled = loop.join(ALL);
    FakeOutlet slow = loop.join(ALL);
    stalled.block(50_000);
    slow.block(50_000);
    for (int second = 0; second < TestLoop.SETTINGS.stall().toSeconds() + 2; second++) {
      loop.advance(Duration.ofSeconds(1));
      slow.accept(10);
      loop.tick();
    }
    assertTrue(stalled.wasCut());
    assertFalse(slow.wasCut());
    assertEquals(1, loop.subscriptions().streams());
  }

  @Test
  void aFailureOfOneStreamDoesNotKeepAnotherFromBeingCut() throws Exception {
    FakeOutlet failing = blockedBehind();
    FakeOutlet stalled = blockedBehind();
    loop.advance(TestLoop.SETTINGS.stall());
    failing.failNextWritable(new OutOfMemoryError("injected"));
    loop.tick();
    assertFalse(failing.wasCut(), "its check failed");
    assertTrue(stalled.wasCut());
  }

  @Test
  void aWritableStreamWhoseCallbackFailedReadsOn() throws Exception {
    FakeOutlet outlet = blockedBehind();
    outlet.failNextWritable(new OutOfMemoryError("injected"));
    assertThrows(ExecutionException.class, () -> loop.run(outlet::unblock));
    loop.awaitIdle();
    assertEquals(List.of(), outlet.received());
    loop.tick();
    assertEquals(List.of("1"), outlet.received());
  }

  @Test
  void aStreamEndsAlsoIfItsEndCanNotBeAnnounced() throws Exception {
    var outlet = new FakeOutlet();
    Subscriber stream = loop.open(ALL, outlet);
    outlet.failBeforeWriting(new OutOfMemoryError("injected"));
    loop.run(() -> stream.expireAtHead(Duration.ZERO));
    assertTrue(outlet.ended());
    assertEquals(0, loop.subscriptions().streams());
  }

  @Test
  void soDoesOneThatEndsAsSoonAsItIsLive() throws Exception {
    var outlet = new FakeOutlet();
    Subscriber stream = loop.open(ALL, outlet);
    outlet.block(1);
    loop.publish("a", "1");
    loop.receive();
    loop.run(
        () -> {
          stream.expireAtHead(Duration.ZERO);
          outlet.onWrite(() -> outlet.failBeforeWriting(new OutOfMemoryError("injected")));
          outlet.unblock();
        });
    loop.awaitIdle();
    assertEquals(List.of("1"), outlet.received());
    assertTrue(outlet.ended());
  }

  @Test
  void anAudienceThatIsAbandonedAndNotQueuedResumesFromTheLog() throws Exception {
    var outlet = new FakeOutlet();
    Subscriber subscriber = loop.open(ALL, outlet);
    loop.run(() -> subscriber.audience().delivery().abandon());
    loop.publish("a", "1");
    loop.receive();
    assertEquals(List.of(), outlet.received());
    loop.tick();
    assertEquals(List.of("1"), outlet.received());
  }

  /** The outlet of a stream that fell behind when the event 1 was delivered. */
  private FakeOutlet blockedBehind() throws Exception {
    FakeOutlet outlet = loop.join(ALL);
    outlet.block(1);
    loop.publish("a", "1");
    loop.receive();
    return outlet;
  }
}
