package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.CapturedLog;
import io.tidings.Wait;
import io.tidings.log.LogUnavailable;
import io.tidings.log.OutcomeUnknown;
import io.tidings.settings.CommonSettings;
import io.tidings.settings.InvalidSetting;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The settings that the nodes of a cluster have in common. */
@Timeout(120)
class SettingsChangeTest {
  @TempDir Path directory;

  private static CommonSettings with(String name, String value) {
    return CommonSettings.DEFAULT.with(Map.of(name, value));
  }

  private static void change(RaftCluster.Node by, Map<String, ?> changes) throws Exception {
    RaftCluster.get(by.log.changeSettings(changes));
  }

  private static <T extends Throwable> T failure(
      Class<T> type, RaftCluster.Node by, Map<String, ?> changes) {
    var failure = assertThrows(ExecutionException.class, () -> change(by, changes));
    return assertInstanceOf(type, failure.getCause());
  }

  private static void awaitReplicated(RaftCluster cluster) {
    Wait.until(
        "the first leader's settings are replicated",
        () -> cluster.nodes().stream().allMatch(node -> node.log.settings().replicated()));
  }

  private static void awaitAll(RaftCluster cluster, CommonSettings expected) {
    Wait.until(
        "all nodes have them",
        () ->
            cluster.nodes().stream().allMatch(node -> node.log.settings().now().equals(expected)));
  }

  private static void restart(RaftCluster cluster) throws Exception {
    cluster.close();
    cluster.start();
    cluster.leader();
  }

  @Test
  void aNewClusterHasTheSettingsOfItsFirstLeaderOnAllNodesAndTheOthersSayThatTheirsDoNotCount()
      throws Exception {
    try (var log = new CapturedLog(LogBegin.class);
        var cluster = new RaftCluster(directory, 3)) {
      List<String> bodies = List.of("1KiB", "2KiB", "3KiB");
      for (int i = 0; i < 3; i++) {
        cluster.node(i).common = with("limits.body", bodies.get(i));
      }
      cluster.start();
      awaitReplicated(cluster);
      CommonSettings now = cluster.node(0).log.settings().now();
      assertEquals(1, cluster.nodes().stream().filter(node -> node.common.equals(now)).count());
      awaitAll(cluster, now);
      String body = now.texts().get("limits.body");
      for (String other : bodies) {
        String line =
            "limits.body is "
                + other
                + " in this node's settings; the cluster has "
                + body
                + ", which counts; see `tidings cluster set`";
        if (!other.equals(body)) {
          Wait.until(line, () -> log.contains(line));
        }
      }
      assertEquals(2, log.lines().size());
    }
  }

  @Test
  void aChangeByAnyNodeIsInForceOnAllAndStaysWhateverTheyAreStartedWith() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      awaitReplicated(cluster);
      change(cluster.follower(), Map.of("log.once", "1h", "limits.body", "2MiB"));
      CommonSettings expected =
          CommonSettings.DEFAULT.with(Map.of("log.once", "1h", "limits.body", "2MiB"));
      awaitAll(cluster, expected);
      change(cluster.leader(), Map.of("log.keep.entries", 100));
      expected = expected.with(Map.of("log.keep.entries", 100));
      awaitAll(cluster, expected);
      assertEquals(100, cluster.node(0).log.settings().retention().entries());
      cluster.nodes().forEach(node -> node.common = with("log.once", "5m"));
      restart(cluster);
      awaitAll(cluster, expected);
      cluster.leader().publish("a", "1");
      cluster.leader().stop();
      cluster.leader().publish("a", "2"); // the next leader configures nothing
      for (RaftCluster.Node node : cluster.nodes()) {
        assertTrue(node.log == null || node.log.settings().now().once().toHours() == 1);
      }
    }
  }

  @Test
  void aValueThatIsNotAllowedChangesNothingNotEvenTheOthersBesideIt() throws Exception {
    try (var cluster = new RaftCluster(directory, 1).start()) {
      awaitReplicated(cluster);
      RaftCluster.Node node = cluster.node(0);
      String message =
          failure(InvalidSetting.class, node, Map.of("limits.body", "7", "log.once", "2d"))
              .getMessage();
      assertEquals("log.once=2d: must be at most 1d", message);
      message = failure(InvalidSetting.class, node, Map.of("limits.bodies", "7")).getMessage();
      assertTrue(message.contains("these are: log.once, "), message);
      assertEquals(CommonSettings.DEFAULT, node.log.settings().now());
    }
  }

  @Test
  void twoChangesAtOnceBothCount() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      Future<Void> one = cluster.node(0).log.changeSettings(Map.of("limits.body", "7"));
      Future<Void> other = cluster.node(1).log.changeSettings(Map.of("limits.topic", "8"));
      RaftCluster.get(one.transform(done -> other.transform(both -> Future.succeededFuture())));
      change(cluster.node(0), Map.of("limits.body", "7")); // those that were refused at the start
      change(cluster.node(1), Map.of("limits.topic", "8"));
      one = cluster.node(2).log.changeSettings(Map.of("log.once", "9s"));
      RaftCluster.get(cluster.node(0).log.changeSettings(Map.of("log.keep.age", "10s")));
      RaftCluster.get(one);
      awaitAll(
          cluster,
          CommonSettings.DEFAULT.with(
              Map.of(
                  "limits.body", "7",
                  "limits.topic", "8",
                  "log.once", "9s",
                  "log.keep.age", "10s")));
    }
  }

  @Test
  void aNodeThatHasNeverSaidThatItKnowsTheCommandIsNamedAndNothingIsWritten() throws Exception {
    try (var cluster = new RaftCluster(directory, 3)) {
      RaftCluster.Node silent = cluster.node(2);
      List<Future<RaftLog>> opening = List.of(cluster.node(0).open(), cluster.node(1).open());
      for (Future<RaftLog> log : opening) {
        RaftCluster.get(log);
      }
      CommandRefused refused =
          failure(CommandRefused.class, cluster.leader(), Map.of("log.once", "1h"));
      assertTrue(
          refused
              .getMessage()
              .startsWith(silent.address() + " has never said to know this, and can't be asked"),
          refused::getMessage);
      assertFalse(cluster.leader().log.settings().replicated());
      RaftCluster.get(silent.open());
      awaitReplicated(cluster);
      silent.stop();
      change(cluster.leader(), Map.of("log.once", "1h")); // it has said so, and is only away
      RaftCluster.get(silent.open());
      awaitAll(cluster, with("log.once", "1h"));
    }
  }

  @Test
  void anEdgeThatIsAwayHindersNoChangeThoughItLeavesNothingInTheStateAboutWhatItKnows()
      throws Exception {
    try (var cluster = new RaftCluster(directory, 3)) {
      RaftCluster.Node silent = cluster.node(2);
      RaftCluster.Node edge = cluster.addEdge();
      List<Future<RaftLog>> opening =
          List.of(cluster.node(0).open(), cluster.node(1).open(), edge.open());
      for (Future<RaftLog> log : opening) {
        RaftCluster.get(log);
      }
      awaitSaid(cluster, cluster.node(0));
      awaitSaid(cluster, cluster.node(1));
      edge.stop();
      assertTrue(said(cluster, edge).isEmpty());
      CommandRefused refused =
          failure(CommandRefused.class, cluster.leader(), Map.of("log.once", "1h"));
      assertFalse(refused.getMessage().contains(edge.address()), refused::getMessage);
      RaftCluster.get(silent.open());
      Wait.until("replicated", () -> cluster.leader().log.settings().replicated());
      change(cluster.leader(), Map.of("log.once", "1h"));
    }
  }

  private static Optional<String> said(RaftCluster cluster, RaftCluster.Node node)
      throws Exception {
    return RaftCluster.get(cluster.leader().log.checkpoint("kinds " + node.address()));
  }

  private static void awaitSaid(RaftCluster cluster, RaftCluster.Node node) {
    Wait.until("it has said what it knows", () -> said(cluster, node).isPresent());
  }

  @Test
  void withoutAMajorityNothingIsChangedAndTheAnswerSaysSo() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      awaitReplicated(cluster);
      cluster.node(1).stop();
      cluster.node(2).stop();
      RaftCluster.Node alone = cluster.node(0);
      Wait.until("it knows", () -> !alone.log.connected());
      LogUnavailable refused = failure(LogUnavailable.class, alone, Map.of("log.once", "1h"));
      assertFalse(refused instanceof OutcomeUnknown, refused::toString);
      assertTrue(refused.getMessage().endsWith("no setting was changed"), refused::getMessage);
    }
  }

  @Test
  void aChangeWhoseLeaderStopsAnsweringIsUnknownAndRepeatingItIsSafe() throws Exception {
    try (var cluster = new RaftCluster(directory, 3).start()) {
      awaitReplicated(cluster);
      RaftCluster.Node leader = cluster.leader();
      RaftCluster.Node by = cluster.follower();
      leader.clockHeld = new CompletableFuture<>();
      OutcomeUnknown unknown;
      try {
        unknown = failure(OutcomeUnknown.class, by, Map.of("log.once", "1h"));
      } finally {
        leader.clockHeld.complete(null);
      }
      assertTrue(unknown.getMessage().contains("repeat the request"), unknown::getMessage);
      Wait.until(
          "it is repeated",
          () -> {
            try {
              change(by, Map.of("log.once", "1h"));
              return true;
            } catch (Exception e) {
              return false; // there may be no leader yet
            }
          });
      awaitAll(cluster, with("log.once", "1h"));
    }
  }

  @Test
  void aClusterWhoseLogNeedsANewerVersionRefusesANodeAtItsStart() throws Exception {
    var cluster = new RaftCluster(directory, 1);
    RaftLog.Options options = cluster.options(0, Optional.empty());
    var check = new StartCheck(options, new CurrentVoters(options.voters(), false), null);
    var life = new NodeLife("life", false);
    var kinds = new ClusterFacts.Kinds(9, 9);
    var facts = new ClusterFacts(7, 1, false, true, List.of("a:1"), List.of(), "", -1, kinds);
    assertEquals(facts, ClusterFacts.decode(facts.encode()).orElseThrow());
    var known = new StartCheck.Known(List.of(facts));
    var refused = assertThrows(NodeRefused.class, () -> check.initial(known, life));
    assertTrue(refused.getMessage().contains("commands of kind 9"), refused::getMessage);
  }

  @Test
  void aNodeOfAVersionThatDoesNotSayWhatItKnowsKnowsTheFirstSevenKinds() {
    String old = "{\"epoch\":\"7\",\"index\":1,\"voters\":[\"a:1\"],\"life\":\"\",\"match\":3}";
    assertEquals(new ClusterFacts.Kinds(7, 7), ClusterFacts.decode(old).orElseThrow().kinds());
  }
}
