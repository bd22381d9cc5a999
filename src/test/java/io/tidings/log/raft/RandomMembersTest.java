package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.Wait;
import io.tidings.event.Position;
import io.tidings.event.Selection;
import io.tidings.log.Page;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Voters are replaced, lost, added and removed at random while events are published, and settings
 * are changed: what was acknowledged is on every voter in the end, once, in one order, and all have
 * the same settings.
 */
@Timeout(300)
class RandomMembersTest {
  private static final int ROUNDS = 6;

  @TempDir Path directory;

  private final long seed = Long.getLong("seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final List<RaftCluster.Node> voters = new CopyOnWriteArrayList<>();
  private final List<RaftCluster.Node> spare = new ArrayList<>();
  private final Map<RaftCluster.Node, Future<RaftLog>> opening = new HashMap<>();
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private volatile boolean stopped;

  /** The seconds of log.once that were set last. */
  private int once;

  private void publish() {
    var choice = new Random(seed);
    for (int i = 0; !stopped; i++) {
      String topic = "a." + i;
      while (!stopped && !taken(voters.get(choice.nextInt(voters.size())), topic)) {
        Thread.onSpinWait(); // another voter
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

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private RaftCluster.Node any(List<RaftCluster.Node> nodes) {
    return nodes.get(random.nextInt(nodes.size()));
  }

  private void round(RaftCluster cluster) throws Exception {
    var target = new ArrayList<>(voters);
    var added = new ArrayList<RaftCluster.Node>();
    Collections.shuffle(target, random);
    if (voters.size() == 5) {
      target.subList(3, 5).clear();
    } else if (random.nextInt(3) == 0) {
      added.add(spare(cluster));
      added.add(spare(cluster));
    } else {
      added.add(spare(cluster)); // not the one that is lost: it can't replace itself
      RaftCluster.Node replaced = target.remove(0);
      if (random.nextBoolean()) {
        voters.remove(replaced);
        lose(replaced);
      }
    }
    target.addAll(added);
    opening.clear();
    added.forEach(node -> opening.put(node, node.open()));
    change(target);
    for (Future<RaftLog> log : opening.values()) {
      RaftCluster.get(log);
    }
    for (RaftCluster.Node node : List.copyOf(voters)) {
      if (!target.contains(node)) {
        voters.remove(node);
        lose(node);
      }
    }
    voters.clear();
    voters.addAll(target);
    once = 60 + random.nextInt(1_000);
    set(Map.of("log.once", once + "s"));
    int taken = acknowledged.size();
    Wait.until("publishing goes on", () -> acknowledged.size() > taken + 20);
  }

  /** Again, until it is done: repeating it is safe. */
  private void set(Map<String, String> settings) {
    Wait.until(
        "the settings are changed",
        () -> {
          try {
            RaftCluster.get(any(voters).log.changeSettings(settings));
            return true;
          } catch (ExecutionException e) {
            return false; // refused, or unknown
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
  }

  private RaftCluster.Node spare(RaftCluster cluster) throws IOException {
    return spare.isEmpty() || random.nextBoolean()
        ? cluster.addNode()
        : spare.remove(random.nextInt(spare.size()));
  }

  private void lose(RaftCluster.Node node) throws Exception {
    node.stop();
    delete(node.directory());
    node.joins = true;
    spare.add(node);
  }

  /** Again, until it is done: the leader may be the one that was lost. */
  private void change(List<RaftCluster.Node> target) {
    List<String> addresses = target.stream().map(RaftCluster.Node::address).toList();
    Wait.until(
        "the voters are changed",
        () -> {
          try {
            RaftCluster.get(any(voters).log.changeVoters(addresses));
            return true;
          } catch (ExecutionException e) {
            return false;
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
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

  @Test
  void whatIsAcknowledgedWhileVotersChangeIsOnEachOfThemOnce() throws Exception {
    System.out.println("RandomMembersTest: -Dseed=" + seed);
    try (var cluster = new RaftCluster(directory, 3).start()) {
      voters.addAll(cluster.nodes());
      var publisher = new Thread(this::publish, "publisher");
      publisher.start();
      try {
        for (int i = 0; i < ROUNDS; i++) {
          round(cluster);
        }
      } finally {
        stopped = true;
        publisher.join();
      }
      Wait.until("a node leads", () -> voters.stream().anyMatch(RaftCluster.Node::leads));
      RaftCluster.Node leader = voters.stream().filter(RaftCluster.Node::leads).findFirst().get();
      List<String> expected = topics(leader);
      assertEquals(expected.size(), new HashSet<>(expected).size(), "something twice");
      assertTrue(new HashSet<>(expected).containsAll(acknowledged), "something is missing");
      for (RaftCluster.Node node : voters) {
        Wait.until("it is level", () -> node.log.bounds().newest() >= expected.size());
        assertEquals(expected, topics(node));
        Wait.until(
            "it has the settings", () -> node.log.settings().now().once().toSeconds() == once);
      }
    }
  }
}
