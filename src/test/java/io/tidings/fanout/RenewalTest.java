package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.CapturedLog;
import io.tidings.auth.Grants;
import io.tidings.auth.NotGranted;
import io.tidings.auth.Principal;
import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.ResumeRequest;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RenewalTest {
  private static final String LARGE = "x".repeat(200_000);

  private TestLoop loop;

  @BeforeEach
  void open() throws Exception {
    loop = new TestLoop();
  }

  @AfterEach
  void close() throws Exception {
    loop.close();
  }

  private static Principal granted(String... topics) {
    return new Principal("issuer", "alice", grants(topics), Optional.empty(), Optional.empty());
  }

  private static Principal until(Instant end, String... topics) {
    return new Principal("issuer", "alice", grants(topics), Optional.of(end), Optional.empty());
  }

  private static Grants grants(String... topics) {
    return new Grants(Optional.of(Filter.of(topics)), Optional.empty(), false);
  }

  private Subscriber join(FakeOutlet outlet, Principal who, String... topics) throws Exception {
    return join(outlet, who, new ResumeRequest.Live(), topics);
  }

  private Subscriber join(FakeOutlet outlet, Principal who, ResumeRequest from, String... topics)
      throws Exception {
    var opened = new Subscriber[1];
    loop.run(() -> opened[0] = loop.openNow(who, Filter.of(topics), outlet, from));
    loop.awaitIdle();
    return opened[0];
  }

  private Filter renew(Subscriber stream, Principal who, String... topics) throws Exception {
    var filter = new Filter[1];
    loop.run(() -> filter[0] = stream.renew(who, asked(topics)));
    loop.awaitIdle();
    return filter[0];
  }

  private void releaseReads() throws Exception {
    loop.run(
        () -> {
          loop.holdReads(false);
          while (loop.releaseRead()) {}
        });
    loop.awaitIdle();
  }

  private static Optional<Filter> asked(String... topics) {
    return topics.length == 0 ? Optional.empty() : Optional.of(Filter.of(topics));
  }

  private void publish(String topic, String... data) throws Exception {
    loop.publish(topic, data);
    loop.receive();
  }

  private static List<String> told(FakeOutlet outlet) {
    return outlet.parser().all("hub.auth").stream().map(ReceivedEvent::data).toList();
  }

  private static List<String> messages(FakeOutlet outlet) {
    return outlet.parser().messages().stream().map(ReceivedEvent::data).toList();
  }

  @Test
  void aLiveStreamGoesOnWithItsNewTopics() throws Exception {
    var outlet = new FakeOutlet();
    Subscriber stream = join(outlet, granted("**"), "a", "b");
    publish("a", "1");
    publish("c", "before");
    assertEquals(Filter.of("b", "c"), renew(stream, granted("**"), "b", "c"));
    publish("a", "not any more");
    publish("b", "2");
    publish("c", "3");
    assertEquals(List.of("1", "2", "3"), messages(outlet));
    assertEquals(List.of("{\"filter\":[\"b\",\"c\"]}"), told(outlet));
    assertEquals(StreamState.LIVE, stream.state());
    assertEquals(1, loop.audiences().size());
    assertEquals(0, loop.subscriptions().streams(Event.of("a", "")));
    assertEquals(1, loop.subscriptions().streams(Event.of("c", "")));
  }

  @Test
  void aRenewalThatFailsForLackOfMemoryLeavesTheStreamWithItsRightsAndItsEnd() throws Exception {
    var outlet = new FakeOutlet();
    Instant end = loop.time().plusSeconds(600);
    Principal first = until(end, "a", "b");
    Subscriber stream = join(outlet, first, "a");
    loop.run(
        () -> {
          loop.failClock(new OutOfMemoryError("thrown by a test"));
          Principal second = until(end.plusSeconds(600), "b");
          assertThrows(
              OutOfMemoryError.class, () -> stream.renew(second, Optional.of(Filter.of("b"))));
        });
    loop.awaitIdle();
    assertEquals(first, stream.principal());
    assertEquals(Filter.of("a"), stream.selection().filter());
    assertEquals(1, loop.expiry().size());
    publish("a", "1");
    publish("b", "2");
    assertEquals(List.of("1"), messages(outlet));
    assertEquals(StreamState.LIVE, stream.state());
    loop.setTime(end);
    assertTrue(stream.left());
  }

  @Test
  void aStreamWhoseNewEndCannotBeEnteredIsCut() throws Exception {
    var outlet = new FakeOutlet();
    Instant start = loop.time();
    Subscriber stream = join(outlet, until(start.plusSeconds(600), "a"), "a");
    loop.run(
        () -> {
          loop.moveTime(null);
          Principal second = until(start.plusSeconds(900), "a");
          assertThrows(NullPointerException.class, () -> stream.renew(second, Optional.empty()));
          loop.moveTime(start);
        });
    assertTrue(stream.left());
    assertEquals(0, loop.subscriptions().streams());
    assertEquals(0, loop.expiry().size());
  }

  @Test
  void aStreamIsCountedOnceThoughTheAudienceThatItLeftCannotBeRemoved() throws Exception {
    var outlet = new FakeOutlet();
    Subscriber stream = join(outlet, granted("**"), "a");
    loop.run(() -> loop.audiences().index().remove(Filter.of("a"), stream.audience()));
    renew(stream, granted("**"), "b");
    loop.tick();
    loop.tick();
    assertEquals(1, loop.subscriptions().streams());
    assertEquals(1, loop.subscriptions().streams(Event.of("b", "")));
    assertEquals(0, loop.subscriptions().streams(Event.of("a", "")));
    publish("b", "1");
    assertEquals(List.of("1"), messages(outlet));
    assertEquals(StreamState.LIVE, stream.state());
  }

  @Test
  void whatWasAskedForIsCutToTheNewRights() throws Exception {
    var outlet = new FakeOutlet();
    Subscriber stream = join(outlet, granted("a.x"), "a.**");
    assertEquals(Filter.of("a.x"), stream.selection().filter());
    assertEquals(Filter.of("a.**"), renew(stream, granted("**")));
    publish("a.y", "1");
    assertEquals(Filter.of("a.x", "a.z"), renew(stream, granted("a.x", "a.z")));
    publish("a.y", "not any more");
    publish("a.z", "2");
    assertEquals(List.of("1", "2"), messages(outlet));
  }

  @Test
  void aTopicOfWhichNothingIsGrantedChangesNothing() throws Exception {
    var outlet = new FakeOutlet();
    Principal first = granted("a", "b");
    Subscriber stream = join(outlet, first, "a");
    loop.run(
        () -> {
          assertThrows(
              NotGranted.class, () -> stream.renew(granted("a"), Optional.of(Filter.of("b"))));
          assertThrows(NotGranted.class, () -> stream.renew(granted("b"), Optional.empty()));
        });
    assertEquals(first, stream.principal());
    assertEquals(Filter.of("a"), stream.selection().filter());
    assertEquals(List.of(), told(outlet));
    publish("a", "1");
    assertEquals(List.of("1"), messages(outlet));
  }

  @Test
  void aFreshTokenMovesTheEndAndIsTold() throws Exception {
    var outlet = new FakeOutlet();
    Instant start = loop.time();
    Subscriber stream = join(outlet, until(start.plusSeconds(60), "a"), "a");
    Instant later = start.plusSeconds(3_600);
    renew(stream, until(later, "a"));
    assertEquals(List.of("{\"expires\":\"" + later + "\"}"), told(outlet));
    loop.setTime(start.plusSeconds(3_000));
    assertFalse(outlet.ended());
    assertEquals(1, loop.expiry().size());
    renew(stream, granted("a"));
    assertEquals(0, loop.expiry().size());
    renew(stream, until(start.plusSeconds(3_010), "a"));
    loop.setTime(start.plusSeconds(3_010));
    assertEquals(CloseReason.TOKEN_EXPIRED, outlet.why());
  }

  @Test
  void aStreamWhoseTokenEndsWithinAnEventGoesOnIfItIsRenewed() throws Exception {
    Instant start = loop.time();
    publish("a", LARGE, "2");
    var outlet = new FakeOutlet();
    outlet.blockAfter(50_000);
    Subscriber stream =
        join(outlet, until(start.plusSeconds(600), "a"), new ResumeRequest.After("earliest"), "a");
    loop.setTime(start.plusMillis(599_900));
    renew(stream, until(start.plusSeconds(3_600), "a"));
    loop.run(outlet::unblock);
    loop.awaitIdle();
    loop.setTime(start.plusSeconds(601));
    assertFalse(outlet.ended());
    assertEquals(List.of(LARGE, "2"), messages(outlet));
  }

  @Test
  void anEventInPartsIsCompletedBeforeTheTopicsChange() throws Exception {
    publish("b", "old");
    publish("a", LARGE, "not any more");
    publish("b", "2");
    var outlet = new FakeOutlet();
    outlet.blockAfter(50_000);
    Subscriber stream = join(outlet, granted("**"), new ResumeRequest.After("earliest"), "a");
    assertTrue(stream.part() > 0);
    assertEquals(Filter.of("b"), renew(stream, granted("b"), "b"));
    assertEquals(Filter.of("b"), stream.selection().filter());
    assertEquals(List.of(), told(outlet));
    loop.run(outlet::unblock);
    loop.awaitIdle();
    publish("b", "3");
    assertEquals(List.of(LARGE, "2", "3"), messages(outlet));
    assertEquals(List.of("{\"filter\":[\"b\"]}"), told(outlet));
  }

  @Test
  void aChangeThatIsTakenBackWithinAnEventLeavesTheStreamAsItWas() throws Exception {
    publish("a", LARGE, "2");
    var outlet = new FakeOutlet();
    outlet.blockAfter(50_000);
    Subscriber stream = join(outlet, granted("**"), new ResumeRequest.After("earliest"), "a");
    renew(stream, granted("**"), "b");
    renew(stream, granted("**"), "a");
    loop.run(outlet::unblock);
    loop.awaitIdle();
    assertEquals(List.of(LARGE, "2"), messages(outlet));
    assertEquals(1, loop.audiences().size());
  }

  /** Renewed between two slices of one delivery: some have received the event, others have not. */
  @Test
  void streamsAreRenewedWhileADeliveryIsInProgress() throws Exception {
    var outlets = new ArrayList<FakeOutlet>();
    var streams = new ArrayList<Subscriber>();
    for (int i = 0; i < 1_200; i++) {
      outlets.add(new FakeOutlet());
    }
    loop.run(
        () ->
            outlets.forEach(
                outlet ->
                    streams.add(
                        loop.openNow(
                            granted("**"),
                            Filter.of("a", "b"),
                            outlet,
                            new ResumeRequest.Live()))));
    loop.awaitIdle();
    var unreceived = new int[1];
    outlets
        .get(0)
        .onWrite(
            () -> {
              outlets.get(0).onWrite(() -> {});
              loop.later(
                  () -> {
                    unreceived[0] =
                        (int) outlets.stream().filter(one -> one.received().isEmpty()).count();
                    for (int i = 0; i < streams.size(); i += 3) {
                      streams.get(i).renew(granted("a"), Optional.of(Filter.of("a")));
                    }
                  });
            });
    publish("a", "1");
    publish("b", "2");
    publish("a", "3");
    assertTrue(unreceived[0] > 100 && unreceived[0] < 1_100, "not in between: " + unreceived[0]);
    for (int i = 0; i < outlets.size(); i++) {
      assertEquals(
          i % 3 == 0 ? List.of("1", "3") : List.of("1", "2", "3"), messages(outlets.get(i)));
    }
  }

  @Test
  void aPageThatWasReadForTheOldTopicsIsNotReceived() throws Exception {
    publish("a", "1", "2");
    publish("b", "3");
    loop.run(() -> loop.holdReads(true));
    var outlet = new FakeOutlet();
    Subscriber stream = join(outlet, granted("**"), new ResumeRequest.After("earliest"), "a");
    renew(stream, granted("b"), "b");
    releaseReads();
    publish("b", "4");
    assertEquals(List.of("3", "4"), messages(outlet));
  }

  @Test
  void aStreamThatIsRenewedWhileItIsQueuedForAPageIsQueuedOnce() throws Exception {
    publish("a", "1");
    publish("b", "2");
    var outlet = new FakeOutlet();
    try (var log = new CapturedLog(DeliveryScheduler.class)) {
      loop.run(
          () -> {
            loop.holdReads(true);
            Subscriber stream =
                loop.openNow(
                    granted("**"), Filter.of("a"), outlet, new ResumeRequest.After("earliest"));
            assertEquals(StreamState.READING, stream.state());
            stream.renew(granted("**"), asked("b"));
            stream.renew(granted("**"), asked("a", "b"));
          });
      loop.awaitIdle();
      loop.run(
          () -> {
            loop.holdReads(false);
            assertTrue(loop.releaseRead());
            assertFalse(loop.releaseRead());
          });
      loop.awaitIdle();
      assertEquals(List.of(), log.lines());
    }
    assertEquals(List.of("1", "2"), messages(outlet));
  }

  @Test
  void aStreamThatATickTookOutOfItsWaitForTheLoopIsQueuedOnce() throws Exception {
    join(new FakeOutlet(), granted("**"), "a"); // so that the audience has a delivery
    loop.publish("a", "1");
    var outlet = new FakeOutlet();
    Subscriber stream = join(outlet, granted("**"), "a");
    assertEquals(StreamState.AHEAD, stream.state());
    loop.publish("a", "2");
    loop.run(
        () -> {
          loop.holdReads(true);
          loop.receiveNow();
          stream.audience().delivery().deliverAll(); // as a turn does, before it wakes the stream
          loop.audiences().tick();
          assertEquals(StreamState.READING, stream.state());
        });
    loop.awaitIdle();
    renew(stream, granted("b"), "b");
    releaseReads();
    publish("b", "3");
    assertEquals(List.of("3"), messages(outlet));
  }

  @Test
  void aMoveThatFailsForLackOfMemoryIsDoneLater() throws Exception {
    var outlet = new FakeOutlet();
    Subscriber stream = join(outlet, granted("**"), "a");
    outlet.failNextWritable(new OutOfMemoryError("of the test"));
    renew(stream, granted("**"), "b");
    loop.tick();
    publish("b", "1");
    assertEquals(List.of("1"), messages(outlet));
  }

  @Test
  void onlyTheSamePrincipalRenewsAStream() throws Exception {
    var outlet = new FakeOutlet();
    Subscriber stream = join(outlet, granted("a"), "a");
    var renewals = new Renewals(loop.streams());
    var other = new Principal("issuer", "bob", Grants.ALL, Optional.empty(), Optional.empty());
    var foreign = new Principal("another", "alice", Grants.ALL, Optional.empty(), Optional.empty());
    for (Principal who : List.of(other, foreign, Principal.HUB)) {
      var refused = new Renewal(stream.id(), who, Optional.of(Filter.of("b")));
      assertEquals(new RenewalResult.Foreign(), get(renewals.renew(refused)));
    }
    var unknown = new Renewal(new RandomIds().next(), granted("a"), Optional.empty());
    assertEquals(new RenewalResult.Unknown(), get(renewals.renew(unknown)));
    var unreadable = new Renewal(stream.id(), granted("a"), Optional.of(Filter.of("b")));
    assertEquals(new RenewalResult.NotReadable("b"), get(renewals.renew(unreadable)));
    assertEquals(Filter.of("a"), stream.selection().filter());
    var renewed = new Renewal(stream.id(), granted("b"), Optional.of(Filter.of("b")));
    assertEquals(new RenewalResult.Renewed(Filter.of("b")), get(renewals.renew(renewed)));
  }

  @Test
  void aStreamThatHasNotBegunIsNotKnownYet() throws Exception {
    var opened = new Subscriber[1];
    loop.run(
        () ->
            opened[0] =
                loop.audiences()
                    .open(granted("a"), Filter.of("a"), WireFormat.EVENT_STREAM, new FakeOutlet()));
    var renewal = new Renewal(opened[0].id(), granted("a"), Optional.empty());
    assertEquals(new RenewalResult.Unknown(), get(new Renewals(loop.streams()).renew(renewal)));
  }

  @Test
  void anotherNodeUnderstandsARenewalAndItsResult() {
    for (Principal who :
        List.of(
            Principal.HUB,
            granted("a", "b.**"),
            until(Instant.ofEpochSecond(1_800_000_000), "a"),
            new Principal("i", "s", Grants.NONE, Optional.empty(), Optional.of("jti")))) {
      for (Optional<Filter> topics : List.of(asked("x", "y.*"), asked())) {
        var renewal = new Renewal(new RandomIds().next(), who, topics);
        Renewal read = Renewal.read(renewal.json().copy());
        assertEquals(renewal, read);
        assertEquals(who.grants() == Grants.ALL, read.principal().grants() == Grants.ALL);
      }
    }
    for (RenewalResult result :
        List.of(
            new RenewalResult.Renewed(Filter.of("a")),
            new RenewalResult.Unknown(),
            new RenewalResult.Foreign(),
            new RenewalResult.NotReadable("a"),
            new RenewalResult.Invalid("topic", "must be shorter"))) {
      assertEquals(result, RenewalResult.read(RenewalResult.json(result)));
    }
  }

  /** A component that another node is not told would widen or narrow what a stream may read. */
  @Test
  void everythingOfAPrincipalIsToldToAnotherNode() {
    assertEquals(7, Principal.class.getRecordComponents().length);
    assertEquals(5, Grants.class.getRecordComponents().length);
  }

  /** Waiting for a socket costs no memory, however often a stream is renewed meanwhile. */
  @Test
  void aBlockedClientIsToldTheLastRightsOnly() throws Exception {
    var outlet = new FakeOutlet();
    Subscriber stream = join(outlet, granted("**"), "a");
    outlet.block(1);
    for (int i = 0; i < 100; i++) {
      renew(stream, granted("**"), "a" + i);
    }
    assertEquals(List.of(), told(outlet));
    loop.run(outlet::unblock);
    loop.awaitIdle();
    assertEquals(List.of("{\"filter\":[\"a99\"]}"), told(outlet));
    loop.log().append(List.of(Event.of("a99", "1")));
    loop.receive();
    assertEquals(List.of("1"), messages(outlet));
    assertEquals(1, loop.audiences().size());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future
        .toCompletionStage()
        .toCompletableFuture()
        .get(Duration.ofSeconds(20).toMillis(), TimeUnit.MILLISECONDS);
  }
}
