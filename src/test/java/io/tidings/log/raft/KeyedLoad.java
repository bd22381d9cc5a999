package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Publishes events, each with a key and a topic of its own, again at another node until one has
 * taken it, while nodes come and go.
 */
final class KeyedLoad implements AutoCloseable {
  private final List<RaftCluster.Node> nodes;
  private final Random choice;
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private final Thread publisher = new Thread(this::publish, "publisher");
  private volatile boolean stopped;

  /**
   * @param nodes those that run; changed by the test meanwhile
   */
  KeyedLoad(List<RaftCluster.Node> nodes, long seed) {
    this.nodes = nodes;
    this.choice = new Random(seed);
    publisher.start();
  }

  private void publish() {
    for (int i = 0; !stopped; i++) {
      String topic = "a." + i;
      while (!stopped && !taken(nodes.get(choice.nextInt(nodes.size())), topic)) {
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

  void awaitMore() {
    int taken = acknowledged.size();
    Wait.until("publishing goes on", () -> acknowledged.size() > taken + 20);
  }

  @Override
  public void close() throws InterruptedException {
    stopped = true;
    publisher.join();
  }

  /**
   * Once it is closed: what was acknowledged is on all nodes, once, in one order.
   *
   * @param voters of whom one leads
   * @param all the nodes to look at
   */
  void check(List<RaftCluster.Node> voters, List<RaftCluster.Node> all) throws Exception {
    Wait.until("a node leads", () -> voters.stream().anyMatch(RaftCluster.Node::leads));
    RaftCluster.Node leader = voters.stream().filter(RaftCluster.Node::leads).findFirst().get();
    List<String> expected = leader.topics();
    assertEquals(expected.size(), new HashSet<>(expected).size(), "something twice");
    assertTrue(new HashSet<>(expected).containsAll(acknowledged), "something is missing");
    for (RaftCluster.Node node : all) {
      Wait.until("it is level", () -> node.log.bounds().newest() >= expected.size());
      assertEquals(expected, node.topics());
    }
  }
}
