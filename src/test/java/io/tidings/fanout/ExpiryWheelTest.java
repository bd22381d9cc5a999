package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.auth.Grants;
import io.tidings.auth.Principal;
import io.tidings.event.Filter;
import io.tidings.event.ResumeRequest;
import io.tidings.settings.Settings;
import io.tidings.settings.StreamSettings;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ExpiryWheelTest {
  private static final String LARGE = "x".repeat(200_000);

  private TestLoop loop;
  private Instant start;

  @BeforeEach
  void open() throws Exception {
    loop = new TestLoop();
    start = loop.time();
  }

  @AfterEach
  void close() throws Exception {
    loop.close();
  }

  private static Principal until(Instant end) {
    return new Principal("issuer", "alice", Grants.ALL, Optional.of(end), Optional.empty());
  }

  private Subscriber join(FakeOutlet outlet, Duration life) throws Exception {
    return join(outlet, life, new ResumeRequest.Live());
  }

  private Subscriber join(FakeOutlet outlet, Duration life, ResumeRequest from) throws Exception {
    var opened = new Subscriber[1];
    loop.run(() -> opened[0] = loop.openNow(until(start.plus(life)), Filter.of("a"), outlet, from));
    loop.awaitIdle();
    return opened[0];
  }

  private void after(Duration time) throws Exception {
    loop.setTime(start.plus(time));
  }

  @Test
  void aStreamEndsWithItsTokenAfterANotice() throws Exception {
    var outlet = new FakeOutlet();
    join(outlet, Duration.ofHours(1));
    after(Duration.ofHours(1).minusMillis(30_101));
    assertEquals(List.of(), outlet.parser().all("hub.auth"));
    after(Duration.ofHours(1).minusMillis(30_000));
    assertEquals(
        List.of("{\"expires\":\"" + start.plusSeconds(3_600) + "\"}"),
        outlet.parser().all("hub.auth").stream().map(ReceivedEvent::data).toList());
    assertFalse(outlet.ended());
    after(Duration.ofHours(1));
    ReceivedEvent last = outlet.parser().all().get(outlet.parser().all().size() - 1);
    assertEquals("hub.end", last.type());
    assertEquals("{\"reason\":\"expired\"}", last.data());
    assertEquals(loop.log().bounds().head().toString(), last.lastEventId());
    assertEquals(CloseReason.TOKEN_EXPIRED, outlet.why());
    assertEquals(0, loop.expiry().size());
    assertEquals(0, loop.audiences().size());
  }

  @Test
  void aStreamOfATokenThatIsAboutToEndIsToldSoAtOnce() throws Exception {
    var outlet = new FakeOutlet();
    join(outlet, Duration.ofSeconds(5));
    assertEquals(1, outlet.parser().all("hub.auth").size());
    assertFalse(outlet.ended());
    var late = new FakeOutlet();
    join(late, Duration.ofSeconds(-1));
    assertTrue(late.ended());
    assertEquals(1, loop.expiry().size());
  }

  @Test
  void theTimerEndsAStreamByItself() throws Exception {
    var outlet = new FakeOutlet();
    join(outlet, Duration.ofSeconds(5));
    loop.moveTime(start.plusSeconds(5));
    loop.awaitTimers(2 * ExpiryWheel.SLOT_MILLIS);
    assertTrue(outlet.ended());
  }

  @Test
  void streamsWithoutTokenAreNotInTheWheel() throws Exception {
    loop.join(Filter.of("a"));
    assertEquals(0, loop.expiry().size());
  }

  @Test
  void tokensThatEndTogetherEndTheirStreamsOneAfterTheOther() throws Exception {
    var outlets = new ArrayList<FakeOutlet>();
    for (int i = 0; i < 300; i++) {
      outlets.add(new FakeOutlet());
      join(outlets.get(i), Duration.ofMinutes(10));
    }
    after(Duration.ofSeconds(600).minusMillis(ExpiryWheel.MOST_EARLY_MILLIS + 200));
    assertEquals(300, loop.expiry().size());
    var counts = new HashSet<Integer>();
    for (int millis = 590_000; millis <= 600_000; millis += 100) {
      after(Duration.ofMillis(millis));
      counts.add(loop.expiry().size());
    }
    assertTrue(counts.size() > 30, counts::toString);
    assertTrue(outlets.stream().allMatch(FakeOutlet::ended));
  }

  @Test
  void manyStreamsThatEndAtOnceEndInSlices() throws Exception {
    var outlets = new ArrayList<FakeOutlet>();
    for (int i = 0; i < 3 * ExpiryWheel.MOST_AT_ONCE; i++) {
      outlets.add(new FakeOutlet());
      join(outlets.get(i), Duration.ofMinutes(10));
    }
    loop.run(
        () -> {
          loop.moveTime(start.plus(Duration.ofDays(30)));
          loop.expiry().advance();
          assertEquals(2 * ExpiryWheel.MOST_AT_ONCE, loop.expiry().size());
        });
    while (loop.expiry().size() > 0) {
      loop.awaitIdle(); // runs further tasks of the loop
    }
    assertTrue(outlets.stream().allMatch(FakeOutlet::ended));
  }

  @Test
  void aLargeEventThatIsBeingSentIsCompletedFirst() throws Exception {
    loop.publish("a", LARGE);
    loop.receive();
    var outlet = new FakeOutlet();
    outlet.blockAfter(50_000);
    Subscriber stream = join(outlet, Duration.ofMinutes(10), new ResumeRequest.After("earliest"));
    assertTrue(stream.part() > 0);
    after(Duration.ofSeconds(600).minusMillis(100));
    assertFalse(outlet.ended());
    loop.run(outlet::unblock);
    loop.awaitIdle();
    assertEquals(LARGE, outlet.parser().messages().get(0).data());
    assertEquals(1, outlet.parser().all("hub.end").size());
    assertEquals(CloseReason.TOKEN_EXPIRED, outlet.why());
  }

  @Test
  void aClientThatDoesNotTakeTheRestOfAnEventIsCutWhenTheTokenEnds() throws Exception {
    loop.publish("a", LARGE);
    loop.receive();
    var outlet = new FakeOutlet();
    outlet.blockAfter(50_000);
    join(outlet, Duration.ofMinutes(10), new ResumeRequest.After("earliest"));
    after(Duration.ofSeconds(600));
    assertTrue(outlet.wasCut());
    assertEquals(List.of(), outlet.parser().all("hub.auth"));
    assertEquals(0, loop.expiry().size());
  }

  @Test
  void theConnectionOfAClientThatDoesNotReadTheEndIsCut() throws Exception {
    loop.close();
    StreamSettings settings =
        Settings.of(Map.of("stream.stall", "50ms", "stream.heartbeat", "0")).stream();
    loop = new TestLoop(settings);
    start = loop.time();
    var outlet = new FakeOutlet();
    join(outlet, Duration.ofMinutes(10));
    outlet.block(1);
    after(Duration.ofSeconds(600));
    assertTrue(outlet.ended());
    loop.awaitTimers(50);
    assertTrue(outlet.wasCut());
  }

  @Test
  void aNoticeWaitsUntilTheSocketIsWritable() throws Exception {
    var outlet = new FakeOutlet();
    join(outlet, Duration.ofMinutes(10));
    outlet.block(1);
    after(Duration.ofSeconds(570));
    assertEquals(List.of(), outlet.parser().all("hub.auth"));
    loop.run(outlet::unblock);
    assertEquals(1, outlet.parser().all("hub.auth").size());
  }

  @Test
  void aNoticeThatFailsIsRepeatedAndAnEndThatFailsEndsTheStream() throws Exception {
    var outlet = new FakeOutlet();
    join(outlet, Duration.ofMinutes(10));
    outlet.failBeforeWriting(new OutOfMemoryError("of the test"));
    after(Duration.ofSeconds(570));
    outlet.failBeforeWriting(null);
    loop.tick();
    assertEquals(1, outlet.parser().all("hub.auth").size());
    outlet.failBeforeWriting(new OutOfMemoryError("of the test"));
    after(Duration.ofSeconds(600));
    assertEquals(CloseReason.TOKEN_EXPIRED, outlet.why());
  }

  @Test
  void aRevokedStreamIsToldWhy() throws Exception {
    var outlet = new FakeOutlet();
    Subscriber stream = join(outlet, Duration.ofMinutes(10));
    loop.run(() -> stream.end(CloseReason.REVOKED));
    assertEquals("{\"reason\":\"revoked\"}", outlet.parser().all("hub.end").get(0).data());
    assertEquals(CloseReason.REVOKED, outlet.why());
    assertEquals(0, loop.expiry().size());
  }

  /** Compares the wheel with what it should do, while the clock jumps ahead and back. */
  @Test
  void everyStreamEndsOnceItsTimeHasComeHoweverTheClockJumps() throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    record Open(FakeOutlet outlet, Subscriber stream, Instant end) {}
    var open = new ArrayList<Open>();
    for (int i = 0; i < 2_000; i++) {
      switch (random.nextInt(6)) {
        case 0, 1 -> {
          var outlet = new FakeOutlet();
          Instant end = loop.time().plusMillis(random.nextInt(200_000));
          var opened = new Subscriber[1];
          loop.run(
              () ->
                  opened[0] =
                      loop.openNow(until(end), Filter.of("a"), outlet, new ResumeRequest.Live()));
          open.add(new Open(outlet, opened[0], end));
        }
        case 2 -> {
          if (!open.isEmpty()) {
            Open left = open.remove(random.nextInt(open.size()));
            loop.run(() -> left.stream.leave(CloseReason.CLIENT));
          }
        }
        case 3 -> loop.setTime(loop.time().plusMillis(random.nextInt(300)));
        case 4 -> loop.setTime(loop.time().plusMillis(random.nextInt(20_000)));
        default -> {
          int jump = random.nextInt(20) == 0 ? 300_000 : 10_000;
          loop.setTime(loop.time().plusMillis(random.nextInt(jump) - jump / 2));
        }
      }
      Instant now = loop.time();
      for (Open one : open) {
        Instant earliest = one.end.minusMillis(ExpiryWheel.MOST_EARLY_MILLIS + 200);
        boolean mustEnd = !now.isBefore(one.end);
        assertTrue(!mustEnd || one.outlet.ended(), "seed " + seed + ", step " + i);
        assertTrue(one.outlet.ended() || one.stream.state() == StreamState.LIVE, "seed " + seed);
        assertTrue(!one.outlet.ended() || !now.isBefore(earliest), "seed " + seed + ", step " + i);
      }
      open.removeIf(one -> one.outlet.ended());
    }
    int left = open.size();
    loop.run(() -> assertEquals(left, loop.expiry().size(), "seed " + seed));
  }
}
