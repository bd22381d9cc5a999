package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.event.Position;
import io.tidings.event.Selection;
import io.tidings.log.LogState;
import io.tidings.log.LogUnavailable;
import io.tidings.log.Page;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
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

  static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  static List<String> topics(RaftCluster.Node node) throws Exception {
    var topics = new ArrayList<String>();
    Position at = node.log.bounds().begin();
    while (at.offset() < node.log.bounds().newest()) {
      Page page = RaftCluster.get(node.log.after(at, Selection.EVERYTHING, 1 << 20));
      page.entries().forEach(entry -> topics.add(entry.event().topic()));
      at = page.end();
    }
    return topics;
  }

  private static void publish(RaftCluster cluster, int from, int to) throws Exception {
    for (int i = from; i < to; i++) {
      cluster.leader().publish("a." + i, "event");
    }
  }

  private static void awaitLevel(RaftCluster cluster, RaftCluster.Node... nodes) throws Exception {
    RaftCluster.Node leader = cluster.leader();
    long newest = leader.log.bounds().newest();
    for (RaftCluster.Node node : nodes) {
      Wait.until("a node is level", () -> node.log.bounds().newest() == newest);
      assertEquals(topics(leader), topics(node));
    }
  }

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

  private static String refusal(RaftCluster.Node by, List<String> target) {
    var failure =
        assertThrows(ExecutionException.class, () -> RaftCluster.get(by.log.changeVoters(target)));
    return assertInstanceOf(VotersRefused.class, failure.getCause()).getMessage();
  }

  private static List<String> addresses(RaftCluster.Node... nodes) {
    return Arrays.stream(nodes).map(RaftCluster.Node::address).toList();
  }

  @Test
  void anEdgeAsksToBeAddedFollowsAndForwardsWhatIsPublished() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      publish(cluster, 0, 20);
      RaftCluster.Node edge = cluster.addEdge();
      RaftCluster.get(edge.open());
      awaitEdges(cluster.leader(), edge);
      Wait.until("it is level", () -> edge.log.behindMillis() == 0);
      assertEquals(3, edge.log.voters().size());
      assertTrue(edge.log.outside().isEmpty());
      assertEquals(2, edge.publish("b", "one", "two").size());
      publish(cluster, 20, 30);
      awaitLevel(cluster, edge);
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
      RaftCluster.Node edge = cluster.addEdge();
      RaftCluster.get(edge.open());
      awaitEdges(cluster.leader(), edge);
      publish(cluster, 0, 3);
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
      awaitLevel(cluster, edge);
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
      publish(cluster, 0, 10);
      RaftCluster.Node one = cluster.addEdge();
      RaftCluster.Node two = cluster.addEdge();
      Future<RaftLog> opening = one.open();
      RaftCluster.get(two.open());
      RaftCluster.get(opening);
      awaitEdges(cluster.node(0), one, two);
      awaitLevel(cluster, one, two);

      one.stop();
      two.stop();
      publish(cluster, 10, 20);
      delete(two.directory());
      opening = two.open();
      RaftCluster.get(one.open());
      RaftCluster.get(opening);
      publish(cluster, 20, 25);
      awaitLevel(cluster, one, two);
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
      publish(cluster, 0, 10);
      RaftCluster.Node two = cluster.addNode();
      RaftCluster.Node three = cluster.addNode();
      List<Future<RaftLog>> joining = List.of(two.open(), three.open());
      MembersTest.replace(edge, cluster.node(0), two, three); // asked at an edge
      for (Future<RaftLog> log : joining) {
        RaftCluster.get(log);
      }
      publish(cluster, 10, 20);
      awaitLevel(cluster, edge, two, three);
      awaitEdges(cluster.leader(), edge, gone);
      assertTrue(
          refusal(edge, addresses(cluster.node(0), two, edge)).contains("is an edge"), "as voter");

      cluster.close();
      cluster.start();
      publish(cluster, 20, 25);
      awaitLevel(cluster, edge, gone, two, three);
      cluster.leader().stop();
      publish(cluster, 25, 30);
      awaitLevel(cluster, edge, gone);
    }
  }

  @Test
  void anEdgeThatDoesNotAnswerForLongIsForgottenAndAddedAgainWhenItComesBack() throws Exception {
    try (var cluster =
        new RaftCluster(directory, 3).forgettingAfter(Duration.ofMillis(500)).start()) {
      RaftCluster.Node edge = cluster.addEdge();
      RaftCluster.get(edge.open());
      awaitEdges(cluster.leader(), edge);
      publish(cluster, 0, 5);
      awaitLevel(cluster, edge);
      edge.stop();
      awaitEdges(cluster.leader());
      publish(cluster, 5, 10);
      RaftCluster.get(edge.open());
      awaitEdges(cluster.leader(), edge);
      awaitLevel(cluster, edge);
      publish(cluster, 10, 12);
      awaitLevel(cluster, edge);
    }
  }

  @Test
  void theLeaderEndsWhileAnEdgeIsBeingAdded() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      publish(cluster, 0, 200);
      RaftCluster.Node edge = cluster.addEdge();
      Future<RaftLog> opening = edge.open();
      RaftCluster.Node leader = cluster.leader();
      Wait.until("it asks", () -> opening.isComplete() || !edges(leader).isEmpty());
      leader.stop();
      RaftCluster.get(opening);
      awaitEdges(cluster.leader(), edge);
      publish(cluster, 200, 210);
      awaitLevel(cluster, edge);
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
      publish(other, 0, 3);
      publish(cluster, 0, 3);
      RaftCluster.Node stranger = other.addEdge();
      RaftCluster.get(stranger.open());
      awaitEdges(other.node(0), stranger);
      awaitLevel(other, stranger);
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
      publish(cluster, 0, 3);
      RaftCluster.Node gone = cluster.follower();
      String life = NodeLife.checkpoint(gone.address());
      Wait.until("its life is known", () -> MembersTest.known(cluster, life));
      gone.stop();
      delete(gone.directory());
      gone.edge = true;
      String refusal = refusal(gone.open());
      assertTrue(refusal.contains("an edge needs an address of its own"), refusal);
    }
  }

  @Test
  void anEdgeTakesNoDirectoryOfAVoterAndAVoterNoneOfAnEdge() throws Exception {
    try (var cluster = new RaftCluster(directory, 1).start()) {
      publish(cluster, 0, 3);
      RaftCluster.Node edge = cluster.addEdge();
      RaftCluster.get(edge.open());
      awaitLevel(cluster, edge);
      edge.stop();
      edge.edge = false;
      edge.joins = true;
      assertTrue(refusal(edge.open()).contains("the log.dir of an edge"));
      delete(edge.directory());
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
