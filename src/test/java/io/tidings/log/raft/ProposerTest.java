package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Publication;
import io.tidings.log.Entry;
import io.tidings.log.LogUnavailable;
import io.tidings.log.OutcomeUnknown;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ProposerTest {
  private static final long PATIENCE = 1_000;
  private static final long RETRY = 10;
  private static final long BYTES = 20_000;

  private final Leaders leaders = new Leaders();
  private final AtomicLong now = new AtomicLong();
  private final AtomicLong origins = new AtomicLong();
  private final Proposer proposer = proposer(BYTES, 0);
  private final ReplicatedState state = ReplicatedState.empty(7, 1_000_000, 1 << 20);
  private final List<String> stored = new ArrayList<>();
  private long index;

  /** What was submitted, and the answer to it. */
  private record Submitted(String leader, byte[] command, CompletableFuture<Void> answer) {
    Command.Publish decoded() {
      return (Command.Publish) Command.decode(command);
    }

    List<String> data() {
      return decoded().publications().stream().map(ProposerTest::data).toList();
    }
  }

  private static final class Leaders implements Proposer.Router {
    private Optional<String> leader = Optional.of("one");
    private final List<Submitted> submitted = new ArrayList<>();
    private Optional<Error> failure = Optional.empty();

    @Override
    public Optional<String> leader() {
      return leader;
    }

    @Override
    public CompletableFuture<Void> submit(String to, byte[] command) {
      if (failure.isPresent()) {
        throw failure.get();
      }
      var answer = new CompletableFuture<Void>();
      submitted.add(new Submitted(to, command, answer));
      return answer;
    }

    Submitted last() {
      return submitted.get(submitted.size() - 1);
    }
  }

  private Proposer proposer(long bytes, long oneGroupBytes) {
    var limits = new Proposer.Limits(PATIENCE, bytes, RETRY, oneGroupBytes);
    return new Proposer(leaders, limits, origins::incrementAndGet, now::get, nanos -> {});
  }

  private static String data(Publication publication) {
    return publication.events().isEmpty() ? "" : publication.events().get(0).data();
  }

  private Future<List<Entry>> publish(String data) {
    return proposer.append(Publication.of(List.of(Event.of("a", data))));
  }

  private Future<List<Entry>> publish(String key, String data) {
    return proposer.append(new Publication(List.of(Event.of("a", data)), key, false));
  }

  /** The cluster commits the command, and this node applies it. */
  private void commit(Submitted command) {
    apply(++index, command);
  }

  private void apply(long at, Submitted command) {
    ReplicatedState.Applied applied = state.apply(at, command.decoded());
    applied.records().forEach(record -> stored.add(record.entry().event().data()));
    proposer.applied(at, command.decoded(), applied.results());
  }

  private Submitted submitted(int number) {
    return leaders.submitted.get(number);
  }

  private void assertFailed(Class<? extends Throwable> with, Future<?> future) {
    assertTrue(future.failed(), "it has not failed");
    assertInstanceOf(with, future.cause());
  }

  @Test
  void aLonePublicationIsSentAtOnceAndAnsweredWhenItIsAppliedHere() {
    Future<List<Entry>> answer = publish("1");
    assertEquals(List.of("1"), submitted(0).data());
    submitted(0).answer.complete(null);
    assertFalse(answer.isComplete());
    commit(submitted(0));
    assertEquals(1, answer.result().get(0).offset());
  }

  @Test
  void twoGroupsAreInFlightAndTheNextOneHasEverythingThatHasAccumulated() {
    Stream.of("1", "2", "3", "4").forEach(this::publish);
    assertEquals(2, leaders.submitted.size());
    submitted(0).answer.complete(null);
    assertEquals(3, leaders.submitted.size());
    assertEquals(List.of("3", "4"), leaders.last().data());
    assertEquals(3, leaders.last().decoded().first());
    assertEquals(1, leaders.last().decoded().origin());
  }

  @Test
  void oneGroupIsInFlightWhileLittleIsPending() {
    Proposer other = proposer(BYTES, 1_000);
    Stream.of("1", "2", "3")
        .forEach(data -> other.append(Publication.of(List.of(Event.of("a", data)))));
    assertEquals(List.of("1"), leaders.last().data());
    submitted(0).answer.complete(null);
    assertEquals(List.of("2", "3"), leaders.last().data());
    other.append(Publication.of(List.of(Event.of("a", "x".repeat(1_000)))));
    assertEquals(3, leaders.submitted.size(), "with much pending, a second one is sent");
  }

  /** What this node has applied needs no answer of the leader. */
  @Test
  void anAnswerThatIsLostHoldsUpNothing() {
    for (int i = 0; i < 5; i++) {
      Future<List<Entry>> answer = publish("event " + i);
      commit(leaders.last());
      assertEquals(i + 1, answer.result().get(0).offset());
    }
    assertEquals(5, leaders.submitted.size());
  }

  @Test
  void whatTheLeaderNeitherAnswersNorStoresIsSentAgain() {
    publish("1");
    publish("2");
    now.addAndGet(PATIENCE - 1);
    Future<List<Entry>> third = publish("3");
    proposer.expire();
    assertEquals(2, leaders.submitted.size());
    now.addAndGet(1);
    proposer.expire();
    proposer.send();
    assertEquals(3, leaders.submitted.size());
    commit(leaders.last());
    assertEquals(List.of("", "", "3"), leaders.last().data());
    assertEquals("3", third.result().get(0).event().data());
  }

  @Test
  void aGroupIsBoundedInBytesButHasOnePublicationAtLeast() {
    Proposer other = proposer(64 << 20, 0);
    for (int i = 0; i < 5; i++) {
      other.append(Publication.of(List.of(Event.of("a", "x".repeat(150 << 10)))));
    }
    other.append(Publication.of(List.of(Event.of("a", "small"))));
    for (int i = 0; i < 5; i++) {
      submitted(i).answer.complete(null);
    }
    assertEquals(
        List.of(1, 1, 1, 1, 2),
        leaders.submitted.stream().map(one -> one.decoded().publications().size()).toList());
  }

  @Test
  void withoutALeaderPublicationsWaitUntilThereIsOne() {
    leaders.leader = Optional.empty();
    publish("1");
    assertEquals(List.of(), leaders.submitted);
    leaders.leader = Optional.of("two");
    proposer.send();
    assertEquals("two", submitted(0).leader);
  }

  @Test
  void whatALeaderRefusedIsSentAgainAfterAWhileWithTheSameNumbers() {
    publish("1");
    publish("2");
    submitted(0).answer.completeExceptionally(new IllegalStateException("not the leader"));
    proposer.send();
    assertEquals(2, leaders.submitted.size());
    now.addAndGet(RETRY);
    proposer.send();
    assertEquals(List.of("1", "2"), leaders.last().data());
    assertEquals(1, leaders.last().decoded().first());
    assertEquals(1, leaders.last().decoded().origin());
  }

  @Test
  void aNewLeaderIsSentAtOnceWhatTheOldOneHadAndItIsStoredOnce() {
    Future<List<Entry>> first = publish("1");
    Future<List<Entry>> second = publish("2");
    leaders.leader = Optional.of("two");
    proposer.send();
    assertEquals("two", leaders.last().leader);
    assertEquals(List.of("1", "2"), leaders.last().data());
    commit(submitted(0));
    commit(leaders.last());
    assertEquals(List.of("1", "2"), stored);
    assertEquals(1, first.result().get(0).offset());
    assertEquals(2, second.result().get(0).offset());
    submitted(0).answer.completeExceptionally(new IllegalStateException("late"));
    assertEquals(3, leaders.submitted.size(), "an answer of the old leader changes nothing");
  }

  @Test
  void whatArrivesOutOfOrderIsSentAgain() {
    Future<List<Entry>> first = publish("1");
    Future<List<Entry>> second = publish("2");
    commit(submitted(1));
    assertEquals(List.of(), stored);
    assertEquals(List.of("1", "2"), leaders.last().data());
    commit(submitted(0));
    commit(leaders.last());
    assertEquals(List.of("1", "2"), stored);
    assertTrue(first.succeeded() && second.succeeded());
  }

  @Test
  void aPublicationThatWasNeverSentIsNotStoredWhenItsPublisherHasWaitedTooLong() {
    leaders.leader = Optional.empty();
    Future<List<Entry>> answer = publish("1");
    now.addAndGet(PATIENCE - 1);
    proposer.expire();
    assertFalse(answer.isComplete());
    now.addAndGet(1);
    proposer.expire();
    assertFailed(LogUnavailable.class, answer);
    assertFalse(answer.cause() instanceof OutcomeUnknown);
    leaders.leader = Optional.of("one");
    proposer.send();
    assertEquals(List.of(), leaders.submitted);
  }

  @Test
  void aPublicationThatWasSentIsUnknownAndSomethingEmptyTakesItsNumber() {
    Future<List<Entry>> first = publish("1");
    now.addAndGet(PATIENCE);
    proposer.expire();
    assertFailed(OutcomeUnknown.class, first);
    Future<List<Entry>> second = publish("2");
    leaders.leader = Optional.of("two");
    proposer.send();
    assertEquals(List.of("", "2"), leaders.last().data());
    commit(leaders.last());
    commit(submitted(0));
    assertEquals(List.of("2"), stored, "what was unknown came late, and its number was taken");
    assertEquals(1, second.result().get(0).offset());
  }

  @Test
  void anUnknownPublicationThatWasAppliedLateIsStoredOnce() {
    publish("1");
    now.addAndGet(PATIENCE);
    proposer.expire();
    commit(submitted(0));
    leaders.leader = Optional.of("two");
    publish("2");
    commit(leaders.last());
    assertEquals(List.of("1", "2"), stored);
  }

  /** A node that is far behind fetches the others' state, and never applies what is in it. */
  @Test
  void whatIsInAStateThatWasFetchedIsUnknownAndHoldsUpNothing() {
    Future<List<Entry>> first = publish("x".repeat(15_000));
    fetched(submitted(0));
    leaders.leader = Optional.of("two");
    Future<List<Entry>> second = publish("2");
    assertFailed(LogUnavailable.class, publish("x".repeat(15_000)));
    commit(submitted(1)); // both, of which the first one is repeated
    assertFailed(OutcomeUnknown.class, first);
    assertEquals(2, second.result().get(0).offset());
    Future<List<Entry>> third = publish("x".repeat(15_000));
    assertFalse(third.failed(), "what was given up has made room");
  }

  @Test
  void whatIsInAStateThatWasFetchedHoldsUpNothingAlsoIfItIsNotSentAgain() {
    Future<List<Entry>> first = publish("1");
    Future<List<Entry>> second = publish("2");
    submitted(0).answer.complete(null);
    submitted(1).answer.complete(null);
    fetched(submitted(0));
    fetched(submitted(1));
    Future<List<Entry>> third = publish("3");
    commit(leaders.last());
    assertFailed(OutcomeUnknown.class, first);
    assertFailed(OutcomeUnknown.class, second);
    assertEquals(3, third.result().get(0).offset());
  }

  @Test
  void whatIsInAStateThatWasFetchedAndWaitsToBeSentAgainHoldsUpNothing() {
    publish("1");
    Future<List<Entry>> second = publish("2");
    fetched(submitted(0));
    leaders.leader = Optional.empty();
    proposer.send();
    commit(submitted(1));
    assertEquals(2, second.result().get(0).offset());
    leaders.leader = Optional.of("two");
    Future<List<Entry>> third = publish("3");
    assertEquals(List.of("3"), leaders.last().data());
    commit(leaders.last());
    assertEquals(3, third.result().get(0).offset());
  }

  /** Unlikely, and stored twice otherwise: the origin is forgotten before it is known again. */
  @Test
  void whatMayBeInAStateThatWasFetchedIsNotStoredByAnotherOrigin() {
    Future<List<Entry>> first = publish("1");
    Future<List<Entry>> second = publish("2");
    fetched(submitted(0));
    fetched(submitted(1));
    forgetOrigins();
    proposer.fetched();
    assertFailed(OutcomeUnknown.class, first);
    assertFailed(OutcomeUnknown.class, second);
    Future<List<Entry>> third = publish("3");
    for (int i = 2; i < leaders.submitted.size() && !third.isComplete(); i++) {
      commit(submitted(i));
    }
    assertEquals(3, third.result().get(0).offset());
    assertEquals(List.of("3"), stored);
  }

  /** The cluster has so many other origins that it knows none of before. */
  private void forgetOrigins() {
    for (long other = 1_000; other < 1_000 + OriginTable.MAX_ORIGINS; other++) {
      var publication = Publication.of(List.of());
      state.apply(++index, new Command.Publish(0, other, 1, List.of(publication)));
    }
  }

  /** The others apply a command; this node fetches the state that has it. */
  private void fetched(Submitted command) {
    state.apply(++index, command.decoded());
  }

  @Test
  void whenTheClusterHasForgottenTheOriginItBeginsAsAnother() {
    publish("1");
    commit(submitted(0));
    forgetOrigins();
    Future<List<Entry>> second = publish("2");
    commit(leaders.last());
    assertFalse(second.isComplete());
    assertEquals(2, leaders.last().decoded().origin());
    assertEquals(1, leaders.last().decoded().first());
    commit(leaders.last());
    assertEquals(List.of("1", "2"), stored);
    assertTrue(second.succeeded());
  }

  /** A command that was out of sequence once must not have the origin begun anew later. */
  @Test
  void whatIsAppliedAgainAfterARestartOfTheEngineChangesNothing() throws Exception {
    publish("1");
    publish("2");
    commit(submitted(1));
    commit(submitted(0));
    commit(leaders.last());
    Future<List<Entry>> third = publish("3");
    ReplicatedState restarted = ReplicatedState.empty(7, 1_000_000, 1 << 20);
    Command.Publish again = submitted(1).decoded();
    proposer.applied(1, again, restarted.apply(1, again).results());
    leaders.leader = Optional.of("two");
    proposer.send();
    assertEquals(1, leaders.last().decoded().origin());
    assertEquals(3, leaders.last().decoded().first());
    commit(leaders.last());
    assertTrue(third.succeeded());
    assertEquals(List.of("1", "2", "3"), stored);
  }

  @Test
  void aKeyThatWasUsedWithOtherEventsAndAFullTableAreDefiniteRefusals() {
    publish("key", "1");
    Future<List<Entry>> reused = publish("key", "2");
    commit(submitted(0));
    commit(submitted(1));
    assertFailed(InvalidEvent.class, reused);
    state.apply(++index, new Command.Configure(0, 7, 0, 1_000_000, 1));
    submitted(0).answer.complete(null);
    Future<List<Entry>> noRoom = publish("other", "3");
    commit(leaders.last());
    assertFailed(LogUnavailable.class, noRoom);
    assertFalse(noRoom.cause() instanceof OutcomeUnknown);
    assertEquals(List.of("1"), stored);
  }

  @Test
  void whatWaitsIsBoundedInBytesAndWhatIsAnsweredMakesRoom() {
    String large = "x".repeat(15_000);
    Future<List<Entry>> first = publish(large);
    assertFailed(LogUnavailable.class, publish(large));
    commit(submitted(0));
    assertTrue(first.succeeded());
    assertFalse(publish(large).isComplete());
  }

  @Test
  void manySmallPublicationsAreBoundedToo() {
    int taken = 0;
    while (!publish("x").failed()) {
      taken++;
    }
    assertTrue(taken < BYTES / 200, taken + " were taken");
  }

  @Test
  void aPublicationThatDoesNotFitIntoACommandIsInvalid() {
    assertFailed(InvalidEvent.class, publish("x".repeat(Proposer.MAX_PUBLICATION_BYTES)));
  }

  @Test
  void whatIsPendingWhenTheLogIsClosedIsUnknownIfItWasSentAndNotStoredOtherwise() {
    Future<List<Entry>> sent = publish("1");
    publish("2");
    Future<List<Entry>> unsent = publish("3");
    proposer.close();
    assertFailed(OutcomeUnknown.class, sent);
    assertFailed(LogUnavailable.class, unsent);
    assertFalse(unsent.cause() instanceof OutcomeUnknown);
    assertFailed(LogUnavailable.class, publish("4"));
    submitted(0).answer.complete(null);
    assertEquals(2, leaders.submitted.size());
  }

  @Test
  void aPublisherThatThrowsAffectsNeitherTheOthersNorTheThreadThatApplies() {
    publish("1")
        .onComplete(
            answer -> {
              throw new IllegalStateException("a bug of the publisher");
            });
    leaders.leader = Optional.of("two");
    Future<List<Entry>> second = publish("2");
    commit(leaders.last());
    assertTrue(second.succeeded());
  }

  @Test
  void anErrorWhileSendingIsFollowedByAnotherAttempt() {
    leaders.failure = Optional.of(new OutOfMemoryError("simulated"));
    Future<List<Entry>> answer = publish("1");
    leaders.failure = Optional.empty();
    now.addAndGet(RETRY);
    proposer.send();
    commit(submitted(0));
    assertTrue(answer.succeeded());
  }
}
