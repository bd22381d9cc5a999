package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.auth.Principal;
import io.tidings.event.Filter;
import io.tidings.event.ResumeRequest;
import io.tidings.memory.MemoryBudget;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When memory is scarce deliveries are delayed or made smaller, and nothing is lost. */
class MemoryPressureTest {
  private static final Filter A = Filter.of("a");
  private static final String LARGE = "x".repeat(1_000_000);

  private final MemoryBudget memory = new MemoryBudget(64 << 20, 4 << 20);
  private TestLoop loop;

  @BeforeEach
  void open() throws Exception {
    loop = new TestLoop(memory);
  }

  @AfterEach
  void close() throws Exception {
    loop.close();
    assertEquals(0, memory.chunks().used(), "all chunks are released");
    assertEquals(0, memory.pages().used(), "all pages are released");
  }

  @Test
  void aLargeEventIsSentInPartsToLiveAndToLaggingStreams() throws Exception {
    FakeOutlet live = loop.join(A);
    FakeOutlet behind = loop.join(A);
    behind.block(1);
    loop.publish("a", "before", LARGE, "after");
    loop.receive();
    loop.run(behind::unblock);
    loop.awaitIdle();
    loop.publish("a", "later");
    loop.receive();
    assertEquals(List.of("before", LARGE, "after", "later"), live.received());
    assertEquals(List.of("before", LARGE, "after", "later"), behind.received());
    assertTrue(live.largest() <= PendingEntries.CHUNK_BYTES, live.largest() + " bytes at once");
    assertTrue(behind.largest() <= PageReader.PAGE_BYTES, behind.largest() + " bytes at once");
  }

  @Test
  void aReaderThatStopsInTheMiddleOfALargeEventContinuesThere() throws Exception {
    FakeOutlet outlet = loop.join(A);
    outlet.blockAfter(100_000);
    loop.publish("a", LARGE, "after");
    loop.receive();
    assertFalse(outlet.writable());
    assertEquals(List.of(), outlet.received());
    assertTrue(outlet.bytes() < 200_000, "it was sent " + outlet.bytes());
    loop.run(outlet::unblock);
    loop.awaitIdle();
    assertEquals(List.of(LARGE, "after"), outlet.received());
  }

  @Test
  void aStreamDrainedInTheMiddleOfALargeEventIsCutAndNotEnded() throws Exception {
    FakeOutlet outlet = loop.join(A);
    outlet.blockAfter(100_000);
    loop.publish("a", LARGE);
    loop.receive();
    loop.run(() -> loop.audiences().drain(Duration.ZERO));
    loop.awaitIdle();
    assertTrue(outlet.wasCut(), "the client must not mistake part of the event for all of it");
    assertFalse(outlet.ended());
    assertEquals(List.of(), outlet.received());
  }

  @Test
  void aStreamThatExpiresInTheMiddleOfALargeEventEndsAfterIt() throws Exception {
    var outlet = new FakeOutlet();
    Subscriber subscriber = loop.open(A, outlet);
    outlet.blockAfter(100_000);
    loop.publish("a", LARGE);
    loop.receive();
    loop.run(() -> subscriber.expireAfter(Duration.ofMillis(1)));
    while (!subscriber.expired()) {
      loop.run(() -> {});
    }
    assertFalse(outlet.ended());
    loop.run(outlet::unblock);
    loop.awaitIdle();
    assertEquals(LARGE, outlet.received().get(0));
    assertEquals("close", outlet.parser().events().get(1).type());
    assertTrue(outlet.ended());
  }

  @Test
  void aLaggingStreamIsNotReportedAsAllSentAlthoughNothingIsUnsent() throws Exception {
    FakeOutlet slow = loop.join(A);
    loop.tick();
    assertTrue(slow.wasAllSent());
    slow.block(0);
    loop.publish("a", "1");
    loop.receive();
    loop.tick();
    assertFalse(slow.wasAllSent());
    loop.run(slow::unblock);
    loop.awaitIdle();
    loop.tick();
    assertTrue(slow.wasAllSent());
  }

  @Test
  void withoutMemoryForChunksAnAudienceResumesFromTheLog() throws Exception {
    FakeOutlet a = loop.join(A);
    FakeOutlet b = loop.join(Filter.of("b"));
    memory.chunks().reserve(memory.chunks().limit());
    loop.publish("a", "1", "2");
    loop.publish("b", "1");
    loop.receive();
    assertEquals(List.of("1", "2"), a.received());
    assertEquals(List.of("1"), b.received());
    memory.chunks().release(memory.chunks().limit());
    loop.publish("a", "3");
    loop.receive();
    assertEquals(List.of("1", "2", "3"), a.received());
  }

  @Test
  void withoutMemoryForPagesLaggingStreamsPauseAndThenContinue() throws Exception {
    FakeOutlet slow = loop.join(A);
    slow.block(1);
    loop.publish("a", "1", "2");
    loop.receive();
    memory.pages().reserve(memory.pages().limit());
    loop.run(slow::unblock);
    loop.run(() -> {});
    assertEquals(List.of(), slow.received());
    assertFalse(memory.acceptsStreams(), "no new stream is accepted meanwhile");
    memory.pages().release(memory.pages().limit());
    loop.awaitIdle();
    assertEquals(List.of("1", "2"), slow.received());
    assertTrue(memory.acceptsStreams());
  }

  @Test
  void pagesShrinkAsMemoryFillsDownToOneForEachLaggingStream() {
    long half = memory.pages().limit() / 2;
    var pages = new PageReader(null, loop.log(), null, memory, () -> half / (8 * 1024));
    assertEquals(PageReader.PAGE_BYTES, pages.pageBytes());
    memory.pages().reserve(half - 160 * 1024);
    assertEquals(20 * 1024, pages.pageBytes());
    memory.pages().reserve(160 * 1024);
    assertEquals(8, Math.round(pages.pageBytes() / 1024.0));
    memory.pages().release(half);
    var many = new PageReader(null, loop.log(), null, memory, () -> half / 1024);
    assertEquals(
        PageReader.PAGE_BYTES, many.pageBytes(), "there is memory, however many streams there are");
    memory.pages().reserve(half);
    assertEquals(PageReader.SMALLEST_PAGE_BYTES, many.pageBytes());
    memory.pages().release(half);
  }

  @Test
  void anAudienceWithTooManyPendingEntriesResumesFromTheLog() throws Exception {
    FakeOutlet outlet = loop.join(A);
    List<String> data =
        IntStream.range(0, PendingEntries.MAX_ENTRIES + 10).mapToObj(i -> "" + i).toList();
    loop.publish("a", data.toArray(String[]::new));
    loop.run(
        () -> {
          loop.receiveNow();
          assertTrue(
              loop.audiences()
                  .open(Principal.HUB, A, WireFormat.EVENT_STREAM, new FakeOutlet())
                  .audience()
                  .delivery()
                  .abandoned());
        });
    loop.awaitIdle();
    assertEquals(data, outlet.received());
  }

  @Test
  void anAudienceWhosePendingEntriesHoldTooMuchMemoryResumesFromTheLog() throws Exception {
    FakeOutlet a = loop.join(A);
    FakeOutlet b = loop.join(Filter.of("b"));
    loop.publish("a", "1");
    for (int i = 0; i < 20; i++) {
      loop.publish("b", "x".repeat(400_000));
    }
    loop.run(
        () -> {
          loop.receiveNow();
          Subscriber other = loop.openNow(A, new FakeOutlet(), new ResumeRequest.Live());
          assertTrue(
              other.audience().delivery().abandoned(),
              "the batches received since hold too much memory");
          other.leave(CloseReason.CLIENT);
        });
    loop.awaitIdle();
    assertEquals(List.of("1"), a.received());
    assertEquals(20, b.received().size());
  }
}
