package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.log.LogState;
import io.tidings.log.LogUnavailable;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Edges follow a cluster, whatever becomes of them and of its voters. */
@Timeout(180)
class EdgesTest {
  @TempDir Path directory;

  private static List<String> edges(RaftCluster.Node node) {
    return node.log.edges().stream().map(Voters.Voter::id).toList();
  }

  private static void awaitEdges(RaftCluster.Node by, RaftCluster.Node... edges) {
    List<String> expected = Arrays.stream(edges).map(RaftCluster.Node::address).sorted().toList();
    Wait.until(
        "the edges are " + expected,
        () -> edges(by).equals(expected) && by.log.status().target().isEmpty());
  }

  private static String refusal(Future<RaftLog> opening) {
    var failure = assertThrows(ExecutionException.class, () -> RaftCluster.get(opening));
    return failure.getCause().getMessage();
  }

  @Test
  void anEdgeAsksToBeAddedFollowsAndForwardsWhatIsPublished() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      cluster.publish(0, 20);
      RaftCluster.Node edge = cluster.startEdge();
      awaitEdges(cluster.leader(), edge);
      Wait.until("it is level", () -> edge.log.behindMillis() == 0);
      assertEquals(3, edge.log.voters().size());
      assertTrue(edge.log.outside().isEmpty());
      assertEquals(2, edge.publish("b", "one", "two").size());
      cluster.publish(20, 30);
      cluster.awaitLevel(edge);
      edge.publish("c", "one");
      Wait.until("it is delivered", () -> edge.received.size() >= 13);
      RaftCluster.get(edge.log.setCheckpoint("relay", "id"));
      assertEquals("id", RaftCluster.get(edge.log.checkpoint("relay")).orElseThrow());
      assertFalse(edge.leads());
    }
  }

  @Test
  void anEdgeIsNoPartOfTheMajority() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      RaftCluster.Node edge = cluster.startEdge();
      awaitEdges(cluster.leader(), edge);
      cluster.publish(0, 3);
      cluster.follower().stop();
      RaftCluster.Node left =
          cluster.nodes().stream()
              .filter(node -> node != edge && node.log != null && !node.leads())
              .findFirst()
              .orElseThrow();
      left.stop();
      Wait.until("publishing is refused at the edge", () -> !taken(edge, "lost"));
      Wait.until("it is behind", () -> edge.log.behindMillis() > 0);
      var states = new ArrayList<LogState>();
      edge.log.onState(states::add);
      Wait.until("it is isolated", () -> states.contains(LogState.ISOLATED));
      RaftCluster.get(left.open());
      Wait.until("it is level again", () -> edge.log.behindMillis() == 0);
      Wait.until("publishing goes on", () -> taken(edge, "found"));
      cluster.awaitLevel(edge);
    }
  }

  private static boolean taken(RaftCluster.Node node, String key) {
    try {
      RaftCluster.get(node.append("a", key, "event"));
      return true;
    } catch (ExecutionException e) {
      assertInstanceOf(LogUnavailable.class, e.getCause());
      return false;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void twoEdgesThatAskAtOnceBothGetInAndComeBackWithAndWithoutTheirDirectories() throws Exception {
    try (var cluster = new RaftCluster(directory, 1).start()) {
      cluster.publish(0, 10);
      RaftCluster.Node one = cluster.addEdge();
      RaftCluster.Node two = cluster.addEdge();
      Future<RaftLog> opening = one.open();
      RaftCluster.get(two.open());
      RaftCluster.get(opening);
      awaitEdges(cluster.node(0), one, two);
      cluster.awaitLevel(one, two);

      one.stop();
      two.stop();
      cluster.publish(10, 20);
      two.deleteLog();
      opening = two.open();
      RaftCluster.get(one.open());
      RaftCluster.get(opening);
      cluster.publish(20, 25);
      cluster.awaitLevel(one, two);
      awaitEdges(cluster.node(0), one, two);
    }
  }

  @Test
  void theVotersAreChangedAndStartedAgainWhileOneEdgeFollowsAndAnotherHasGone() throws Exception {
    try (var cluster = new RaftCluster(directory, 1).start()) {
      RaftCluster.Node edge = cluster.addEdge();
      RaftCluster.Node gone = cluster.addEdge();
      Future<RaftLog> opening = edge.open();
      RaftCluster.get(gone.open());
      RaftCluster.get(opening);
      awaitEdges(cluster.node(0), edge, gone);
      gone.stop();
      cluster.publish(0, 10);
      RaftCluster.Node two = cluster.addNode();
      RaftCluster.Node three = cluster.addNode();
      List<Future<RaftLog>> joining = List.of(two.open(), three.open());
      MembersTest.replace(edge, cluster.node(0), two, three); // asked at an edge
      for (Future<RaftLog> log : joining) {
        RaftCluster.get(log);
      }
      cluster.publish(10, 20);
      cluster.awaitLevel(edge, two, three);
      awaitEdges(cluster.leader(), edge, gone);
      assertTrue(
          RaftCluster.refusal(edge, RaftCluster.addresses(cluster.node(0), two, edge))
              .contains("is an edge"),
          "as voter");

      cluster.close();
      cluster.start();
      cluster.publish(20, 25);
      cluster.awaitLevel(edge, gone, two, three);
      cluster.leader().stop();
      cluster.publish(25, 30);
      cluster.awaitLevel(edge, gone);
    }
  }

  @Test
  void anEdgeThatDoesNotAnswerForLongIsForgottenAndAddedAgainWhenItComesBack() throws Exception {
    try (var cluster =
        new RaftCluster(directory, 3).forgettingAfter(Duration.ofMillis(500)).start()) {
      RaftCluster.Node edge = cluster.startEdge();
      awaitEdges(cluster.leader(), edge);
      cluster.publish(0, 5);
      cluster.awaitLevel(edge);
      edge.stop();
      awaitEdges(cluster.leader());
      cluster.publish(5, 10);
      RaftCluster.get(edge.open());
      awaitEdges(cluster.leader(), edge);
      cluster.awaitLevel(edge);
      cluster.publish(10, 12);
      cluster.awaitLevel(edge);
    }
  }

  @Test
  void theLeaderEndsWhileAnEdgeIsBeingAdded() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      cluster.publish(0, 200);
      RaftCluster.Node edge = cluster.addEdge();
      Future<RaftLog> opening = edge.open();
      RaftCluster.Node leader = cluster.leader();
      Wait.until("it asks", () -> opening.isComplete() || !edges(leader).isEmpty());
      leader.stop();
      RaftCluster.get(opening);
      awaitEdges(cluster.leader(), edge);
      cluster.publish(200, 210);
      cluster.awaitLevel(edge);
    }
  }

  private static boolean hasState(Path directory) {
    try (Stream<Path> files = Files.walk(directory.resolve("raft"))) {
      return files.anyMatch(file -> file.getFileName().toString().matches("snapshot\\.\\d+_\\d+"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void anEdgeWithTheLogOfAnotherClusterIsRefused() throws Exception {
    try (var other = new RaftCluster(directory.resolve("other"), 1).start();
        var cluster = new RaftCluster(directory.resolve("one"), 1).start()) {
      other.publish(0, 3);
      cluster.publish(0, 3);
      RaftCluster.Node stranger = other.startEdge();
      awaitEdges(other.node(0), stranger);
      other.awaitLevel(stranger);
      Wait.until("its state is saved", () -> hasState(stranger.directory()));
      stranger.stop();
      RaftCluster.Node edge = cluster.addEdge();
      MembersTest.copy(stranger.directory(), edge.directory());
      assertTrue(refusal(edge.open()).contains("the log of another cluster"));
    }
  }

  @Test
  void anEdgeAtTheAddressOfAVoterThatHasGoneIsToldToTakeAnother() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      cluster.publish(0, 3);
      RaftCluster.Node gone = cluster.follower();
      String life = NodeLife.checkpoint(gone.address());
      Wait.until("its life is known", () -> MembersTest.known(cluster, life));
      gone.stop();
      gone.deleteLog();
      gone.edge = true;
      String refusal = refusal(gone.open());
      assertTrue(refusal.contains("an edge needs an address of its own"), refusal);
    }
  }

  @Test
  void anEdgeTakesNoDirectoryOfAVoterAndAVoterNoneOfAnEdge() throws Exception {
    try (var cluster = new RaftCluster(directory, 1).start()) {
      cluster.publish(0, 3);
      RaftCluster.Node edge = cluster.startEdge();
      cluster.awaitLevel(edge);
      edge.stop();
      edge.edge = false;
      edge.joins = true;
      assertTrue(refusal(edge.open()).contains("the log.dir of an edge"));
      edge.deleteLog();
      assertTrue(refusal(edge.open()).contains("is an edge of this cluster"));

      RaftCluster.Node voter = cluster.node(0);
      RaftCluster.Node wrong = cluster.addEdge();
      voter.stop();
      MembersTest.copy(voter.directory(), wrong.directory());
      RaftCluster.get(voter.open());
      assertTrue(refusal(wrong.open()).contains("the log.dir of a voter"));
    }
  }
}
