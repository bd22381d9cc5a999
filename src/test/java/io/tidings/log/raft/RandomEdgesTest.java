package io.tidings.log.raft;

import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Edges are added, ended, emptied and forgotten at random, voters are ended and replaced, while
 * events are published at all of them: what was acknowledged is on every edge in the end, once, in
 * the order of the voters.
 */
@Timeout(300)
class RandomEdgesTest {
  private static final int ROUNDS = 14;
  private static final int MAX_EDGES = 4;

  @TempDir Path directory;

  private final long seed = Long.getLong("seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final List<RaftCluster.Node> voters = new CopyOnWriteArrayList<>();
  private final List<RaftCluster.Node> edges = new CopyOnWriteArrayList<>();

  /** The nodes that run; publishers use them. */
  private final List<RaftCluster.Node> running = new CopyOnWriteArrayList<>();

  private final Map<RaftCluster.Node, Future<RaftLog>> opening = new HashMap<>();

  private RaftCluster.Node any(List<RaftCluster.Node> nodes) {
    return nodes.get(random.nextInt(nodes.size()));
  }

  private void round(RaftCluster cluster, KeyedLoad load) throws Exception {
    switch (random.nextInt(6)) {
      case 0, 1 -> addEdge(cluster);
      case 2 -> endEdge(false);
      case 3 -> endEdge(true);
      case 4 -> restartVoter();
      default -> replaceVoter(cluster);
    }
    load.awaitMore();
  }

  private void addEdge(RaftCluster cluster) throws Exception {
    if (edges.size() < MAX_EDGES) {
      edges.add(cluster.addEdge());
    }
    for (RaftCluster.Node edge : edges) {
      if (edge.log == null && (!opening.containsKey(edge) || opening.get(edge).isComplete())) {
        opening.put(edge, edge.open().onSuccess(log -> running.add(edge)));
      }
    }
  }

  private void endEdge(boolean emptied) throws Exception {
    if (edges.isEmpty()) {
      return;
    }
    RaftCluster.Node edge = any(edges);
    if (edge.log == null) {
      return;
    }
    running.remove(edge);
    edge.stop();
    if (emptied) {
      edge.deleteLog();
    }
  }

  private void restartVoter() throws Exception {
    RaftCluster.Node voter = any(voters);
    running.remove(voter);
    voter.stop();
    RaftCluster.get(voter.open());
    running.add(voter);
  }

  private void replaceVoter(RaftCluster cluster) throws Exception {
    RaftCluster.Node replaced = any(voters);
    RaftCluster.Node added = cluster.addNode();
    var target = new ArrayList<>(voters);
    target.remove(replaced);
    target.add(added);
    Future<RaftLog> log = added.open();
    List<String> addresses = target.stream().map(RaftCluster.Node::address).toList();
    RaftCluster.untilDone(
        "the voters are changed",
        () -> any(voters).log.changeVoters(addresses),
        refusal -> {}); // again: the leader may have changed
    RaftCluster.get(log);
    voters.add(added);
    running.add(added);
    voters.remove(replaced);
    running.remove(replaced);
    replaced.stop();
  }

  @Test
  void whatIsAcknowledgedWhileEdgesComeAndGoIsOnEachOfThemOnce() throws Exception {
    System.out.println("RandomEdgesTest: -Dseed=" + seed);
    try (var cluster =
        new RaftCluster(directory, 3).forgettingAfter(Duration.ofSeconds(1)).start()) {
      voters.addAll(cluster.nodes());
      running.addAll(voters);
      var load = new KeyedLoad(running, seed);
      try (load) {
        addEdge(cluster);
        for (int i = 0; i < ROUNDS; i++) {
          round(cluster, load);
        }
      }
      addEdge(cluster);
      for (Future<RaftLog> log : opening.values()) {
        RaftCluster.get(log);
      }
      load.check(voters, edges);
    }
  }
}
