package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.IllegalReferenceCountException;
import io.tidings.bus.EntryBatch;
import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.event.ResumeRequest;
import io.tidings.log.EventLog;
import io.tidings.log.Retention;
import io.tidings.log.SynchronousLog;
import io.tidings.memory.MemoryBudget;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import io.tidings.settings.StreamSettings;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The laws on one event loop, with sockets, time, and the way from the log to the loop in the
 * test's hands.
 */
class AudiencesTest {
  private static final Filter ALL = Filter.of("**");
  private static final StreamSettings SETTINGS = Settings.of(Map.of()).stream();

  private final Vertx vertx = Vertx.vertx();
  private final Context loop = vertx.getOrCreateContext();
  private final AtomicLong now = new AtomicLong(1_000_000);
  private final Deque<EntryBatch> onTheWay = new ArrayDeque<>();
  private final SubscriptionCounts subscriptions = new SubscriptionCounts();
  private final Metrics metrics = new Metrics();
  private EventLog log;
  private Audiences audiences;

  @BeforeEach
  void open() throws Exception {
    open(new Retention(0, Duration.ZERO, 0));
  }

  private void open(Retention keep) throws Exception {
    log = new SynchronousLog(keep, Duration.ZERO, InstantSource.system());
    log.follow(entries -> onTheWay.add(new EntryBatch(List.copyOf(entries), System.nanoTime(), 0)));
    onLoop(
        () ->
            audiences =
                new Audiences(
                    vertx,
                    log,
                    SETTINGS,
                    subscriptions,
                    metrics,
                    new MemoryBudget(256 << 20, 64 << 20),
                    now::get));
  }

  @AfterEach
  void close() throws Exception {
    onLoop(() -> audiences.endAll());
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void aLiveStreamHearsItsSelectionInOrder() throws Exception {
    FakeOutlet outlet = join(Filter.of("a", "b.*"), new ResumeRequest.Live());
    say("a", "1");
    say("c", "no");
    say("b.x", "2");
    say("a", "3");
    arrive();
    assertEquals(List.of("1", "2", "3"), outlet.received());
  }

  @Test
  void whatArrivesTogetherLeavesInOneChunkAndAnEventOfManyTopicsOnce() throws Exception {
    FakeOutlet outlet = join(Filter.of("a", "b"), new ResumeRequest.Live());
    onLoop(
        () -> {
          log.append(List.of(new Event(List.of("a", "b"), "", "", -1, "both")));
          log.append(List.of(Event.of("b", "2")));
          arriveNow();
          assertEquals(List.of(), outlet.received(), "delivered in a task of its own");
        });
    settle();
    assertEquals(List.of("both", "2"), outlet.received());
  }

  @Test
  void aResumedStreamCatchesUpAndGoesLiveWithoutLossOrRepeat() throws Exception {
    List<String> expected = IntStream.range(0, 5_000).mapToObj(i -> "old" + i).toList();
    say("a", expected.toArray(String[]::new));
    arrive();
    FakeOutlet outlet = join(ALL, new ResumeRequest.Earliest());
    say("a", "new");
    arrive();
    assertEquals(with(expected, "new"), outlet.received());
  }

  @Test
  void nothingIsKeptOnceTheStreamsAreEnded() throws Exception {
    say("a", "1", "2");
    arrive();
    FakeOutlet outlet = join(ALL, new ResumeRequest.Earliest());
    Chunk page = outlet.last();
    page.framed().release();
    onLoop(() -> audiences.endAll());
    assertThrows(IllegalReferenceCountException.class, page::framed);
  }

  @Test
  void aStreamThatIsAheadOfItsLoopWaitsForIt() throws Exception {
    say("a", "said before it came");
    FakeOutlet outlet = join(ALL, new ResumeRequest.Live());
    arrive();
    say("a", "1");
    arrive();
    assertEquals(List.of("1"), outlet.received());
  }

  @Test
  void aDrainEndsStreamsOverItsTimeAndTellsEachWhenToComeBack() throws Exception {
    var outlets = new ArrayList<FakeOutlet>();
    for (int i = 0; i < 200; i++) {
      outlets.add(join(Filter.of("t" + i % 7), new ResumeRequest.Live()));
    }
    say("t1", "before");
    arrive();
    var drained = new AtomicReference<Future<Void>>();
    onLoop(() -> drained.set(audiences.drain(Duration.ofMillis(400))));
    FakeOutlet late = join(Filter.of("t1"), new ResumeRequest.Live());
    assertTrue(late.ended(), "who comes while the hub drains is sent on");
    assertTrue(outlets.stream().filter(FakeOutlet::ended).count() < 200, "not all at once");
    drained.get().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    var retries = new HashSet<String>();
    for (FakeOutlet outlet : outlets) {
      assertTrue(outlet.ended());
      var heard = outlet.parser().events();
      var last = heard.get(heard.size() - 1);
      assertEquals("hub.drain", last.type());
      assertEquals(log.bounds().head().toString(), last.lastEventId());
      retries.add(last.data());
    }
    assertTrue(retries.size() > 100, "each another time: " + retries.size());
    assertEquals(0, subscriptions.streams());
  }

  /** Else it would come back after an event that it never received. */
  @Test
  void whoIsDrainedInTheMiddleOfADeliveryIsToldHowFarItWasServedItself() throws Exception {
    var outlets = new ArrayList<FakeOutlet>();
    for (int i = 0; i < 3_000; i++) {
      outlets.add(join(Filter.of("a"), new ResumeRequest.Live()));
    }
    say("a", "0");
    arrive();
    String before = log.bounds().head().toString();
    say("a", "1");
    outlets
        .get(0)
        .onWrite(
            () -> {
              outlets.get(0).onWrite(() -> {});
              loop.runOnContext(between -> audiences.drain(Duration.ZERO));
            });
    arrive();
    String after = log.bounds().head().toString();
    int served = 0;
    for (FakeOutlet outlet : outlets) {
      boolean received = outlet.received().contains("1");
      served += received ? 1 : 0;
      assertEquals(received ? after : before, outlet.parser().lastEventId());
    }
    assertTrue(served > 0 && served < 3_000, "in the middle: " + served);
  }

  @Test
  void theSlowestAreToldOfWithTheirTopicsAndSinceWhen() throws Exception {
    FakeOutlet slow = join(Filter.of("a", "b.*"), new ResumeRequest.Live());
    join(ALL, new ResumeRequest.Live());
    slow.block(1);
    for (int i = 0; i < 3; i++) {
      say("a", "" + i);
    }
    arrive();
    now.addAndGet(2_000);
    onLoop(audiences::tick);
    assertEquals(
        List.of(new SlowSubscriber(List.of("a", "b.*"), 3, 2_000, "192.0.2.1:1")),
        subscriptions.slowest(10));
    assertEquals(List.of(), subscriptions.slowest(0));
    onLoop(slow::unblock);
    settle();
    onLoop(audiences::tick);
    assertEquals(List.of(), subscriptions.slowest(10));
  }

  @Test
  void slowReaderLosesNothingAndOthersDoNotWait() throws Exception {
    FakeOutlet slow = join(ALL, new ResumeRequest.Live());
    FakeOutlet fast = join(ALL, new ResumeRequest.Live());
    say("a", "0");
    arrive();
    slow.block(1);
    List<String> expected = new ArrayList<>(List.of("0"));
    for (int i = 1; i < 3_000; i++) {
      say("a", "" + i);
      expected.add("" + i);
      arrive();
    }
    assertEquals(expected, fast.received());
    assertEquals(List.of("0"), slow.received(), "nothing is queued for who does not read");
    onLoop(slow::unblock);
    settle();
    assertEquals(expected, slow.received());
    say("a", "live again");
    arrive();
    assertEquals(with(expected, "live again"), slow.received());
  }

  @Test
  void whoIsTooSlowForTheLogIsToldOfTheLoss() throws Exception {
    open(new Retention(0, Duration.ZERO, 10));
    FakeOutlet slow = join(ALL, new ResumeRequest.Live());
    slow.block(1);
    for (int i = 0; i < 100; i++) {
      say("a", "" + i);
      arrive();
    }
    onLoop(slow::unblock);
    settle();
    var gap = slow.parser().events().get(0);
    assertEquals("hub.gap", gap.type());
    var told = new JsonObject(gap.data());
    assertEquals("removed", told.getString("reason"));
    assertEquals(slow.parser().events().get(1).lastEventId(), told.getString("next"));
    assertEquals(
        IntStream.range(90, 100).mapToObj(i -> "" + i).toList(), slow.received().subList(1, 11));
  }

  @Test
  void whatTheBusLosesIsReadFromTheLog() throws Exception {
    FakeOutlet outlet = join(ALL, new ResumeRequest.Live());
    say("a", "1");
    arrive();
    say("a", "2", "3");
    onTheWay.removeFirst();
    arrive();
    say("a", "4");
    onTheWay.addLast(onTheWay.getLast());
    arrive();
    assertEquals(List.of("1", "2", "3", "4"), outlet.received());
  }

  @Test
  void streamsThatJoinBlockAndLeaveAtRandomHearEverythingOnceInOrder() throws Exception {
    var random = new Random(11);
    var outlets = new ArrayList<FakeOutlet>();
    var begun = new ArrayList<Integer>();
    var left = new ArrayList<Subscriber>();
    int said = 0;
    for (int round = 0; round < 400; round++) {
      if (random.nextInt(4) == 0) {
        begun.add(said);
        var outlet = new FakeOutlet();
        outlets.add(outlet);
        left.add(open(ALL, outlet, new ResumeRequest.Live()));
      }
      for (int n = random.nextInt(20); n > 0; n--) {
        say("t" + random.nextInt(3), "" + said++);
      }
      if (!outlets.isEmpty()) {
        FakeOutlet one = outlets.get(random.nextInt(outlets.size()));
        onLoop(
            () -> {
              if (one.writable()) {
                one.block(1);
              } else {
                one.unblock();
              }
            });
      }
      if (random.nextInt(3) > 0) {
        arrive();
      }
      if (left.size() > 20) {
        Subscriber leaving = left.remove(0);
        onLoop(() -> leaving.leave(CloseReason.CLIENT));
        outlets.remove(0);
        begun.remove(0);
      }
    }
    arrive();
    for (FakeOutlet outlet : outlets) {
      onLoop(outlet::unblock);
    }
    settle();
    for (int i = 0; i < outlets.size(); i++) {
      List<String> expected = IntStream.range(begun.get(i), said).mapToObj(n -> "" + n).toList();
      assertEquals(expected, outlets.get(i).received());
    }
  }

  @Test
  void aLargeAudienceIsServedInSlicesAndWhoLeavesInBetweenIsNotWritten() throws Exception {
    var outlets = new ArrayList<FakeOutlet>();
    var subscribers = new ArrayList<Subscriber>();
    for (int i = 0; i < 3_000; i++) {
      outlets.add(new FakeOutlet());
      subscribers.add(open(ALL, outlets.get(i), new ResumeRequest.Live()));
    }
    var late = new FakeOutlet();
    say("a", "1");
    var heardWhenTheOtherTaskRan = new AtomicLong();
    onLoop(
        () -> {
          arriveNow();
          loop.runOnContext(
              between -> {
                subscribers.get(0).leave(CloseReason.CLIENT);
                subscribers.get(2_999).leave(CloseReason.CLIENT);
                openNow(ALL, late, new ResumeRequest.Live());
                heardWhenTheOtherTaskRan.set(
                    outlets.stream().filter(o -> !o.received().isEmpty()).count());
              });
        });
    settle();
    assertTrue(heardWhenTheOtherTaskRan.get() < 3_000, "other work gets its turn");
    for (int i = 1; i < 2_999; i++) {
      assertEquals(List.of("1"), outlets.get(i).received(), "outlet " + i);
    }
    assertEquals(List.of(), outlets.get(2_999).received());
    say("a", "2");
    arrive();
    assertEquals(List.of("2"), late.received());
    assertEquals(List.of("1", "2"), outlets.get(1_500).received());
  }

  @Test
  void idleStreamsGetASignOfLifeAndThePlaceUpToWhichTheyAreServed() throws Exception {
    FakeOutlet outlet = join(Filter.of("quiet"), new ResumeRequest.Live());
    say("loud", "1");
    arrive();
    now.addAndGet(SETTINGS.heartbeat().toMillis() - 1);
    onLoop(audiences::tick);
    settle();
    assertEquals(0, outlet.parser().comments());
    now.addAndGet(1);
    onLoop(audiences::tick);
    settle();
    assertEquals(1, outlet.parser().all("hub.beat").size());
    assertEquals(log.bounds().head().toString(), outlet.parser().lastEventId());
    assertEquals(List.of(), outlet.received());
    now.addAndGet(SETTINGS.heartbeat().toMillis());
    onLoop(audiences::tick);
    settle();
    assertEquals(1, outlet.parser().comments());
    assertEquals(1, outlet.parser().blocks(), "the position has not moved");
  }

  @Test
  void whoTakesNothingForTooLongIsCutAndWhoTakesALittleIsNot() throws Exception {
    FakeOutlet stalled = join(ALL, new ResumeRequest.Live());
    FakeOutlet slow = join(ALL, new ResumeRequest.Live());
    stalled.block(50_000);
    slow.block(50_000);
    for (int second = 0; second < SETTINGS.stall().toSeconds() + 2; second++) {
      now.addAndGet(1_000);
      slow.take(10);
      onLoop(audiences::tick);
    }
    settle();
    assertTrue(stalled.wasCut());
    assertFalse(slow.wasCut());
    assertEquals(1, subscriptions.streams());
  }

  @Test
  void aStreamThatExpiresSaysSoAndEnds() throws Exception {
    var outlet = new FakeOutlet();
    Subscriber subscriber = open(ALL, outlet, new ResumeRequest.Live());
    onLoop(() -> subscriber.expireAfter(Duration.ofMillis(1)));
    while (!outlet.ended()) {
      settle();
    }
    assertEquals("close", outlet.parser().events().get(0).type());
    assertEquals("{}", outlet.parser().events().get(0).data());
    assertEquals(0, subscriptions.streams());
  }

  @Test
  void leavingIsDoneOnceAndLeavesNothingBehind() throws Exception {
    var subscribers = new ArrayList<Subscriber>();
    for (int i = 0; i < 100; i++) {
      subscribers.add(
          open(Filter.of("t" + i % 10, "x.*"), new FakeOutlet(), new ResumeRequest.Live()));
    }
    assertEquals(100, subscriptions.streams());
    assertEquals(10, subscriptions.streams(List.of("t3")));
    assertEquals(100, subscriptions.streams(List.of("x.y")));
    assertEquals(100, subscriptions.streams(List.of("x.y", "t3")));
    onLoop(
        () ->
            subscribers.forEach(
                subscriber -> {
                  subscriber.leave(CloseReason.CLIENT);
                  subscriber.leave(CloseReason.CLIENT);
                }));
    assertEquals(0, subscriptions.streams());
    assertEquals(0, audiences.size());
  }

  @Test
  void aGapBeforeTheStartIsToldFirst() throws Exception {
    say("a", "1");
    arrive();
    FakeOutlet outlet = join(ALL, new ResumeRequest.After(new Position(7, 7).toString()));
    arrive();
    assertEquals("hub.gap", outlet.parser().events().get(0).type());
    assertEquals("1", outlet.received().get(1));
  }

  @Test
  void whatGoesToDashboardsAndTheClocksTicksAreCountedApart() throws Exception {
    FakeOutlet client = join(ALL, new ResumeRequest.Live());
    var dashboard = new FakeOutlet();
    var opened = new Subscriber[1];
    onLoop(
        () -> {
          opened[0] = audiences.open(ALL, WireFormat.EVENT_STREAM, Traffic.DASHBOARD, dashboard);
          opened[0].begin(log.find(new ResumeRequest.Live(), ALL).result());
        });
    settle();
    assertEquals(1, metrics.internalStreams());
    say("a", "1", "2");
    say("clock", "12:00");
    arrive();
    assertEquals(client.received(), dashboard.received());
    Metrics.Totals all = metrics.totals();
    Metrics.Totals apart = metrics.internalTotals();
    assertEquals(6, all.eventsOut());
    assertEquals(4, apart.eventsOut(), "three to the dashboard, and a tick to the client");
    assertTrue(apart.bytesOut() > all.bytesOut() / 2 && apart.bytesOut() < all.bytesOut());
    onLoop(() -> opened[0].end(CloseReason.CLIENT));
    assertEquals(0, metrics.internalStreams());
  }

  @Test
  void pagesOfThoseWhoCatchUpAreCountedApartToo() throws Exception {
    say("a", "1");
    say("clock", "12:00");
    arrive();
    join(ALL, new ResumeRequest.Earliest());
    assertEquals(2, metrics.totals().eventsOut());
    assertEquals(1, metrics.internalTotals().eventsOut());
  }

  private static List<String> with(List<String> list, String more) {
    var all = new ArrayList<>(list);
    all.add(more);
    return all;
  }

  private void say(String topic, String... data) {
    log.append(List.of(data).stream().map(one -> Event.of(topic, one)).toList());
  }

  private FakeOutlet join(Filter what, ResumeRequest resume) throws Exception {
    var outlet = new FakeOutlet();
    open(what, outlet, resume);
    return outlet;
  }

  private Subscriber open(Filter what, FakeOutlet outlet, ResumeRequest resume) throws Exception {
    var opened = new Subscriber[1];
    onLoop(() -> opened[0] = openNow(what, outlet, resume));
    settle();
    return opened[0];
  }

  private Subscriber openNow(Filter what, FakeOutlet outlet, ResumeRequest resume) {
    Subscriber subscriber = audiences.open(what, WireFormat.EVENT_STREAM, outlet);
    subscriber.begin(log.find(resume, what).result());
    return subscriber;
  }

  private void arriveNow() {
    while (!onTheWay.isEmpty()) {
      audiences.receive(onTheWay.poll());
    }
  }

  private void arrive() throws Exception {
    onLoop(this::arriveNow);
    settle();
  }

  /** Lets the loop do what it has put off, and what that puts off in turn. */
  private void settle() throws Exception {
    var idle = new AtomicBoolean();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (System.nanoTime() < deadline) {
      onLoop(() -> idle.set(audiences.idle()));
      if (idle.get()) {
        return;
      }
    }
    throw new AssertionError("the loop does not come to rest");
  }

  private void onLoop(Runnable action) throws Exception {
    var done = new CompletableFuture<Void>();
    loop.runOnContext(
        run -> {
          try {
            action.run();
            done.complete(null);
          } catch (Throwable e) {
            done.completeExceptionally(e);
          }
        });
    done.get(10, TimeUnit.SECONDS);
  }
}
