package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidings.Wait;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
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
}
