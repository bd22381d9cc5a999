package io.tidings.log.raft;

import io.tidings.Wait;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
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

  /** The seconds of log.once that were set last. */
  private int once;

  private RaftCluster.Node any(List<RaftCluster.Node> nodes) {
    return nodes.get(random.nextInt(nodes.size()));
  }

  private void round(RaftCluster cluster, KeyedLoad load) throws Exception {
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
    load.awaitMore();
  }

  /** Again, until it is done: repeating it is safe. */
  private void set(Map<String, String> settings) {
    RaftCluster.untilDone(
        "the settings are changed", () -> any(voters).log.changeSettings(settings), refusal -> {});
  }

  private RaftCluster.Node spare(RaftCluster cluster) throws IOException {
    return spare.isEmpty() || random.nextBoolean()
        ? cluster.addNode()
        : spare.remove(random.nextInt(spare.size()));
  }

  private void lose(RaftCluster.Node node) throws Exception {
    node.stop();
    node.deleteLog();
    node.joins = true;
    spare.add(node);
  }

  /** Again, until it is done: the leader may be the one that was lost. */
  private void change(List<RaftCluster.Node> target) {
    List<String> addresses = target.stream().map(RaftCluster.Node::address).toList();
    RaftCluster.untilDone(
        "the voters are changed", () -> any(voters).log.changeVoters(addresses), refusal -> {});
  }

  @Test
  void whatIsAcknowledgedWhileVotersChangeIsOnEachOfThemOnce() throws Exception {
    System.out.println("RandomMembersTest: -Dseed=" + seed);
    try (var cluster = new RaftCluster(directory, 3).start()) {
      voters.addAll(cluster.nodes());
      var load = new KeyedLoad(voters, seed);
      try (load) {
        for (int i = 0; i < ROUNDS; i++) {
          round(cluster, load);
        }
      }
      load.check(voters, voters);
      for (RaftCluster.Node node : voters) {
        Wait.until(
            "it has the settings", () -> node.log.settings().now().once().toSeconds() == once);
      }
    }
  }
}
