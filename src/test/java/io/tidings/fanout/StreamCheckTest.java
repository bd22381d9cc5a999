package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Filter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Checks more streams than one slice has, with time in the test's hands. */
class StreamCheckTest {
  private static final int STREAMS = 3 * StreamCheck.SLICE;
  private TestLoop loop;
  private final List<FakeOutlet> outlets = new ArrayList<>();
  private final List<Subscriber> streams = new ArrayList<>();

  @BeforeEach
  void open() throws Exception {
    loop = new TestLoop();
    for (int i = 0; i < STREAMS; i++) {
      outlets.add(new FakeOutlet());
      streams.add(loop.open(Filter.of("t" + i / 100), outlets.get(i)));
    }
    loop.advance(TestLoop.SETTINGS.heartbeat());
  }

  @AfterEach
  void close() throws Exception {
    loop.close();
  }

  private long beats() {
    return outlets.stream().mapToLong(outlet -> outlet.parser().comments()).sum();
  }

  private void tickNow() {
    loop.audiences().tick();
    assertTrue(loop.audiences().checking(), "the loop goes on before all are checked");
  }

  @Test
  void allStreamsAreCheckedAFewInEachTaskOfTheLoop() throws Exception {
    loop.run(this::tickNow);
    loop.awaitIdle();
    assertEquals(STREAMS, beats());
    loop.tick();
    assertEquals(STREAMS, beats(), "the heartbeat is not due again");
  }

  @Test
  void aTickWhileStreamsAreCheckedBeginsNothingAnew() throws Exception {
    loop.run(
        () -> {
          for (int i = 0; i < 3; i++) {
            tickNow();
          }
          loop.audiences().tick();
          assertFalse(loop.audiences().checking(), "each tick goes on where the other ended");
        });
    loop.awaitIdle();
    assertEquals(STREAMS, beats());
  }

  private void tickAfter(Consumer<Error> failing) throws Exception {
    loop.run(
        () -> {
          failing.accept(new OutOfMemoryError("injected"));
          tickNow();
        });
  }

  @Test
  void aSliceThatFailsDoesNotEndTheCheck() throws Exception {
    tickAfter(loop::failClock);
    loop.awaitIdle();
    assertEquals(STREAMS, beats());
  }

  @Test
  void ifTheNextSliceCanNotBeScheduledTheNextTickGoesOn() throws Exception {
    tickAfter(loop::failTimer);
    loop.tick();
    assertEquals(STREAMS, beats());
  }

  private void blockAll() throws Exception {
    loop.run(() -> outlets.forEach(outlet -> outlet.block(1)));
  }

  /** Makes all streams lag by an event. */
  private void lag() throws Exception {
    loop.tick();
    blockAll();
    for (int i = 0; i <= STREAMS / 100; i++) {
      loop.publish("t" + i, "1");
    }
    loop.receive();
    loop.tick();
    assertEquals(STREAMS, loop.metrics().lagging());
    assertEquals(10, loop.subscriptions().slowest(20).size());
  }

  /** Ticks, and ends all streams before the second slice. */
  private void endMeanwhile() throws Exception {
    loop.run(
        () -> {
          tickNow();
          streams.forEach(stream -> stream.end(CloseReason.CLIENT));
        });
    loop.awaitIdle();
    assertEquals(0, loop.subscriptions().streams());
  }

  @Test
  void aStreamThatLeavesMeanwhileIsNotReported() throws Exception {
    lag();
    endMeanwhile();
    assertEquals(List.of(), loop.subscriptions().slowest(20));
  }

  @Test
  void aStreamThatHasLeftIsNotCut() throws Exception {
    lag();
    loop.advance(TestLoop.SETTINGS.stall());
    endMeanwhile();
    long cut = outlets.stream().filter(FakeOutlet::wasCut).count();
    assertTrue(cut > 0 && cut <= StreamCheck.SLICE, cut + " are cut, in the first slice");
  }

  @Test
  void nothingIsCheckedAfterTheEndOfAllStreams() throws Exception {
    loop.run(
        () -> {
          tickNow();
          loop.audiences().endAll();
          assertFalse(loop.audiences().checking());
        });
    loop.awaitTimers(20);
    loop.run(() -> assertFalse(loop.audiences().checking()));
  }

  @Test
  void theLagOfAllStreamsIsReported() throws Exception {
    loop.tick();
    blockAll();
    loop.publish("t0", "1");
    loop.publish("t1", "1");
    loop.receive();
    loop.advance(Duration.ofSeconds(1));
    loop.tick();
    assertEquals(200, loop.metrics().lagging());
    assertEquals(2, loop.metrics().maxLag());
    assertEquals(10, loop.subscriptions().slowest(20).size());
  }
}
