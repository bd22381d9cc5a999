package io.tidings.fanout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.auth.Grants;
import io.tidings.auth.Principal;
import io.tidings.event.Filter;
import io.tidings.event.ResumeRequest;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OpenStreamsTest {
  private TestLoop loop;

  @BeforeEach
  void open() throws Exception {
    loop = new TestLoop();
  }

  @AfterEach
  void close() throws Exception {
    loop.close();
  }

  private static Principal named(String subject) {
    return new Principal("issuer", subject, Grants.ALL, Optional.empty(), Optional.empty());
  }

  private List<Subscriber> streams(String subject, int count) throws Exception {
    var opened = new ArrayList<Subscriber>();
    loop.run(
        () -> {
          for (int i = 0; i < count; i++) {
            opened.add(
                loop.openNow(
                    named(subject), Filter.of("a"), new FakeOutlet(), new ResumeRequest.Live()));
          }
        });
    return opened;
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void aStreamIsFoundByItsIdUntilItLeaves() throws Exception {
    Subscriber stream = streams("alice", 1).get(0);
    assertSame(stream, get(loop.streams().on(stream.id(), found -> found)).orElseThrow());
    loop.run(() -> stream.leave(CloseReason.CLIENT));
    assertTrue(get(loop.streams().on(stream.id(), found -> found)).isEmpty());
    assertEquals(0, loop.streams().size());
  }

  @Test
  void aFailureOfTheActionFailsTheFuture() throws Exception {
    Subscriber stream = streams("alice", 1).get(0);
    var bug = new IllegalStateException("bug");
    Future<?> done =
        loop.streams()
            .on(
                stream.id(),
                found -> {
                  throw bug;
                });
    assertSame(bug, assertThrows(ExecutionException.class, () -> get(done)).getCause());
  }

  @Test
  void theStreamsOfSomePrincipalsEndAndTheOthersStay() throws Exception {
    List<Subscriber> alices = streams("alice", 200);
    List<Subscriber> bobs = streams("bob", 3);
    int ended = get(loop.streams().end(who -> who.subject().equals("alice"), CloseReason.REVOKED));
    assertEquals(200, ended);
    alices.forEach(stream -> assertTrue(stream.left()));
    bobs.forEach(stream -> assertFalse(stream.left()));
    assertEquals(3, loop.streams().size());
  }

  @Test
  void aStreamThatFailsToEndLeavesNoOtherOpen() throws Exception {
    var failures =
        List.of(
            new IllegalStateException("bug"), new AssertionError("bug"), new StackOverflowError());
    var outlets = new ArrayList<FakeOutlet>();
    loop.run(
        () -> {
          for (int i = 0; i < 200; i++) {
            Throwable failure = failures.get(i % failures.size());
            outlets.add(new FakeOutlet());
            loop.audiences()
                .open(named("alice"), Filter.of("a"))
                .subscribe(
                    new Audiences.Delivered(WireFormat.EVENT_STREAM, Traffic.CLIENT),
                    outlets.get(i),
                    () -> fail(failure));
          }
        });
    Future<Integer> ended = loop.streams().end(who -> true, CloseReason.REVOKED);
    assertThrows(ExecutionException.class, () -> get(ended));
    assertEquals(0, loop.streams().size());
    outlets.forEach(outlet -> assertTrue(outlet.ended()));
  }

  private static void fail(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) failure;
  }

  @Test
  void aStreamEndsAtOnceWhosePrincipalWasRevokedWhileItWasOpened() throws Exception {
    loop.streams().refuse(who -> who.subject().equals("alice"));
    Subscriber alice = streams("alice", 1).get(0);
    Subscriber bob = streams("bob", 1).get(0);
    Wait.until("it has ended", () -> loop.streams().size() == 1);
    loop.run(
        () -> {
          assertTrue(alice.left());
          assertFalse(bob.left());
        });
  }

  @Test
  void aStreamThatIsGivenAGoodTokenBeforeItEndsStays() throws Exception {
    var asked = new AtomicInteger();
    loop.streams().refuse(who -> asked.getAndIncrement() == 0);
    Subscriber alice = streams("alice", 1).get(0);
    Wait.until("it was asked for again", () -> asked.get() == 2);
    loop.run(() -> assertFalse(alice.left()));
  }

  private static PublishedTopics topics(String... topics) {
    return new PublishedTopics(Set.of(topics), Set.of());
  }

  @Test
  void aPrivateEventReachesThoseWhoAreGrantedItsTopicThemselves() throws Exception {
    var everybodys =
        new Grants(Optional.of(Filter.of("a")), Optional.empty(), false, Optional.empty());
    var guest = Principal.withoutToken(everybodys);
    loop.run(
        () -> {
          loop.openNow(guest, Filter.of("a"), new FakeOutlet(), new ResumeRequest.Live());
          loop.openNow(named("alice"), Filter.of("a"), new FakeOutlet(), new ResumeRequest.Live());
        });
    assertEquals(new Reach(2, 0), get(loop.streams().reach(topics("a"))));
    var privates = new PublishedTopics(Set.of(), Set.of("a"));
    assertEquals(new Reach(1, 0), get(loop.streams().reach(privates)));
  }

  @Test
  void streamsThatAnEventReachesAreLiveOrBehind() throws Exception {
    var slow = new FakeOutlet();
    loop.run(() -> loop.openNow(named("slow"), Filter.of("a"), slow, new ResumeRequest.Live()));
    streams("alice", 2);
    assertEquals(new Reach(3, 0), get(loop.streams().reach(topics("a", "b"))));
    slow.block(Outlet.MAX_UNSENT);
    loop.publish("a", "1");
    loop.receive();
    loop.publish("a", "2");
    loop.receive();
    assertEquals(new Reach(2, 1), get(loop.streams().reach(topics("a"))));
    assertEquals(Reach.NONE, get(loop.streams().reach(topics("b"))));
  }

  @Test
  void aLoopThatHasEndedIsNotAsked() throws Exception {
    streams("alice", 1);
    loop.run(() -> loop.audiences().endAll());
    assertEquals(Reach.NONE, get(loop.streams().reach(topics("a"))));
  }
}
