package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.auth.Principal;
import io.tidings.event.Filter;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Measures the lag of real streams, with time in the test's hands. */
class LagMonitorTest {
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
  void aLaggingStreamIsReportedWithItsTopicsItsLagAndForHowLong() throws Exception {
    FakeOutlet slow = loop.join(Filter.of("a", "b.*"));
    loop.join(ALL);
    slow.block(1);
    for (int i = 0; i < 3; i++) {
      loop.publish("a", "" + i);
    }
    loop.receive();
    loop.advance(Duration.ofSeconds(2));
    loop.tick();
    assertEquals(
        List.of(new SlowSubscriber(List.of("a", "b.*"), 3, 2_000, "192.0.2.1:1")),
        loop.subscriptions().slowest(10));
    assertEquals(List.of(), loop.subscriptions().slowest(0));
    loop.run(slow::unblock);
    loop.awaitIdle();
    loop.tick();
    assertEquals(List.of(), loop.subscriptions().slowest(10));
  }

  @Test
  void onlyTheMostLaggingStreamsAreDescribed() throws Exception {
    List<FakeOutlet> outlets = IntStream.range(0, 1_000).mapToObj(i -> new FakeOutlet()).toList();
    for (int i = 0; i < outlets.size(); i++) {
      loop.open(Filter.of("t" + i % 50), outlets.get(i));
      outlets.get(i).block(1);
    }
    for (int i = 0; i < 50; i++) {
      loop.publish("t" + i, "x");
    }
    loop.receive();
    loop.tick();
    assertEquals(10, loop.subscriptions().slowest(10).size());
    assertEquals(10, outlets.stream().mapToInt(FakeOutlet::peerCalls).sum());
  }

  @Test
  void laggingStreamsAndTheLongestLagAreCounted() throws Exception {
    loop.join(ALL);
    for (int i = 0; i < 3; i++) {
      loop.join(ALL).block(1);
      loop.publish("a", "" + i);
      loop.receive();
    }
    loop.tick();
    assertEquals(3, loop.metrics().lagging());
    assertEquals(3, loop.metrics().maxLag());
    assertEquals(
        List.of(3L, 2L, 1L),
        loop.subscriptions().slowest(10).stream().map(SlowSubscriber::lag).toList());
    loop.run(() -> loop.audiences().endAll());
    assertEquals(0, loop.metrics().lagging());
    assertEquals(0, loop.metrics().maxLag());
  }

  @Test
  void aStreamThatHasNotBegunHasNoLag() throws Exception {
    loop.run(
        () -> loop.audiences().open(Principal.HUB, ALL, WireFormat.EVENT_STREAM, new FakeOutlet()));
    loop.publish("a", "1");
    loop.receive();
    loop.tick();
    assertEquals(1, loop.metrics().lagging());
    assertEquals(0, loop.metrics().maxLag());
    assertEquals(List.of(), loop.subscriptions().slowest(10));
  }
}
