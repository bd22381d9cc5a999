package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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

  private List<Roamer> roamers(int count) {
    var roamers = new ArrayList<Roamer>();
    for (int i = 0; i < count; i++) {
      roamers.add(new Roamer(nodes, "topic=load.**", i));
    }
    return roamers;
  }

  /**
   * Nothing that was acknowledged is missing or has another id, nothing comes twice, no gap is
   * told, and all receive the same order.
   */
  private static void check(List<Roamer> roamers, Map<String, String> acknowledged)
      throws Exception {
    for (Roamer roamer : roamers) {
      Wait.until(
          "everything was received",
          () -> new HashSet<>(roamer.data()).containsAll(acknowledged.keySet()));
    }
    for (Roamer roamer : roamers) {
      roamer.close();
    }
    for (Roamer roamer : roamers) {
      assertEquals(
          List.of(), roamer.data().stream().filter(one -> one.startsWith("hub.gap")).toList());
      List<String> data = events(roamer);
      assertEquals(new HashSet<>(data).size(), data.size(), "something twice");
      var ids = new HashMap<String, String>();
      roamer.received().forEach(one -> ids.put(one.data(), one.lastEventId()));
      acknowledged.forEach((one, id) -> assertEquals(id, ids.get(one), one));
      assertEquals(events(roamers.get(0)), data);
    }
  }

  /** Without what the hub says, such as that a node is isolated. */
  private static List<String> events(Roamer roamer) {
    return roamer.data().stream().filter(one -> !one.startsWith("hub.")).toList();
  }

  /** Runs the command that a user types; returns its exit status. */
  private int voters(int by, int... target) throws IOException {
    var arguments = new ArrayList<>(List.of("cluster", "voters"));
    IntStream.of(target).mapToObj(nodes::address).forEach(arguments::add);
    arguments.add("--url");
    arguments.add(nodes.url(by).toString());
    try (var command = JarProcess.start(arguments.toArray(String[]::new))) {
      return command.exitCode();
    }
  }

  /** Again, while a new node does not listen yet or the leader changes. */
  private void change(int by, int... target) {
    Wait.until(
        "the voters are changed",
        () -> {
          try {
            return voters(by, target) == 0;
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
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

  private void signal(String name, int node) throws Exception {
    String pid = Long.toString(nodes.process(node).pid());
    assertEquals(0, new ProcessBuilder("kill", "-" + name, pid).start().waitFor());
  }

  private static void awaitMore(Nodes.Load load) {
    int taken = load.taken();
    Wait.until("publishing goes on", () -> load.taken() > taken + 50);
  }

  @Test
  void oneNodeGrowsToThreeUnderLoadAndAllComeUpWithTheNewSet() throws Exception {
    nodes = Nodes.startSome(1, 3);
    List<Roamer> roamers = roamers(3);
    try (var load = nodes.new Load("load", 3, Duration.ofMillis(5))) {
      awaitMore(load);
      nodes.start(1);
      nodes.start(2);
      change(0, 0, 1, 2);
      nodes.awaitReady(1);
      nodes.awaitReady(2);
      awaitMore(load);
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
      awaitMore(load);
      nodes.kill(0);
      awaitMore(load); // two of three go on
      nodes.start(0);
      nodes.awaitReady(0);
      check(roamers, load.stop());
    }
  }

  @Test
  void aDeadVoterIsReplacedUnderLoadWhileAnotherOneIsPaused() throws Exception {
    nodes = Nodes.startSome(3, 4);
    List<Roamer> roamers = roamers(3);
    try (var load = nodes.new Load("load", 3, Duration.ofMillis(5))) {
      awaitMore(load);
      int dead = follower(0, 1, 2);
      nodes.kill(dead);
      nodes.removeLog(dead);
      int[] alive = IntStream.range(0, 3).filter(node -> node != dead).toArray();
      int paused = follower(alive);
      int leader = alive[0] == paused ? alive[1] : alive[0];
      nodes.start(3);
      signal("STOP", paused);
      try {
        voters(leader, leader, paused, 3); // no majority of the old ones: it can't be completed
      } finally {
        signal("CONT", paused);
      }
      change(leader, leader, paused, 3);
      nodes.awaitReady(3);
      awaitMore(load);
      assertEquals(addresses(leader, paused, 3), votersSeenBy(3));
      nodes.kill(leader);
      awaitMore(load); // the new one counts
      nodes.start(leader);
      nodes.awaitReady(leader);
      nodes.start(dead); // its settings name it; nobody counts it
      check(roamers, load.stop());
    }
  }

  @Test
  void aRemovedVoterIsNotReadyAndSaysWhy() throws Exception {
    nodes = Nodes.startSome(3, 4);
    nodes.start(3);
    int removed = follower(0, 1, 2);
    int[] stay = IntStream.range(0, 3).filter(node -> node != removed).toArray();
    change(stay[0], stay[0], stay[1], 3);
    Wait.until("it says why", () -> ready(removed).contains("is not a voter of the cluster"));
    assertTrue(nodes.process(removed).toString().contains("runs"));
    nodes.terminate(removed);
    nodes.start(removed);
    Wait.until("it says it again", () -> ready(removed).contains("is not a voter of the cluster"));
    nodes.terminate(removed);
    nodes.removeLog(removed);
    nodes.start(removed); // empty, but its settings name it: it waits, since a cluster runs
    change(3, stay[0], removed, 3);
    nodes.awaitReady(removed);
    assertEquals(1, voters(3, stay[0], 3), "two are refused");
  }

  private String ready(int node) {
    try {
      return Nodes.get(nodes.url(node).resolve("health/ready")).body();
    } catch (IOException e) {
      return "";
    }
  }
}
