package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.Wait;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Edges that lack what the voters have removed from their Raft logs. */
@Timeout(120)
class EdgeFetchTest {
  @TempDir Path directory;

  private static void awaitEdges(RaftCluster cluster, List<String> edges) {
    Wait.until("the edges are " + edges, () -> edges(cluster).equals(edges));
  }

  private static List<String> edges(RaftCluster cluster) {
    return addresses(cluster.leader().log.edges()).stream().sorted().toList();
  }

  @Test
  void anEdgeThatWasForgottenAndIsFarBehindFetchesAndIsAddedAgain() throws Exception {
    try (var cluster = new RaftCluster(directory, 1).forgettingAfter(Duration.ofMillis(500))) {
      cluster.keepBytes = 4 << 20;
      cluster.start();
      FetchTest.publish(cluster, "a", 10);
      RaftCluster.Node edge = cluster.startEdge();
      FetchTest.awaitLevel(cluster, edge);
      edge.stop();
      awaitEdges(cluster, List.of());
      FetchTest.publish(cluster, "b", 40);
      RaftCluster.get(edge.open());
      FetchTest.awaitLevel(cluster, edge);
      awaitEdges(cluster, List.of(edge.address()));
      assertEquals(0, edge.log.bounds().begin().offset());
    }
  }

  /** The leader does not add it, since it knows it: no configuration is written that names it. */
  @Test
  void anEdgeThatLostItsDirectoryAndIsKnownToTheLeaderFetchesAndOpens() throws Exception {
    try (var cluster = new RaftCluster(directory, 1)) {
      cluster.keepBytes = 4 << 20;
      cluster.start();
      RaftCluster.Node edge = cluster.startEdge();
      FetchTest.publish(cluster, "a", 10);
      FetchTest.awaitLevel(cluster, edge);
      edge.stop();
      FetchTest.publish(cluster, "b", 40);
      edge.deleteLog();
      RaftCluster.get(edge.open());
      FetchTest.awaitLevel(cluster, edge);
      assertEquals(Optional.empty(), edge.log.outside());
      assertEquals(List.of(edge.address()), addresses(edge.log.edges()));
      assertEquals(addresses(cluster.leader().log.voters()), addresses(edge.log.voters()));
    }
  }

  private static List<String> addresses(List<Voters.Voter> nodes) {
    return nodes.stream().map(Voters.Voter::id).toList();
  }

  @Test
  void aNewEdgeAndOneThatWasAwayFetchAtTheSameTime() throws Exception {
    try (var cluster = new RaftCluster(directory, 1)) {
      cluster.keepBytes = 4 << 20;
      cluster.start();
      FetchTest.publish(cluster, "a", 10);
      RaftCluster.Node away = cluster.startEdge();
      FetchTest.awaitLevel(cluster, away);
      away.stop();
      FetchTest.publish(cluster, "b", 40);
      RaftCluster.Node fresh = cluster.addEdge();
      var opening = List.of(away.open(), fresh.open());
      for (var one : opening) {
        RaftCluster.get(one);
      }
      FetchTest.awaitLevel(cluster, away);
      FetchTest.awaitLevel(cluster, fresh);
      awaitEdges(cluster, List.of(away.address(), fresh.address()).stream().sorted().toList());
    }
  }
}
