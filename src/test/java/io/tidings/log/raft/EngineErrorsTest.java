package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidings.Wait;
import io.vertx.core.Future;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The process has no memory, or may start no thread, for a while. */
@Timeout(120)
class EngineErrorsTest {
  @TempDir Path directory;

  /** Throws the first times that it is called. */
  private static final class Failing implements Runnable {
    private final AtomicInteger calls = new AtomicInteger();
    private final int times;

    Failing(int times) {
      this.times = times;
    }

    @Override
    public void run() {
      if (calls.incrementAndGet() <= times) {
        throw new OutOfMemoryError("simulated");
      }
    }

    boolean failed() {
      return calls.get() > 0;
    }

    void awaitCallsAfter() {
      Wait.until("it is called again after it has failed", () -> calls.get() > times);
    }
  }

  /** Of the thread that changes the configuration: no memory the first time. */
  private static final class FailingLock extends ReentrantLock {
    private static final long serialVersionUID = 1;
    final AtomicInteger calls = new AtomicInteger();

    @Override
    public void lockInterruptibly() throws InterruptedException {
      if (calls.incrementAndGet() == 1) {
        throw new OutOfMemoryError("simulated");
      }
      super.lockInterruptibly();
    }
  }

  @Test
  void theEngineIsWatchedAlsoAfterAnErrorWhileItWasWatched() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      cluster.leader().publish("a", "before");
      RaftCluster.Node node = cluster.follower();
      var failing = new Failing(1);
      node.watched = failing;
      Wait.until("it fails", failing::failed);
      Path vote = LostVoteTest.vote(node);
      Files.write(vote, new byte[0]);
      Wait.until("it is seen that the vote is lost", () -> Files.size(vote) > 0);
      cluster.leader().publish("a", "after");
      cluster.awaitLevel(node);
    }
  }

  @Test
  void anEngineThatCouldNotBeStartedAgainForAnErrorIsTriedAgain() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      cluster.leader().publish("a", "before");
      RaftCluster.Node node = cluster.follower();
      var failing = new Failing(2);
      node.opened = failing;
      Files.write(LostVoteTest.vote(node), new byte[0]); // the engine is started again for it
      failing.awaitCallsAfter();
      cluster.leader().publish("a", "after");
      cluster.awaitLevel(node);
      assertEquals(2, node.log.bounds().newest());
    }
  }

  @Test
  void aLogThatCantBeOpenedForAnErrorSaysSoAndHoldsNothing() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      RaftCluster.Node node = cluster.follower();
      node.stop();
      node.opened = new Failing(1);
      assertThrows(ExecutionException.class, () -> RaftCluster.get(node.open()));
      RaftCluster.get(node.open());
      cluster.leader().publish("a", "after");
      cluster.awaitLevel(node);
    }
  }

  /** And has no memory to log it either. */
  @Test
  void aNodeThatFetchesFirstDoesSoAgainAfterAnError() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start();
        var failing = new FailingLog(LogFetch.class, 2)) {
      FetchTest.publish(cluster, "a", 45);
      RaftCluster.Node edge = cluster.addEdge();
      Future<RaftLog> opening = edge.open();
      failing.awaitFailures();
      RaftCluster.get(opening);
      FetchTest.awaitLevel(cluster, edge);
    }
  }

  /** What is given the way from a node that does not lead. */
  private interface Changing {
    void use(RaftCluster.Node node, LeaderRoute route, VoterClient others) throws Exception;
  }

  private void changing(Changing changing) throws Exception {
    try (var cluster = new RaftCluster(directory, 1);
        var others = new VoterClient(cluster.options(0, Optional.empty()))) {
      changing.use(cluster.node(0), new LeaderRoute(cluster.voters(0), others), others);
    }
  }

  @Test
  void votersCanBeChangedAfterAnErrorOfTheLastChange() throws Exception {
    changing(
        (node, route, others) -> {
          var notes = new FetchNotes(System::nanoTime);
          var changes = new VoterChanges(route, others, new FailingLock(), notes);
          List<String> target = List.of(node.address());
          try (var failing = new FailingLog(VoterChanges.class, 1)) {
            VoterChange first = changes.begin(target);
            failing.awaitFailures();
            awaitEnd(changes);
            assertEquals(VoterChange.State.UNKNOWN, changes.find(first.id()).state());
          }
          VoterChange second = changes.begin(target);
          awaitEnd(changes);
          assertEquals(VoterChange.State.REFUSED, changes.find(second.id()).state());
        });
  }

  private static void awaitEnd(VoterChanges changes) {
    Wait.until("the change has ended", () -> changes.running().isEmpty());
  }

  @Test
  void edgesCanBeChangedAfterAnErrorOfTheLastChange() throws Exception {
    changing(
        (node, route, others) -> {
          var lock = new FailingLock();
          var silence = new EdgeSilence(0, edge -> false, System::nanoTime);
          var changes = new EdgeChanges(route, others, lock, silence, System::nanoTime);
          var gone = List.of(new LeaderWatch.Follower(node.address(), 0, true, false));
          try (var failing = new FailingLog(EdgeChanges.class, 1)) {
            changes.lead(gone);
            failing.awaitFailures();
          }
          Wait.until(
              "edges are changed again",
              () -> {
                changes.lead(gone);
                return lock.calls.get() > 1;
              });
        });
  }
}
