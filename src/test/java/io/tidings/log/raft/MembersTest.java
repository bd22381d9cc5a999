package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.event.Position;
import io.tidings.event.Selection;
import io.tidings.log.Page;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The voters of a cluster are changed while it runs. */
@Timeout(180)
class MembersTest {
  @TempDir Path directory;

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else if (!file.endsWith("in_use.lock")) {
          Files.copy(file, target);
        }
      }
    }
  }

  private static List<String> topics(RaftCluster.Node node) throws Exception {
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

  private static List<String> addresses(RaftCluster.Node... nodes) {
    return Arrays.stream(nodes).map(RaftCluster.Node::address).toList();
  }

  private static List<String> voters(RaftCluster.Node node) {
    return node.log.voters().stream().map(Voters.Voter::id).toList();
  }

  private static void change(RaftCluster.Node by, RaftCluster.Node... target) throws Exception {
    RaftCluster.get(by.log.changeVoters(addresses(target)));
  }

  private static String refusal(RaftCluster.Node by, List<String> target) {
    var failure =
        assertThrows(ExecutionException.class, () -> RaftCluster.get(by.log.changeVoters(target)));
    return assertInstanceOf(VotersRefused.class, failure.getCause()).getMessage();
  }

  private static void awaitLevel(RaftCluster cluster, RaftCluster.Node... nodes) throws Exception {
    List<String> expected = topics(cluster.leader());
    for (RaftCluster.Node node : nodes) {
      long newest = cluster.leader().log.bounds().newest();
      Wait.until("a node is level", () -> node.log.bounds().newest() == newest);
      assertEquals(expected, topics(node));
    }
  }

  @Test
  void oneNodeGrowsToThreeWhichComeUpAgainThoughTheSettingsNameOne() throws Exception {
    try (var cluster = new RaftCluster(directory, 1).start()) {
      publish(cluster, 0, 20);
      RaftCluster.Node one = cluster.node(0);
      RaftCluster.Node two = cluster.addNode();
      RaftCluster.Node three = cluster.addNode();
      List<Future<RaftLog>> opening = List.of(two.open(), three.open());
      replace(one, one, two, three);
      for (Future<RaftLog> log : opening) {
        RaftCluster.get(log);
      }
      publish(cluster, 20, 30);
      awaitLevel(cluster, one, two, three);
      assertEquals(3, voters(two).size());
      Wait.until("it votes", () -> two.log.outside().isEmpty());

      cluster.close();
      cluster.start();
      publish(cluster, 30, 35);
      awaitLevel(cluster, one, two, three);
      one.stop(); // two of three go on
      publish(cluster, 35, 40);
      assertEquals(40, topics(cluster.leader()).size());
    }
  }

  /** A node that does not listen yet can't be added; then nothing is changed. */
  static void replace(RaftCluster.Node by, RaftCluster.Node... target) {
    Wait.until(
        "the voters are changed",
        () -> {
          try {
            change(by, target);
            return true;
          } catch (ExecutionException e) {
            String reason = e.getCause().getMessage();
            assertTrue(
                reason.contains("does not answer as a node") || reason.contains("fetches the log"),
                reason);
            return false;
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
  }

  @Test
  void aDeadVoterWhoseDiskWasLostIsReplacedInOneChange() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      publish(cluster, 0, 20);
      RaftCluster.Node dead = cluster.follower();
      dead.stop();
      delete(dead.directory());
      RaftCluster.Node fresh = cluster.addNode();
      Future<RaftLog> opening = fresh.open();
      RaftCluster.Node leader = cluster.leader();
      RaftCluster.Node other = cluster.follower();
      replace(other, leader, other, fresh); // asked at a follower
      RaftCluster.get(opening);
      publish(cluster, 20, 30);
      awaitLevel(cluster, leader, other, fresh);
      assertEquals(new TreeSet<>(addresses(leader, other, fresh)), new TreeSet<>(voters(fresh)));
      leader.stop(); // the new one counts
      publish(cluster, 30, 31);
    }
  }

  @Test
  void aRemovedVoterSaysSoAndIsAddedAgainWithAnEmptyDirectory() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      publish(cluster, 0, 5);
      RaftCluster.Node removed = cluster.follower();
      RaftCluster.Node leader = cluster.leader();
      RaftCluster.Node other =
          cluster.nodes().stream()
              .filter(node -> node != removed && node != leader)
              .findFirst()
              .get();
      RaftCluster.Node fresh = cluster.addNode();
      Future<RaftLog> opening = fresh.open();
      replace(leader, leader, other, fresh);
      RaftCluster.get(opening);
      Wait.until(
          "it says so",
          () ->
              removed.log.outside().filter(why -> why.contains("not a voter of the")).isPresent());
      Wait.until("it is behind", () -> removed.log.behindMillis() > 0);
      publish(cluster, 5, 10);

      removed.stop();
      RaftCluster.get(removed.open()); // its settings name it, and it is up, and says so again
      Wait.until(
          "it says so again",
          () ->
              removed.log.outside().filter(why -> why.contains("not a voter of the")).isPresent());
      removed.stop();
      delete(removed.directory());
      removed.joins = true;
      Future<RaftLog> again = removed.open();
      replace(leader, leader, fresh, removed);
      RaftCluster.get(again);
      publish(cluster, 10, 12);
      awaitLevel(cluster, leader, fresh, removed);
    }
  }

  @Test
  void aLeaderThatIsNotToStayHandsOnTheLeadershipFirst() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      publish(cluster, 0, 5);
      RaftCluster.Node leader = cluster.leader();
      List<RaftCluster.Node> stay =
          cluster.nodes().stream().filter(node -> node != leader).toList();
      RaftCluster.Node fresh = cluster.addNode();
      Future<RaftLog> opening = fresh.open();
      replace(stay.get(0), stay.get(0), stay.get(1), fresh);
      RaftCluster.get(opening);
      Wait.until("the old leader is out", () -> leader.log.outside().isPresent());
      publish(cluster, 5, 10);
      awaitLevel(cluster, stay.get(0), stay.get(1), fresh);
    }
  }

  @Test
  void whatCanNotBeDoneIsRefusedAndChangesNothing() throws Exception {
    try (var cluster = new RaftCluster(directory.resolve("one"), 3).start();
        var foreign = new RaftCluster(directory.resolve("two"), 1).start()) {
      publish(cluster, 0, 2);
      publish(foreign, 0, 2);
      RaftCluster.Node leader = cluster.leader();
      List<String> three = voters(leader);
      assertTrue(refusal(leader, three.subList(0, 2)).contains("two voters"));
      String silent = cluster.addNode().address();
      assertTrue(
          refusal(leader, List.of(three.get(0), three.get(1), silent))
              .contains(silent + " does not answer"));
      String other = foreign.node(0).address();
      assertTrue(
          refusal(leader, List.of(three.get(0), three.get(1), other))
              .contains(other + " has a log of its own"));
      assertEquals(three, voters(leader));
      publish(cluster, 2, 4);
    }
  }

  @Test
  void oneChangeRunsAtATime() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start();
        var hanging = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      publish(cluster, 0, 1);
      RaftCluster.Node leader = cluster.leader();
      String silent = "127.0.0.1:" + hanging.getLocalPort(); // connects, and never answers
      List<String> target = new ArrayList<>(voters(leader).subList(0, 2));
      target.add(silent);
      Future<Void> first = leader.log.changeVoters(target);
      Wait.until("it runs", () -> !leader.log.status().target().isEmpty());
      assertTrue(refusal(leader, voters(leader)).contains("are being changed to"));
      assertThrows(ExecutionException.class, () -> RaftCluster.get(first));
      RaftCluster.get(leader.log.changeVoters(voters(leader))); // the same set is no change
    }
  }

  @Test
  void withoutAMajorityNothingIsChangedAndTheReasonIsSaid() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      publish(cluster, 0, 1);
      RaftCluster.Node leader = cluster.leader();
      List<String> three = voters(leader);
      for (RaftCluster.Node node : cluster.nodes()) {
        if (node != leader) {
          node.stop();
        }
      }
      Wait.until("it has lost the others", () -> !leader.leads());
      var failure =
          assertThrows(
              ExecutionException.class,
              () -> RaftCluster.get(leader.log.changeVoters(List.of(leader.address()))));
      assertTrue(failure.getMessage().contains("no majority"), failure::toString);
      assertEquals(three, voters(leader));
    }
  }

  @Test
  void aNodeWithTheLogOfAnotherClusterIsRefused() throws Exception {
    try (var foreign = new RaftCluster(directory.resolve("two"), 1).start()) {
      publish(foreign, 0, 2);
      foreign.close();
      try (var cluster = new RaftCluster(directory.resolve("one"), 3).start()) {
        publish(cluster, 0, 2);
        RaftCluster.Node node = cluster.follower();
        node.stop();
        delete(node.directory());
        copy(foreign.node(0).directory(), node.directory());
        var failure = assertThrows(ExecutionException.class, () -> RaftCluster.get(node.open()));
        assertTrue(failure.getMessage().contains("log of another cluster"), failure::toString);
        publish(cluster, 2, 4);
      }
    }
  }

  @Test
  void aVoterWithAnOlderCopyOfItsDirectoryIsRefused() throws Exception {
    try (var cluster = new RaftCluster(directory.resolve("one"), 3).start()) {
      publish(cluster, 0, 5);
      RaftCluster.Node node = cluster.follower();
      node.stop();
      Path old = directory.resolve("old");
      copy(node.directory(), old);
      RaftCluster.get(node.open());
      publish(cluster, 5, 10);
      awaitLevel(cluster, node);
      String name = NodeLife.checkpoint(node.address());
      Wait.until("its life is known", () -> known(cluster, name));
      node.stop();
      delete(node.directory());
      copy(old, node.directory());
      var failure = assertThrows(ExecutionException.class, () -> RaftCluster.get(node.open()));
      assertTrue(failure.getMessage().contains("older than the one it had"), failure::toString);
    }
  }

  @Test
  void aVoterWhoseDirectoryWasEmptiedIsRefused() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      publish(cluster, 0, 5);
      RaftCluster.Node node = cluster.follower();
      String name = NodeLife.checkpoint(node.address());
      Wait.until("its life is known", () -> known(cluster, name));
      node.stop();
      delete(node.directory());
      var failure = assertThrows(ExecutionException.class, () -> RaftCluster.get(node.open()));
      assertTrue(failure.getMessage().contains("lost or emptied"), failure::toString);
    }
  }

  static boolean known(RaftCluster cluster, String name) {
    try {
      return RaftCluster.get(cluster.leader().log.checkpoint(name)).isPresent();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
