package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The voters of a cluster of real processes are changed under load, by the command line. */
@Timeout(400)
class MembersIT {
  private Nodes nodes;

  @AfterEach
  void stop() throws IOException {
    nodes.close();
  }

  private Set<String> votersSeenBy(int node) {
    JsonArray voters = nodes.cluster(node).getJsonObject("raft").getJsonArray("voters");
    return voters.stream()
        .map(one -> ((JsonObject) one).getString("address"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Set<String> addresses(int... of) {
    return IntStream.of(of).mapToObj(nodes::address).collect(Collectors.toCollection(TreeSet::new));
  }

  private int follower(int... among) {
    return IntStream.of(among)
        .filter(
            node ->
                nodes.cluster(node).getJsonArray("nodes").stream()
                    .map(JsonObject.class::cast)
                    .anyMatch(one -> one.getBoolean("self") && !one.getBoolean("leader")))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void oneNodeGrowsToThreeUnderLoadAndAllComeUpWithTheNewSet() throws Exception {
    nodes = Nodes.startSome(1, 3);
    var roamers = new Roamers(nodes, 3);
    try (var load = nodes.new Load("load", 3, Duration.ofMillis(5))) {
      load.awaitMore();
      nodes.start(1);
      nodes.start(2);
      nodes.changeVoters(0, 0, 1, 2);
      nodes.awaitReady(1);
      nodes.awaitReady(2);
      load.awaitMore();
      for (int i = 0; i < 3; i++) {
        nodes.kill(i);
      }
      for (int i = 0; i < 3; i++) {
        nodes.start(i); // the settings of the first name it alone
      }
      for (int i = 0; i < 3; i++) {
        int node = i;
        nodes.awaitReady(i);
        Wait.until("it has the new set", () -> votersSeenBy(node).equals(addresses(0, 1, 2)));
      }
      load.awaitMore();
      nodes.kill(0);
      load.awaitMore(); // two of three go on
      nodes.start(0);
      nodes.awaitReady(0);
      roamers.check(load.stop());
    }
  }

  @Test
  void aDeadVoterIsReplacedUnderLoadWhileAnotherOneIsPaused() throws Exception {
    nodes = Nodes.startSome(3, 4);
    var roamers = new Roamers(nodes, 3);
    try (var load = nodes.new Load("load", 3, Duration.ofMillis(5))) {
      load.awaitMore();
      int dead = follower(0, 1, 2);
      nodes.kill(dead);
      nodes.removeLog(dead);
      int[] alive = IntStream.range(0, 3).filter(node -> node != dead).toArray();
      int paused = follower(alive);
      int leader = alive[0] == paused ? alive[1] : alive[0];
      nodes.start(3);
      nodes.signal("STOP", paused);
      try {
        nodes.voters(
            leader, leader, paused, 3); // no majority of the old ones: it can't be completed
      } finally {
        nodes.signal("CONT", paused);
      }
      nodes.changeVoters(leader, leader, paused, 3);
      nodes.awaitReady(3);
      load.awaitMore();
      assertEquals(addresses(leader, paused, 3), votersSeenBy(3));
      nodes.kill(leader);
      load.awaitMore(); // the new one counts
      nodes.start(leader);
      nodes.awaitReady(leader);
      nodes.start(dead); // its settings name it; nobody counts it
      roamers.check(load.stop());
    }
  }

  @Test
  void aRemovedVoterIsNotReadyAndSaysWhy() throws Exception {
    nodes = Nodes.startSome(3, 4);
    nodes.start(3);
    int removed = follower(0, 1, 2);
    int[] stay = IntStream.range(0, 3).filter(node -> node != removed).toArray();
    nodes.changeVoters(stay[0], stay[0], stay[1], 3);
    Wait.until("it says why", () -> ready(removed).contains("is not a voter of the cluster"));
    assertTrue(nodes.process(removed).toString().contains("runs"));
    nodes.terminate(removed);
    nodes.start(removed);
    Wait.until("it says it again", () -> ready(removed).contains("is not a voter of the cluster"));
    nodes.terminate(removed);
    nodes.removeLog(removed);
    nodes.start(removed); // empty, but its settings name it: it waits, since a cluster runs
    nodes.changeVoters(3, stay[0], removed, 3);
    nodes.awaitReady(removed);
    assertEquals(1, nodes.voters(3, stay[0], 3), "two are refused");
  }

  private String ready(int node) {
    try {
      return Nodes.get(nodes.url(node).resolve("health/ready")).body();
    } catch (IOException e) {
      return "";
    }
  }
}
