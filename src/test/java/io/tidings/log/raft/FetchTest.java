package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that lack more than the others' Raft logs have fetch the log, while the cluster works. */
@Timeout(180)
class FetchTest {
  private static final String MEGABYTE = "x".repeat(1 << 20);

  @TempDir Path directory;
  private volatile boolean stopped;

  static void publish(RaftCluster cluster, String prefix, int count) {
    for (int i = 0; i < count; i++) {
      String topic = prefix + "." + i;
      Wait.until("it is stored", () -> stored(cluster, topic));
      cluster.nodes().forEach(node -> node.received.clear()); // of three nodes in one heap
    }
  }

  /** With a key, so that it can be published again when a busy machine has not answered in time. */
  private static boolean stored(RaftCluster cluster, String topic) {
    try {
      RaftCluster.get(cluster.leader().append(topic, topic, MEGABYTE));
      return true;
    } catch (ExecutionException e) {
      return false;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void publishUntilStopped(RaftCluster.Node node) {
    for (int i = 0; !stopped; i++) {
      try {
        node.publish("load." + i, "event");
      } catch (ExecutionException e) {
        Thread.onSpinWait(); // a busy machine: another one is published
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }

  static void awaitLevel(RaftCluster cluster, RaftCluster.Node node) throws Exception {
    long newest = cluster.leader().log.bounds().newest();
    Wait.until("the node is level", () -> node.log.bounds().newest() >= newest);
    Wait.until("it is ready", () -> node.log.behindMillis() == 0);
    assertEquals(cluster.leader().topics(), node.topics());
    Wait.until("nothing is left", () -> leftovers(node).isEmpty());
  }

  private static List<String> leftovers(RaftCluster.Node node) {
    try (Stream<Path> files = Files.list(node.directory())) {
      return files.map(Path::toString).filter(name -> name.endsWith(".fetch")).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aVoterThatWasAwayForTooLongBecomesLevelByItselfWhilePublishingGoesOn() throws Exception {
    try (var cluster = new RaftCluster(directory, 3)) {
      cluster.keepBytes = 4 << 20;
      cluster.start();
      publish(cluster, "a", 20);
      RaftCluster.Node away = cluster.follower();
      away.stop();
      publish(cluster, "b", 45); // several states, of which the Raft log keeps what follows
      var load = new Thread(() -> publishUntilStopped(cluster.leader()));
      load.start();
      try {
        RaftCluster.get(away.open());
        Wait.until("it is level", () -> away.log.bounds().newest() > 65);
      } finally {
        stopped = true;
        load.join();
      }
      awaitLevel(cluster, away);
      assertEquals(Optional.empty(), away.log.fetching());

      RaftCluster.Node leader = cluster.leader();
      leader.stop(); // it votes, and its log counts
      cluster.leader().publish("c", "after");
      RaftCluster.get(leader.open());
      awaitLevel(cluster, leader);
    }
  }

  @Test
  void aNewNodeFetchesWhatTheOthersHaveRemovedBeforeItIsAdded() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      publish(cluster, "a", 45);
      RaftCluster.Node leader = cluster.leader();
      RaftCluster.Node other = cluster.follower();
      RaftCluster.Node fresh = cluster.addNode();
      Future<RaftLog> opening = fresh.open();
      var load = new Thread(() -> publishUntilStopped(leader));
      load.start();
      try {
        List<String> target = List.of(leader.address(), other.address(), fresh.address());
        changed(leader, target);
      } finally {
        stopped = true;
        load.join();
      }
      RaftCluster.get(opening);
      awaitLevel(cluster, fresh);
      assertEquals(0, fresh.log.bounds().begin().offset());
    }
  }

  /** While it fetches, the change is refused with the reason; nobody waits for it. */
  private static void changed(RaftCluster.Node by, List<String> target) {
    RaftCluster.untilDone(
        "it is added",
        () -> by.log.changeVoters(target),
        refusal -> {
          String reason = refusal.getMessage();
          assertTrue(
              !(refusal instanceof VotersRefused)
                  || reason.contains("does not answer as a node")
                  || reason.contains("fetches the log first"),
              reason);
        });
  }

  /** All that it had is older than what the others have kept. */
  @Test
  void aVoterWhoseEntriesTheOthersHaveAllRemovedBeginsWithTheirs() throws Exception {
    try (var cluster = new RaftCluster(directory, 3)) {
      cluster.keepBytes = 4 << 20;
      cluster.nodes().forEach(node -> node.keepLog("16MiB"));
      cluster.start();
      publish(cluster, "a", 5);
      RaftCluster.Node away = cluster.follower();
      away.stop();
      publish(cluster, "b", 60);
      Wait.until(
          "the others have removed it", () -> cluster.leader().log.bounds().begin().offset() > 10);
      RaftCluster.get(away.open());
      Wait.until("it is level", () -> away.log.bounds().newest() >= 65);
      assertTrue(away.log.bounds().begin().offset() > 10);
      cluster.leader().publish("c", "after");
      Wait.until("it receives", () -> away.log.bounds().newest() >= 66);
    }
  }
}
