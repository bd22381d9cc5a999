package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.tidings.event.Visibility;
import io.tidings.log.Entry;
import io.tidings.log.Gap;
import io.tidings.log.LogState;
import io.tidings.log.LogUnavailable;
import io.tidings.log.Page;
import io.tidings.log.StreamStart;
import io.vertx.core.Future;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.apache.ratis.util.CodeInjectionForTesting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class RaftLogTest {
  /** A name of Ratis: called before a leader appends a command. */
  private static final String APPENDS = "RaftServerImpl.appendTransaction";

  @TempDir Path directory;

  private static List<String> data(List<Entry> entries) {
    return entries.stream().map(entry -> entry.event().data()).toList();
  }

  private static List<Position> positions(List<Entry> entries) {
    return entries.stream().map(Entry::position).toList();
  }

  private static Page replay(RaftCluster.Node node) throws Exception {
    Position begin = node.log.bounds().begin();
    return RaftCluster.get(node.log.after(begin, Selection.EVERYTHING, 64 << 20));
  }

  @Test
  void whatIsPublishedOnAnyNodeIsReceivedOnAllInOneOrderWithEqualPositions() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      List<Future<List<Entry>>> answers = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        answers.add(cluster.node(i % 3).append("a", "", "event " + i));
      }
      for (Future<List<Entry>> answer : answers) {
        RaftCluster.get(answer);
      }
      for (RaftCluster.Node node : cluster.nodes()) {
        Wait.until("all were received", () -> node.received.size() == 300);
      }
      List<Entry> first = cluster.node(0).received;
      for (RaftCluster.Node node : cluster.nodes()) {
        assertEquals(data(first), data(node.received));
        assertEquals(positions(first), positions(node.received));
        assertEquals(
            first.stream().map(Entry::time).toList(),
            node.received.stream().map(Entry::time).toList());
        assertEquals(positions(first), positions(replay(node).entries()));
      }
    }
  }

  @Test
  void aPrivateEventIsPrivateOnEveryNodeAlsoAfterAllWereStartedAgain() throws Exception {
    var secret = new Event(List.of("a"), "", "", Event.NO_RETRY, "2", Visibility.PRIVATE);
    try (var cluster = new RaftCluster(directory, 3).start()) {
      RaftCluster.get(cluster.node(0).append("a", "", "1"));
      RaftCluster.get(cluster.node(1).log.append(List.of(secret)));
      RaftCluster.get(cluster.node(2).append("a", "", "3"));
      for (int run = 0; run < 2; run++) {
        for (RaftCluster.Node node : cluster.nodes()) {
          Wait.until("all were applied", () -> replay(node).entries().size() == 3);
          assertEquals(secret, replay(node).entries().get(1).event());
          var everybody = Selection.of(Filter.of("a"), Optional.empty());
          Page page =
              RaftCluster.get(node.log.after(node.log.bounds().begin(), everybody, 64 << 20));
          assertEquals(List.of("1", "3"), data(page.entries()));
        }
        if (run == 0) {
          cluster.close();
          cluster.start();
        }
      }
    }
  }

  @Test
  void aKeyIsRecognisedOnAnyNodeAndAfterAllWereStartedAgain() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      List<Entry> first = RaftCluster.get(cluster.node(0).append("a", "key", "one"));
      assertEquals(
          positions(first), positions(RaftCluster.get(cluster.node(1).append("a", "key", "one"))));
      cluster.close();
      cluster.start();
      assertEquals(
          positions(first), positions(RaftCluster.get(cluster.node(2).append("a", "key", "one"))));
      var failure =
          assertThrows(
              ExecutionException.class,
              () -> RaftCluster.get(cluster.node(1).append("a", "key", "two")));
      assertInstanceOf(InvalidEvent.class, failure.getCause());
    }
  }

  @Test
  void keysAndIdsOfAScopeAreRecognisedOnAnyNodeAndAfterAllWereStartedAgain() throws Exception {
    var keyed = new Publication(List.of(Event.of("a", "keyed")), "key", false);
    var event = new Event(List.of("a"), "", "id", Event.NO_RETRY, "once");
    var once = new Publication(List.of(event), "", true);
    List<Publication> publications = new ArrayList<>();
    for (String scope : List.of("", "s", "t")) {
      publications.add(keyed.withScope(scope));
      publications.add(once.withScope(scope));
    }
    try (var cluster = new RaftCluster(directory, 3).start()) {
      List<Position> first = appendAll(cluster.node(0), publications);
      assertEquals(publications.size(), first.stream().distinct().count());
      assertEquals(first, appendAll(cluster.node(1), publications));
      cluster.close();
      cluster.start();
      assertEquals(first, appendAll(cluster.node(2), publications));
      assertEquals(publications.size(), replay(cluster.node(2)).entries().size());
    }
  }

  private static List<Position> appendAll(RaftCluster.Node node, List<Publication> publications)
      throws Exception {
    List<Entry> entries = new ArrayList<>();
    for (Publication publication : publications) {
      entries.addAll(RaftCluster.get(node.log.append(publication)));
    }
    return positions(entries);
  }

  @Test
  void publishingGoesOnWhenTheLeaderHasEndedAndNothingIsLost() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      cluster.node(0).publish("a", "before");
      RaftCluster.Node leader = cluster.leader();
      RaftCluster.Node other = cluster.follower();
      leader.stop();
      other.publish("a", "without it");
      RaftCluster.get(leader.open());
      Wait.until(
          "the node is level", () -> leader.log.bounds().newest() == other.log.bounds().newest());
      assertEquals(List.of("before", "without it"), data(replay(leader).entries()));
      leader.publish("a", "after");
      Wait.until("it was received", () -> data(leader.received).contains("after"));
    }
  }

  /**
   * As one whose disk hangs: it still sends heartbeats, so that nobody else would begin to lead.
   */
  @Test
  void aLeaderThatHangsWhileItAppliesIsReplacedAndIsNotReady() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      cluster.node(0).publish("a", "before");
      RaftCluster.Node hung = cluster.leader();
      RaftCluster.Node other = cluster.follower();
      var states = new CopyOnWriteArrayList<LogState>();
      hung.log.onState(states::add);
      var released = new CountDownLatch(1);
      hung.log.follow(entries -> await(released));
      try {
        other.append("a", "", "the leader hangs");
        Wait.until(
            "another one leads", () -> other.log.voters().stream().anyMatch(leadsOther(hung)));
        other.publish("a", "after");
        assertEquals(LogState.READ_ONLY, states.get(states.size() - 1));
      } finally {
        released.countDown();
      }
      Wait.until("it is level", () -> hung.log.bounds().newest() == other.log.bounds().newest());
      Wait.until("it is ready", () -> states.get(states.size() - 1) == LogState.UP);
      assertEquals(List.of("before", "the leader hangs", "after"), data(replay(hung).entries()));
    }
  }

  /** It was elected since the only other one then lacked an entry; now that has all, too. */
  @Test
  void aNodeThatIsElectedWhileItCannotApplyIsReplacedThoughItIsNotReady() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      cluster.node(0).publish("a", "before");
      RaftCluster.Node first = cluster.leader();
      RaftCluster.Node hung = cluster.follower();
      RaftCluster.Node other =
          cluster.nodes().stream().filter(node -> node != first && node != hung).findFirst().get();
      other.stop();
      var hangs = new CountDownLatch(1);
      var released = new CountDownLatch(1);
      hung.log.follow(
          entries -> {
            hangs.countDown();
            await(released);
          });
      try {
        first.publish("a", "one hangs");
        assertTrue(hangs.await(30, TimeUnit.SECONDS));
        first.stop();
        RaftCluster.get(other.open());
        Wait.until("it leads", () -> other.log.voters().stream().anyMatch(leadsOther(other)));
        RaftCluster.get(first.open());
        Wait.until(
            "another one leads", () -> other.log.voters().stream().anyMatch(leadsOther(hung)));
        other.publish("a", "after");
      } finally {
        released.countDown();
      }
      Wait.until("it is level", () -> hung.log.bounds().newest() == 3);
      assertEquals(List.of("before", "one hangs", "after"), data(replay(hung).entries()));
    }
  }

  private static Predicate<Voters.Voter> leadsOther(RaftCluster.Node node) {
    String self =
        node.log.voters().stream().filter(Voters.Voter::self).findFirst().orElseThrow().id();
    return voter -> voter.leader() && !voter.id().equals(self);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void withoutAMajorityNothingIsStoredAndTheNodeSaysSo() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      cluster.node(0).publish("a", "before");
      Wait.until(
          "all have it",
          () -> cluster.nodes().stream().allMatch(node -> node.log.bounds().newest() == 1));
      cluster.node(1).stop();
      cluster.node(2).stop();
      var failure =
          assertThrows(ExecutionException.class, () -> cluster.node(0).publish("a", "alone"));
      assertInstanceOf(LogUnavailable.class, failure.getCause());
      assertEquals(List.of("before"), data(replay(cluster.node(0)).entries()));
    }
  }

  /** It leads for a while yet; the others may lead on without it. */
  @Test
  void aLeaderThatIsCutOffAnswersNoReadThoughItAnsweredOneBefore() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      RaftCluster.Node leader = cluster.leader();
      leader.publish("a", "before");
      for (int i = 0; i < 3; i++) {
        RaftCluster.get(leader.log.checkpoint("relay"));
      }
      var ends = new ArrayList<CompletableFuture<Void>>();
      for (RaftCluster.Node node : cluster.nodes()) {
        if (node != leader) {
          ends.add(CompletableFuture.runAsync(() -> stop(node), task -> new Thread(task).start()));
        }
      }
      for (CompletableFuture<Void> end : ends) {
        end.get(30, TimeUnit.SECONDS);
      }
      assertThrows(ExecutionException.class, () -> RaftCluster.get(leader.log.checkpoint("relay")));
    }
  }

  private static void stop(RaftCluster.Node node) {
    try {
      node.stop();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aClientThatIsAheadOfThisNodeContinuesWithoutAGap() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      for (int i = 0; i < 50; i++) {
        Entry published = cluster.leader().publish("a", "event " + i).get(0);
        for (RaftCluster.Node node : cluster.nodes()) {
          var start =
              RaftCluster.get(
                  node.log.find(
                      new ResumeRequest.After(published.position().toString()),
                      Selection.EVERYTHING,
                      Selection.EVERYTHING));
          assertTrue(start.gap().isEmpty());
          assertEquals(published.position(), start.after());
        }
      }
    }
  }

  @Test
  void aVoterAnswersAnothersRequests() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      cluster.node(1).log.answerWith(request -> Future.succeededFuture(request + " answered"));
      String id = cluster.node(0).log.voters().get(1).id();
      assertEquals("stats answered", RaftCluster.get(cluster.node(0).log.ask(id, "stats")));
    }
  }

  @Test
  void checkpointsAreKnownOnAllNodes() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      RaftCluster.get(cluster.follower().log.setCheckpoint("relay", "1-2"));
      for (RaftCluster.Node node : cluster.nodes()) {
        assertEquals("1-2", RaftCluster.get(node.log.checkpoint("relay")).orElseThrow());
      }
    }
  }

  @Test
  void aRelayForWhichTheStateHasNoRoomIsRefusedAndTheOthersGoOn() throws Exception {
    String longName = "relay ".repeat(10_000);
    try (var cluster = new RaftCluster(directory, 1).start()) {
      RaftLog log = cluster.leader().log;
      for (int i = 0; i < CheckpointTable.MAX_BYTES / longName.length(); i++) {
        RaftCluster.get(log.setCheckpoint(longName + i, "1-2"));
      }
      var failure =
          assertThrows(
              ExecutionException.class,
              () -> RaftCluster.get(log.setCheckpoint(longName + "more", "1-2")));
      assertInstanceOf(CheckpointRefused.class, failure.getCause());
      RaftCluster.get(log.setCheckpoint(longName + 0, "1-3"));
      assertEquals("1-3", RaftCluster.get(log.checkpoint(longName + 0)).orElseThrow());
    }
  }

  /** The node can't know whether the others have it: the client is told, and receives all. */
  @Test
  void anIsolatedNodeAnswersForAnIdThatItDoesNotKnowWithAGapAndAllThatItHas() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      cluster.node(0).publish("a", "before");
      RaftLog alone = cluster.node(0).log;
      Wait.until("it has the event", () -> alone.bounds().newest() == 1);
      cluster.node(1).stop();
      cluster.node(2).stop();
      Wait.until("it is isolated", () -> alone.isolatedSince().isPresent());
      StreamStart start =
          RaftCluster.get(
              alone.find(
                  new ResumeRequest.After("a publisher's id"),
                  Selection.EVERYTHING,
                  Selection.EVERYTHING));
      assertEquals(Gap.Reason.UNKNOWN, start.gap().orElseThrow().reason());
      assertEquals(alone.bounds().begin(), start.after());
      String later = alone.bounds().head().at(2).toString();
      assertThrows(
          ExecutionException.class,
          () ->
              RaftCluster.get(
                  alone.find(
                      new ResumeRequest.After(later), Selection.EVERYTHING, Selection.EVERYTHING)));
    }
  }

  @Test
  void whoPublishesDoesNotWaitUntilTheLeaderHasTakenWhatWasPublishedBefore() throws Exception {
    try (var cluster = new RaftCluster(directory, 1).start()) {
      RaftCluster.Node leader = cluster.leader();
      leader.publish("a", "before");
      leader.clockHeld = new CompletableFuture<>(); // the leader adds the time to a command
      try {
        CompletableFuture<Future<List<Entry>>> publishing =
            CompletableFuture.supplyAsync(
                () -> leader.log.append(Publication.of(List.of(Event.of("a", "1")))),
                task -> new Thread(task).start());
        Future<List<Entry>> published = publishing.get(10, TimeUnit.SECONDS);
        assertFalse(published.isComplete());
        leader.clockHeld.complete(null);
        assertEquals(1, RaftCluster.get(published).size());
      } finally {
        leader.clockHeld.complete(null);
      }
    }
  }

  @Test
  void aClosedNodeLeavesNoThread() throws Exception {
    try (var cluster = new RaftCluster(directory, 1).start()) {
      String id = cluster.node(0).log.voters().get(0).id();
      cluster.node(0).publish("a", "before");
      cluster.close();
      Wait.until(
          "its threads have ended",
          () ->
              Thread.getAllStackTraces().keySet().stream()
                  .map(Thread::getName)
                  .noneMatch(name -> name.contains(id) || name.startsWith("tidings-raft")));
    }
  }

  @Test
  void aNodeThatCannotBeOpenedSaysSoAndLeavesNoThread() throws Exception {
    try (var cluster = new RaftCluster(directory, 1)) {
      Files.createDirectories(directory.resolve("node0"));
      Files.writeString(directory.resolve("node0").resolve("raft"), "not a directory");
      assertThrows(ExecutionException.class, () -> RaftCluster.get(cluster.node(0).open()));
      Wait.until(
          "its threads have ended",
          () ->
              Thread.getAllStackTraces().keySet().stream()
                  .noneMatch(thread -> thread.getName().startsWith("tidings-raft")));
    }
  }

  @Test
  void aCommandOfTheLeaderThatIsNotAnsweredFailsInTime() throws Exception {
    try (var cluster = new RaftCluster(directory, 1).start()) {
      cluster.leader().publish("a", "before");
      var held = new CountDownLatch(1);
      CodeInjectionForTesting.put(
          APPENDS,
          (local, remote, arguments) -> {
            await(held);
            return false;
          });
      try {
        Future<Void> answer = cluster.leader().log.setCheckpoint("relay", "1");
        var failure = assertThrows(ExecutionException.class, () -> RaftCluster.get(answer));
        assertInstanceOf(TimeoutException.class, failure.getCause());
      } finally {
        CodeInjectionForTesting.remove(APPENDS);
        held.countDown();
      }
    }
  }

  /** Otherwise its answer would be lost, and one of Ratis' places for requests. */
  @Test
  void ratisNotesWhoWaitsBeforeItCommits() throws Exception {
    try (var cluster = new RaftCluster(directory, 1).start();
        var slow = new SlowNote()) {
      for (int i = 0; i < 3; i++) {
        RaftCluster.get(cluster.leader().log.setCheckpoint("relay", "" + i));
      }
      assertTrue(slow.notes.get() >= 3, "the log messages of Ratis are as they were");
    }
  }

  /** Has Ratis take longer to note who waits for an answer than to force the command. */
  private static final class SlowNote extends Handler implements AutoCloseable {
    private static final Logger LOGGER =
        Logger.getLogger("org.apache.ratis.server.impl.PendingRequests");

    final AtomicInteger notes = new AtomicInteger();

    SlowNote() {
      LOGGER.setUseParentHandlers(false);
      LOGGER.addHandler(this);
      LOGGER.setLevel(Level.FINE);
    }

    @Override
    public void publish(LogRecord entry) {
      if (entry.getMessage().contains("PendingRequests.put")) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
        notes.incrementAndGet();
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
      LOGGER.setLevel(null);
      LOGGER.removeHandler(this);
      LOGGER.setUseParentHandlers(true);
    }
  }
}
