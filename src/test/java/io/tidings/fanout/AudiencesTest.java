package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.IllegalReferenceCountException;
import io.tidings.auth.Grants;
import io.tidings.auth.NotGranted;
import io.tidings.auth.Principal;
import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.tidings.event.Visibility;
import io.tidings.log.Retention;
import io.tidings.log.StreamStart;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Opens, closes and delivers to streams on one event loop, with sockets, time, and the batches from
 * the log under the test's control.
 */
class AudiencesTest {
  private static final Audiences.Delivered CLIENT =
      new Audiences.Delivered(WireFormat.EVENT_STREAM, Traffic.CLIENT);

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
  void aLiveStreamReceivesTheEventsOfItsFilterInOrder() throws Exception {
    FakeOutlet outlet = loop.join(Filter.of("a", "b.*"));
    loop.publish("a", "1");
    loop.publish("c", "no");
    loop.publish("b.x", "2");
    loop.publish("a", "3");
    loop.receive();
    assertEquals(List.of("1", "2", "3"), outlet.received());
  }

  @Test
  void streamsOfEqualEffectShareAnAudienceWhateverTheyAskedFor() throws Exception {
    var orders = new Grants(Optional.of(Filter.of("orders.**")), Optional.empty(), false);
    Principal alice = new Principal("issuer", "alice", orders, Optional.empty(), Optional.empty());
    loop.open(Filter.of("orders.**"), new FakeOutlet());
    loop.run(
        () -> {
          Subscriber cut =
              loop.audiences()
                  .open(alice, Filter.of("**"), WireFormat.EVENT_STREAM, new FakeOutlet());
          assertEquals(Selection.all("orders.**"), cut.selection());
        });
    assertEquals(1, loop.audiences().size());
  }

  private static Event event(String... topics) {
    return new Event(List.of(topics), "", "", Event.NO_RETRY, "secret");
  }

  private static Principal reader(String subject, Optional<Filter> own) {
    var everybodys =
        new Grants(Optional.of(Filter.of("**")), Optional.empty(), false, Optional.empty());
    Grants grants = new Grants(own, Optional.empty(), false).and(everybodys);
    return new Principal("issuer", subject, grants, Optional.empty(), Optional.empty());
  }

  private FakeOutlet join(Principal principal, String... asked) throws Exception {
    var outlet = new FakeOutlet();
    loop.run(
        () -> {
          Subscriber subscriber =
              loop.audiences().open(principal, Filter.of(asked), WireFormat.EVENT_STREAM, outlet);
          subscriber.begin(StreamStart.after(loop.log().bounds().head()));
        });
    loop.awaitIdle();
    return outlet;
  }

  @Test
  void aPrivateEventReachesThoseWhoAreGrantedItThemselvesAndNoOthers() throws Exception {
    FakeOutlet everybody = join(reader("", Optional.empty()), "**");
    FakeOutlet alice = join(reader("alice", Optional.of(Filter.of("user.alice"))), "**");
    FakeOutlet owner = join(Principal.HUB, "user.alice", "news");
    FakeOutlet exact = join(reader("bob", Optional.of(Filter.of("user.bob"))), "user.alice");
    for (int i = 0; i < 3; i++) {
      loop.publish("news", "public" + i);
      Event secret = event("user.alice", "news").with(Visibility.PRIVATE);
      loop.publish(secret);
      assertEquals(2, loop.subscriptions().streams(secret));
    }
    assertEquals(4, loop.subscriptions().streams(event("user.alice", "news")));
    loop.receive();
    assertEquals(List.of("public0", "public1", "public2"), everybody.received());
    assertEquals(
        List.of("public0", "secret", "public1", "secret", "public2", "secret"), alice.received());
    assertEquals(
        List.of("public0", "secret", "public1", "secret", "public2", "secret"), owner.received());
    assertEquals(List.of(), exact.received());
  }

  @Test
  void readersWithGrantsOfTheirOwnShareAnAudienceWhereThoseMakeNoDifference() throws Exception {
    for (int i = 0; i < 20; i++) {
      join(reader("user" + i, Optional.of(Filter.of("user." + i + ".**"))), "news");
    }
    join(reader("", Optional.empty()), "news");
    assertEquals(1, loop.audiences().size());
    join(Principal.HUB, "news");
    assertEquals(2, loop.audiences().size(), "private events make a difference");
  }

  @Test
  void aStreamWithoutAGrantIsNotOpened() throws Exception {
    loop.run(
        () ->
            assertThrows(
                NotGranted.class,
                () ->
                    loop.audiences()
                        .open(
                            Principal.UNKNOWN,
                            Filter.of("a"),
                            WireFormat.EVENT_STREAM,
                            new FakeOutlet())));
    assertEquals(0, loop.audiences().size());
  }

  @Test
  void entriesReceivedTogetherAreDeliveredTogetherAndAnEventOfSeveralTopicsOnce() throws Exception {
    FakeOutlet outlet = loop.join(Filter.of("a", "b"));
    loop.run(
        () -> {
          loop.log().append(List.of(new Event(List.of("a", "b"), "", "", -1, "both")));
          loop.log().append(List.of(Event.of("b", "2")));
          loop.receiveNow();
          assertEquals(List.of(), outlet.received(), "delivered in a task of its own");
        });
    loop.awaitIdle();
    assertEquals(List.of("both", "2"), outlet.received());
  }

  @Test
  void aResumedStreamCatchesUpAndBecomesLiveWithoutLossOrDuplicate() throws Exception {
    List<String> expected = IntStream.range(0, 5_000).mapToObj(i -> "old" + i).toList();
    loop.publish("a", expected.toArray(String[]::new));
    loop.receive();
    FakeOutlet outlet = loop.join(ALL, new ResumeRequest.Earliest());
    loop.publish("a", "new");
    loop.receive();
    assertEquals(with(expected, "new"), outlet.received());
  }

  @Test
  void endingAllStreamsReleasesTheCachedPages() throws Exception {
    loop.publish("a", "1", "2");
    loop.receive();
    FakeOutlet outlet = loop.join(ALL, new ResumeRequest.Earliest());
    Chunk page = outlet.last();
    page.framed().release();
    loop.run(() -> loop.audiences().endAll());
    assertThrows(IllegalReferenceCountException.class, page::framed);
  }

  @Test
  void aStreamWhoseCursorIsAheadOfItsLoopWaitsForTheLoop() throws Exception {
    loop.publish("a", "published before it opened");
    FakeOutlet outlet = loop.join(ALL);
    loop.receive();
    loop.publish("a", "1");
    loop.receive();
    assertEquals(List.of("1"), outlet.received());
  }

  /** Otherwise it would resume after an event that it never received. */
  @Test
  void aStreamDrainedInTheMiddleOfADeliveryIsSentTheIdOfWhatItReceivedItself() throws Exception {
    var outlets = new ArrayList<FakeOutlet>();
    for (int i = 0; i < 3_000; i++) {
      outlets.add(loop.join(Filter.of("a")));
    }
    loop.publish("a", "0");
    loop.receive();
    String before = loop.log().bounds().head().toString();
    loop.publish("a", "1");
    outlets
        .get(0)
        .onWrite(
            () -> {
              outlets.get(0).onWrite(() -> {});
              loop.later(() -> loop.audiences().drain(Duration.ZERO));
            });
    loop.receive();
    String after = loop.log().bounds().head().toString();
    int complete = 0;
    for (FakeOutlet outlet : outlets) {
      boolean received = outlet.received().contains("1");
      complete += received ? 1 : 0;
      assertEquals(received ? after : before, outlet.parser().lastEventId());
    }
    assertTrue(complete > 0 && complete < 3_000, "in the middle: " + complete);
  }

  @Test
  void aSlowReaderLosesNothingAndOthersDoNotWait() throws Exception {
    FakeOutlet slow = loop.join(ALL);
    FakeOutlet fast = loop.join(ALL);
    loop.publish("a", "0");
    loop.receive();
    slow.block(1);
    List<String> expected = new ArrayList<>(List.of("0"));
    for (int i = 1; i < 3_000; i++) {
      loop.publish("a", "" + i);
      expected.add("" + i);
      loop.receive();
    }
    assertEquals(expected, fast.received());
    assertEquals(
        List.of("0"), slow.received(), "nothing is queued for a client that does not read");
    loop.run(slow::unblock);
    loop.awaitIdle();
    assertEquals(expected, slow.received());
    loop.publish("a", "live again");
    loop.receive();
    assertEquals(with(expected, "live again"), slow.received());
  }

  @Test
  void aReaderTooSlowForTheRetentionIsSentAGap() throws Exception {
    try (var small = new TestLoop(new Retention(0, Duration.ZERO, 10))) {
      FakeOutlet slow = small.join(ALL);
      slow.block(1);
      for (int i = 0; i < 100; i++) {
        small.publish("a", "" + i);
        small.receive();
      }
      small.run(slow::unblock);
      small.awaitIdle();
      var gap = slow.parser().events().get(0);
      assertEquals("hub.gap", gap.type());
      var data = new JsonObject(gap.data());
      assertEquals("removed", data.getString("reason"));
      assertEquals(slow.parser().events().get(1).lastEventId(), data.getString("next"));
      assertEquals(
          IntStream.range(90, 100).mapToObj(i -> "" + i).toList(), slow.received().subList(1, 11));
    }
  }

  @Test
  void batchesThatTheBusLosesAreReadFromTheLog() throws Exception {
    FakeOutlet outlet = loop.join(ALL);
    loop.publish("a", "1");
    loop.receive();
    loop.publish("a", "2", "3");
    loop.inFlight().removeFirst();
    loop.receive();
    loop.publish("a", "4");
    loop.inFlight().addLast(loop.inFlight().getLast());
    loop.receive();
    assertEquals(List.of("1", "2", "3", "4"), outlet.received());
  }

  @Test
  void streamsThatJoinBlockAndLeaveAtRandomReceiveEverythingOnceInOrder() throws Exception {
    long seed = 11;
    var random = new Random(seed);
    var outlets = new ArrayList<FakeOutlet>();
    var begun = new ArrayList<Integer>();
    var left = new ArrayList<Subscriber>();
    int published = 0;
    for (int round = 0; round < 400; round++) {
      if (random.nextInt(4) == 0) {
        begun.add(published);
        var outlet = new FakeOutlet();
        outlets.add(outlet);
        left.add(loop.open(ALL, outlet));
      }
      for (int n = random.nextInt(20); n > 0; n--) {
        loop.publish("t" + random.nextInt(3), "" + published++);
      }
      if (!outlets.isEmpty()) {
        FakeOutlet one = outlets.get(random.nextInt(outlets.size()));
        loop.run(
            () -> {
              if (one.writable()) {
                one.block(1);
              } else {
                one.unblock();
              }
            });
      }
      if (random.nextInt(3) > 0) {
        loop.receive();
      }
      if (left.size() > 20) {
        Subscriber leaving = left.remove(0);
        loop.run(() -> leaving.leave(CloseReason.CLIENT));
        outlets.remove(0);
        begun.remove(0);
      }
    }
    loop.receive();
    for (FakeOutlet outlet : outlets) {
      loop.run(outlet::unblock);
    }
    loop.awaitIdle();
    for (int i = 0; i < outlets.size(); i++) {
      List<String> expected =
          IntStream.range(begun.get(i), published).mapToObj(n -> "" + n).toList();
      assertEquals(expected, outlets.get(i).received(), "seed " + seed);
    }
  }

  @Test
  void aLargeAudienceIsWrittenToInSlicesAndAStreamThatLeavesInBetweenIsNot() throws Exception {
    var outlets = new ArrayList<FakeOutlet>();
    var subscribers = new ArrayList<Subscriber>();
    for (int i = 0; i < 3_000; i++) {
      outlets.add(new FakeOutlet());
      subscribers.add(loop.open(ALL, outlets.get(i)));
    }
    var late = new FakeOutlet();
    loop.publish("a", "1");
    var receivedWhenTheOtherTaskRan = new AtomicLong();
    loop.run(
        () -> {
          loop.receiveNow();
          loop.later(
              () -> {
                subscribers.get(0).leave(CloseReason.CLIENT);
                subscribers.get(2_999).leave(CloseReason.CLIENT);
                loop.openNow(ALL, late, new ResumeRequest.Live());
                receivedWhenTheOtherTaskRan.set(
                    outlets.stream().filter(o -> !o.received().isEmpty()).count());
              });
        });
    loop.awaitIdle();
    assertTrue(receivedWhenTheOtherTaskRan.get() < 3_000, "other tasks run in between");
    for (int i = 1; i < 2_999; i++) {
      assertEquals(List.of("1"), outlets.get(i).received(), "outlet " + i);
    }
    assertEquals(List.of(), outlets.get(2_999).received());
    loop.publish("a", "2");
    loop.receive();
    assertEquals(List.of("2"), late.received());
    assertEquals(List.of("1", "2"), outlets.get(1_500).received());
  }

  @Test
  void aStreamThatExpiresIsSentACloseEventAndEnds() throws Exception {
    var outlet = new FakeOutlet();
    Subscriber subscriber = loop.open(ALL, outlet);
    loop.run(() -> subscriber.expireAfter(Duration.ofMillis(1)));
    while (!outlet.ended()) {
      loop.awaitIdle();
    }
    assertEquals("close", outlet.parser().events().get(0).type());
    assertEquals("{}", outlet.parser().events().get(0).data());
    assertEquals(0, loop.subscriptions().streams());
  }

  @Test
  void leavingTwiceCountsOnceAndEmptyAudiencesAreRemoved() throws Exception {
    var subscribers = new ArrayList<Subscriber>();
    for (int i = 0; i < 100; i++) {
      subscribers.add(loop.open(Filter.of("t" + i % 10, "x.*"), new FakeOutlet()));
    }
    assertEquals(100, loop.subscriptions().streams());
    assertEquals(10, loop.subscriptions().streams(event("t3")));
    assertEquals(100, loop.subscriptions().streams(event("x.y")));
    assertEquals(100, loop.subscriptions().streams(event("x.y", "t3")));
    loop.run(
        () ->
            subscribers.forEach(
                subscriber -> {
                  subscriber.leave(CloseReason.CLIENT);
                  subscriber.leave(CloseReason.CLIENT);
                }));
    assertEquals(0, loop.subscriptions().streams());
    assertEquals(0, loop.audiences().size());
  }

  @ParameterizedTest
  @EnumSource(CloseReason.class)
  void aStreamReleasesOnceWhatItHeldHoweverItEnds(CloseReason why) throws Exception {
    var released = new int[3];
    loop.run(
        () -> {
          var streams = new ArrayList<Subscriber>();
          for (int i = 0; i < released.length; i++) {
            int stream = i;
            streams.add(
                loop.audiences()
                    .open(Principal.HUB, ALL)
                    .subscribe(CLIENT, new FakeOutlet(), () -> released[stream]++));
          }
          streams.get(0).leave(why);
          streams.get(1).end(why);
          streams.get(2).cut(why);
          streams.forEach(stream -> stream.leave(CloseReason.CLIENT));
        });
    assertArrayEquals(new int[] {1, 1, 1}, released);
  }

  @Test
  void streamsThatTheHubEndsAreReleased() throws Exception {
    var released = new AtomicInteger();
    loop.run(
        () -> {
          for (int i = 0; i < 10; i++) {
            Subscriber subscriber =
                loop.audiences()
                    .open(Principal.HUB, ALL)
                    .subscribe(CLIENT, new FakeOutlet(), released::incrementAndGet);
            if (i % 2 == 0) {
              subscriber.begin(
                  loop.log()
                      .find(new ResumeRequest.Live(), Selection.all(ALL), Selection.EVERYTHING)
                      .result());
            }
          }
          loop.audiences().endAll();
        });
    assertEquals(10, released.get());
  }

  @Test
  void aStreamThatCannotBeOpenedIsReleased() throws Exception {
    var released = new AtomicInteger();
    loop.run(
        () ->
            assertThrows(
                NullPointerException.class,
                () ->
                    loop.audiences()
                        .open(Principal.HUB, ALL)
                        .subscribe(CLIENT, null, released::incrementAndGet)));
    assertEquals(1, released.get());
  }

  @Test
  void aGapBeforeTheStartIsSentFirst() throws Exception {
    loop.publish("a", "1");
    loop.receive();
    FakeOutlet outlet = loop.join(ALL, new ResumeRequest.After(new Position(7, 7).toString()));
    loop.receive();
    assertEquals("hub.gap", outlet.parser().events().get(0).type());
    assertEquals("1", outlet.received().get(1));
  }

  private static List<String> with(List<String> list, String more) {
    var all = new ArrayList<>(list);
    all.add(more);
    return all;
  }
}
