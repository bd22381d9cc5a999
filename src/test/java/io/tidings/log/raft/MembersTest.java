package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

  private static List<String> voters(RaftCluster.Node node) {
    return node.log.voters().stream().map(Voters.Voter::id).toList();
  }

  private static void change(RaftCluster.Node by, RaftCluster.Node... target) throws Exception {
    RaftCluster.get(by.log.changeVoters(RaftCluster.addresses(target)));
  }

  @Test
  void oneNodeGrowsToThreeWhichComeUpAgainThoughTheSettingsNameOne() throws Exception {
    try (var cluster = new RaftCluster(directory, 1).start()) {
      cluster.publish(0, 20);
      RaftCluster.Node one = cluster.node(0);
      RaftCluster.Node two = cluster.addNode();
      RaftCluster.Node three = cluster.addNode();
      List<Future<RaftLog>> opening = List.of(two.open(), three.open());
      replace(one, one, two, three);
      for (Future<RaftLog> log : opening) {
        RaftCluster.get(log);
      }
      cluster.publish(20, 30);
      cluster.awaitLevel(one, two, three);
      assertEquals(3, voters(two).size());
      Wait.until("it votes", () -> two.log.outside().isEmpty());

      cluster.close();
      cluster.start();
      cluster.publish(30, 35);
      cluster.awaitLevel(one, two, three);
      one.stop(); // two of three go on
      cluster.publish(35, 40);
      assertEquals(40, cluster.leader().topics().size());
    }
  }

  /** A node that does not listen yet can't be added; then nothing is changed. */
  static void replace(RaftCluster.Node by, RaftCluster.Node... target) {
    RaftCluster.untilDone(
        "the voters are changed",
        () -> by.log.changeVoters(RaftCluster.addresses(target)),
        refusal -> {
          String reason = refusal.getMessage();
          assertTrue(
              reason.contains("does not answer as a node") || reason.contains("fetches the log"),
              reason);
        });
  }

  @Test
  void aDeadVoterWhoseDiskWasLostIsReplacedInOneChange() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      cluster.publish(0, 20);
      RaftCluster.Node dead = cluster.follower();
      dead.stop();
      dead.deleteLog();
      RaftCluster.Node fresh = cluster.addNode();
      Future<RaftLog> opening = fresh.open();
      RaftCluster.Node leader = cluster.leader();
      RaftCluster.Node other = cluster.follower();
      replace(other, leader, other, fresh); // asked at a follower
      RaftCluster.get(opening);
      cluster.publish(20, 30);
      cluster.awaitLevel(leader, other, fresh);
      assertEquals(
          new TreeSet<>(RaftCluster.addresses(leader, other, fresh)), new TreeSet<>(voters(fresh)));
      leader.stop(); // the new one counts
      cluster.publish(30, 31);
    }
  }

  @Test
  void aRemovedVoterSaysSoAndIsAddedAgainWithAnEmptyDirectory() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      cluster.publish(0, 5);
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
      cluster.publish(5, 10);

      removed.stop();
      RaftCluster.get(removed.open()); // its settings name it, and it is up, and says so again
      Wait.until(
          "it says so again",
          () ->
              removed.log.outside().filter(why -> why.contains("not a voter of the")).isPresent());
      removed.stop();
      removed.deleteLog();
      removed.joins = true;
      Future<RaftLog> again = removed.open();
      replace(leader, leader, fresh, removed);
      RaftCluster.get(again);
      cluster.publish(10, 12);
      cluster.awaitLevel(leader, fresh, removed);
    }
  }

  @Test
  void aLeaderThatIsNotToStayHandsOnTheLeadershipFirst() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      cluster.publish(0, 5);
      RaftCluster.Node leader = cluster.leader();
      List<RaftCluster.Node> stay =
          cluster.nodes().stream().filter(node -> node != leader).toList();
      RaftCluster.Node fresh = cluster.addNode();
      Future<RaftLog> opening = fresh.open();
      replace(stay.get(0), stay.get(0), stay.get(1), fresh);
      RaftCluster.get(opening);
      Wait.until("the old leader is out", () -> leader.log.outside().isPresent());
      cluster.publish(5, 10);
      cluster.awaitLevel(stay.get(0), stay.get(1), fresh);
    }
  }

  @Test
  void whatCanNotBeDoneIsRefusedAndChangesNothing() throws Exception {
    try (var cluster = new RaftCluster(directory.resolve("one"), 3).start();
        var foreign = new RaftCluster(directory.resolve("two"), 1).start()) {
      cluster.publish(0, 2);
      foreign.publish(0, 2);
      RaftCluster.Node leader = cluster.leader();
      List<String> three = voters(leader);
      assertTrue(RaftCluster.refusal(leader, three.subList(0, 2)).contains("two voters"));
      String silent = cluster.addNode().address();
      assertTrue(
          RaftCluster.refusal(leader, List.of(three.get(0), three.get(1), silent))
              .contains(silent + " does not answer"));
      String other = foreign.node(0).address();
      assertTrue(
          RaftCluster.refusal(leader, List.of(three.get(0), three.get(1), other))
              .contains(other + " has a log of its own"));
      assertEquals(three, voters(leader));
      cluster.publish(2, 4);
    }
  }

  @Test
  void oneChangeRunsAtATime() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start();
        var hanging = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      cluster.publish(0, 1);
      RaftCluster.Node leader = cluster.leader();
      String silent = "127.0.0.1:" + hanging.getLocalPort(); // connects, and never answers
      List<String> target = new ArrayList<>(voters(leader).subList(0, 2));
      target.add(silent);
      Future<Void> first = leader.log.changeVoters(target);
      Wait.until("it runs", () -> !leader.log.status().target().isEmpty());
      assertTrue(RaftCluster.refusal(leader, voters(leader)).contains("are being changed to"));
      assertThrows(ExecutionException.class, () -> RaftCluster.get(first));
      RaftCluster.get(leader.log.changeVoters(voters(leader))); // the same set is no change
    }
  }

  @Test
  void withoutAMajorityNothingIsChangedAndTheReasonIsSaid() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      cluster.publish(0, 1);
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
      foreign.publish(0, 2);
      foreign.close();
      try (var cluster = new RaftCluster(directory.resolve("one"), 3).start()) {
        cluster.publish(0, 2);
        RaftCluster.Node node = cluster.follower();
        node.stop();
        node.deleteLog();
        copy(foreign.node(0).directory(), node.directory());
        var failure = assertThrows(ExecutionException.class, () -> RaftCluster.get(node.open()));
        assertTrue(failure.getMessage().contains("log of another cluster"), failure::toString);
        cluster.publish(2, 4);
      }
    }
  }

  @Test
  void aVoterWithAnOlderCopyOfItsDirectoryIsRefused() throws Exception {
    try (var cluster = new RaftCluster(directory.resolve("one"), 3).start()) {
      cluster.publish(0, 5);
      RaftCluster.Node node = cluster.follower();
      node.stop();
      Path old = directory.resolve("old");
      copy(node.directory(), old);
      RaftCluster.get(node.open());
      cluster.publish(5, 10);
      cluster.awaitLevel(node);
      String name = NodeLife.checkpoint(node.address());
      Wait.until("its life is known", () -> known(cluster, name));
      node.stop();
      node.deleteLog();
      copy(old, node.directory());
      var failure = assertThrows(ExecutionException.class, () -> RaftCluster.get(node.open()));
      assertTrue(failure.getMessage().contains("older than the one it had"), failure::toString);
    }
  }

  @Test
  void aVoterWhoseDirectoryWasEmptiedIsRefused() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      cluster.publish(0, 5);
      RaftCluster.Node node = cluster.follower();
      String name = NodeLife.checkpoint(node.address());
      Wait.until("its life is known", () -> known(cluster, name));
      node.stop();
      node.deleteLog();
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
