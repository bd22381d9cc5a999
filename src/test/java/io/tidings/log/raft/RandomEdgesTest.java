package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
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
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private volatile boolean stopped;

  private void publish() {
    var choice = new Random(seed);
    for (int i = 0; !stopped; i++) {
      String topic = "a." + i;
      while (!stopped && !taken(running.get(choice.nextInt(running.size())), topic)) {
        Thread.onSpinWait(); // another node
      }
    }
  }

  private boolean taken(RaftCluster.Node node, String topic) {
    try {
      if (node.log == null) {
        return false;
      }
      RaftCluster.get(node.append(topic, topic, "event"));
      acknowledged.add(topic);
      return true;
    } catch (Exception e) {
      return false; // refused, or unknown: published again with the same key
    }
  }

  private RaftCluster.Node any(List<RaftCluster.Node> nodes) {
    return nodes.get(random.nextInt(nodes.size()));
  }

  private void round(RaftCluster cluster) throws Exception {
    switch (random.nextInt(6)) {
      case 0, 1 -> addEdge(cluster);
      case 2 -> endEdge(false);
      case 3 -> endEdge(true);
      case 4 -> restartVoter();
      default -> replaceVoter(cluster);
    }
    int taken = acknowledged.size();
    Wait.until("publishing goes on", () -> acknowledged.size() > taken + 20);
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
      EdgesTest.delete(edge.directory());
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
    Wait.until(
        "the voters are changed",
        () -> {
          try {
            RaftCluster.get(any(voters).log.changeVoters(addresses));
            return true;
          } catch (ExecutionException e) {
            return false; // again: the leader may have changed
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
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
      var publisher = new Thread(this::publish, "publisher");
      publisher.start();
      try {
        addEdge(cluster);
        for (int i = 0; i < ROUNDS; i++) {
          round(cluster);
        }
      } finally {
        stopped = true;
        publisher.join();
      }
      addEdge(cluster);
      for (Future<RaftLog> log : opening.values()) {
        RaftCluster.get(log);
      }
      Wait.until("a node leads", () -> voters.stream().anyMatch(RaftCluster.Node::leads));
      RaftCluster.Node leader = voters.stream().filter(RaftCluster.Node::leads).findFirst().get();
      List<String> expected = EdgesTest.topics(leader);
      assertEquals(expected.size(), new HashSet<>(expected).size(), "something twice");
      assertTrue(new HashSet<>(expected).containsAll(acknowledged), "something is missing");
      for (RaftCluster.Node edge : edges) {
        Wait.until("it is level", () -> edge.log.bounds().newest() >= expected.size());
        assertEquals(expected, EdgesTest.topics(edge));
      }
    }
  }
}
