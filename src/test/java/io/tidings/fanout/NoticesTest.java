package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.CapturedLog;
import io.tidings.event.Filter;
import io.tidings.fanout.Notices.Notice;
import io.tidings.wire.SseFrame;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NoticesTest {
  private static final SseFrame FRAME = WireFormat.EVENT_STREAM.presence("{}");

  private TestLoop loop;

  @BeforeEach
  void open() throws Exception {
    loop = new TestLoop();
  }

  @AfterEach
  void close() throws Exception {
    loop.close();
  }

  private Set<Subscriber> write(Subscriber... streams) throws Exception {
    return write(Set.of(streams), streams);
  }

  private Set<Subscriber> write(Set<Subscriber> allowed, Subscriber... streams) throws Exception {
    Map<Subscriber, Notice> notices = new HashMap<>();
    for (Subscriber stream : streams) {
      notices.put(stream, new Notice(FRAME, allowed::contains));
    }
    return Notices.write(notices)
        .toCompletionStage()
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  private static int told(FakeOutlet outlet) {
    return outlet.parser().all("hub.presence").size();
  }

  @Test
  void streamsOfOneTaskShareTheBytesOfAFrame() throws Exception {
    var one = new FakeOutlet();
    var two = new FakeOutlet();
    Subscriber first = loop.open(Filter.of("a"), one);
    Subscriber second = loop.open(Filter.of("b"), two);
    assertEquals(Set.of(first, second), write(first, second));
    assertEquals(1, told(one));
    assertEquals(1, told(two));
    assertSame(one.last(), two.last());
  }

  @Test
  void aSlowStreamIsNotToldAndTheAnswerSaysSo() throws Exception {
    var slow = new FakeOutlet();
    var other = new FakeOutlet();
    Subscriber first = loop.open(Filter.of("a"), slow);
    Subscriber second = loop.open(Filter.of("a"), other);
    loop.run(() -> slow.block(100_000));
    assertEquals(Set.of(second), write(first, second));
    assertEquals(0, told(slow));
    loop.run(slow::unblock);
    assertEquals(Set.of(first), write(first));
    assertEquals(1, told(slow));
  }

  @Test
  void nothingIsWrittenWithinAnEventThatIsSentInParts() throws Exception {
    var outlet = new FakeOutlet();
    Subscriber stream = loop.open(Filter.of("a"), outlet);
    loop.run(() -> outlet.block(100_000));
    loop.publish("a", "x".repeat(200_000));
    loop.receive();
    loop.run(() -> outlet.blockAfter(1));
    loop.run(outlet::unblock);
    loop.awaitIdle();
    loop.run(() -> assertTrue(stream.part() > 0));
    assertEquals(Set.of(), write(stream));
    loop.run(outlet::unblock);
    loop.awaitIdle();
    while (stream.part() > 0) {
      loop.run(outlet::unblock);
      loop.awaitIdle();
    }
    assertEquals(Set.of(stream), write(stream));
    assertEquals(1, outlet.parser().messages().size());
  }

  @Test
  void aStreamThatFailsIsReportedAndTheOthersAreTold() throws Exception {
    var faulty = new FakeOutlet();
    var broken = new FakeOutlet();
    var other = new FakeOutlet();
    Subscriber first = loop.open(Filter.of("a"), faulty);
    Subscriber second = loop.open(Filter.of("a"), broken);
    Subscriber third = loop.open(Filter.of("a"), other);
    faulty.failNextWritable(new AssertionError("injected"));
    broken.failBeforeWriting(new AssertionError("injected"));
    try (var log = new CapturedLog(DeliveryScheduler.class.getName())) {
      assertEquals(Set.of(third), write(first, second, third));
      assertFalse(log.lines().isEmpty());
    }
    broken.failBeforeWriting(null);
    assertEquals(Set.of(first, second), write(first, second));
  }

  @Test
  void aStreamThatMayNotBeToldWhenItIsWrittenIsNotTold() throws Exception {
    var one = new FakeOutlet();
    var two = new FakeOutlet();
    Subscriber first = loop.open(Filter.of("a"), one);
    Subscriber second = loop.open(Filter.of("a"), two);
    assertEquals(Set.of(second), write(Set.of(second), first, second));
    assertEquals(0, told(one));
    assertEquals(1, told(two));
  }

  @Test
  void aStreamThatHasLeftIsNotTold() throws Exception {
    var outlet = new FakeOutlet();
    Subscriber stream = loop.open(Filter.of("a"), outlet);
    loop.run(() -> stream.leave(CloseReason.CLIENT));
    assertEquals(Set.of(), write(stream));
    assertEquals(0, told(outlet));
  }
}
