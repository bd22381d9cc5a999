package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.Wait;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.util.CodeInjectionForTesting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The leader ends, for good, while a node takes the place of a voter. */
@Timeout(180)
class InterruptedChangeTest {
  /** A name of Ratis: called with what a follower has received, before it is looked at. */
  private static final String RECEIVED = "RaftServerImpl.appendEntries";

  @TempDir Path directory;

  @AfterEach
  void restore() {
    CodeInjectionForTesting.remove(RECEIVED);
  }

  /** From now on the node answers none of these; returns how often it has refused. */
  private static AtomicInteger refuse(
      RaftCluster.Node node, Predicate<AppendEntriesRequestProto> refused) {
    var count = new AtomicInteger();
    CodeInjectionForTesting.put(
        RECEIVED,
        (local, remote, arguments) -> {
          if (local.toString().equals(node.address())
              && refused.test((AppendEntriesRequestProto) arguments[1])) {
            count.incrementAndGet();
            throw new IllegalStateException("refused by the test");
          }
          return false;
        });
    return count;
  }

  /**
   * Puts the node in the place of a follower until it has refused something; then stops the leader,
   * and returns it.
   */
  private static RaftCluster.Node stopLeaderMeanwhile(
      RaftCluster cluster, RaftCluster.Node added, AtomicInteger refused) throws Exception {
    RaftCluster.Node leader = cluster.leader();
    RaftCluster.Node replaced = cluster.follower();
    List<String> target =
        cluster.nodes().stream()
            .filter(node -> node != replaced)
            .map(RaftCluster.Node::address)
            .toList();
    var changing = new AtomicReference<>(leader.log.changeVoters(target));
    Wait.until(
        added.address() + " takes part",
        () -> {
          if (changing.get().failed()) { // it does not wait to be added yet
            changing.set(leader.log.changeVoters(target));
          }
          return refused.get() > 0;
        });
    leader.stop();
    return leader;
  }

  /**
   * With Ratis' default of a thousand entries that a new voter may lack, it would count before it
   * has any.
   */
  @Test
  void aVoterThatStillReceivesTheLogIsNotNeededForTheNextLeader() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      String large = "x".repeat(45_000);
      for (int i = 0; i < 600; i++) {
        cluster.leader().publish("a", large);
      }
      RaftCluster.Node added = cluster.addNode();
      Future<RaftLog> opening = added.open();
      var received = new AtomicInteger();
      AtomicInteger refused =
          refuse(added, request -> request.getEntriesCount() > 0 && received.getAndIncrement() > 0);
      stopLeaderMeanwhile(cluster, added, refused);
      cluster.publish(0, 10);
      assertEquals(610, cluster.leader().topics().size());
      CodeInjectionForTesting.remove(RECEIVED);
      RaftCluster.Node next = cluster.leader();
      MembersTest.replace(next, next, cluster.follower(), added); // the change can be repeated
      RaftCluster.get(opening);
      cluster.awaitLevel(added);
    }
  }

  /** With a key: the new voter's engine is started again meanwhile, and another one has gone. */
  private static boolean published(RaftCluster.Node node, String key) throws Exception {
    try {
      RaftCluster.get(node.append("b", key, "event"));
      return true;
    } catch (ExecutionException e) {
      return false;
    }
  }

  private static boolean isJoint(LogEntryProto entry) {
    return entry.hasConfigurationEntry() && entry.getConfigurationEntry().getOldPeersCount() > 0;
  }

  /**
   * A node with the first part of a change needs the new voter's vote, which has not heard of it.
   */
  @Test
  void aVoterThatHasNotHeardOfTheChangeVotesForTheNextLeader() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      cluster.publish(0, 10);
      RaftCluster.Node added = cluster.addNode();
      Future<RaftLog> opening = added.open();
      AtomicInteger refused =
          refuse(
              added,
              request ->
                  request.getEntriesList().stream().anyMatch(InterruptedChangeTest::isJoint));
      RaftCluster.Node replaced = cluster.follower();
      RaftCluster.Node stopped = stopLeaderMeanwhile(cluster, added, refused);
      CodeInjectionForTesting.remove(RECEIVED);
      RaftCluster.get(opening);
      Wait.until("publishing goes on", () -> published(cluster.leader(), "a key"));
      assertEquals(11, cluster.leader().topics().size());
      cluster.awaitLevel(added);
      assertEquals(Optional.empty(), added.log.outside());
      replaced.stop();

      RaftCluster.get(stopped.open());
      cluster.awaitLevel(stopped);
      cluster.leader().stop(); // the two others must both vote as usual
      Wait.until("publishing goes on", () -> published(cluster.leader(), "another key"));
      assertEquals(12, cluster.leader().topics().size());
    }
  }
}
