package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Nodes of the last landed version and of this one in one cluster, under load, with readers who
 * change the node and publishers with keys.
 */
@Timeout(300)
class RollingUpgradeIT {
  private static final Path LAST = Path.of("target", "last", "tidings.jar");
  private static final Path THIS = Path.of(JarProcess.jar());
  private static final String CHANGE = "{\"log.once\":\"1h\",\"limits.body\":\"2KiB\"}";

  private final boolean[] upgraded = new boolean[3];
  private Nodes nodes;

  @BeforeEach
  void start() throws Exception {
    boolean none = !Files.exists(LAST) && Files.exists(LAST.resolveSibling("no-history"));
    assumeFalse(none, "the version before this one is not in the history");
    assertTrue(Files.isRegularFile(LAST), LAST + " is missing: make " + LAST + " builds it");
    nodes = Nodes.startVersion(LAST, 3, "limits.body=1KiB", "stream.drain=200ms");
  }

  @AfterEach
  void stop() throws IOException {
    if (nodes != null) { // they were started
      nodes.close();
    }
  }

  /** Ends a node, to go back without warning, and starts it with a version. */
  private void restart(int node, boolean upgrade) throws IOException {
    if (upgrade) {
      nodes.terminate(node);
    } else {
      nodes.kill(node);
    }
    upgraded[node] = upgrade;
    nodes.start(node, upgrade ? THIS : LAST);
    nodes.awaitReady(node);
  }

  private HttpResponse<String> set(int by) throws IOException {
    return Nodes.post(nodes.url(by).resolve("cluster/settings"), CHANGE);
  }

  /** Also asked of an old node, which does not know the path. */
  private void assertRefused(int by, int... old) throws IOException {
    HttpResponse<String> answer = set(by);
    assertEquals(409, answer.statusCode(), answer.body());
    for (int node : old) {
      assertTrue(answer.body().contains(nodes.address(node)), answer.body());
    }
    assertTrue(answer.body().contains("upgrade all nodes first"), answer.body());
  }

  private static void check(List<Roamer> roamers, Map<String, String> acknowledged)
      throws Exception {
    for (Roamer roamer : roamers) {
      Wait.until(
          "everything was received",
          () -> new HashSet<>(roamer.data()).containsAll(acknowledged.keySet()));
      roamer.close();
    }
    List<String> order = events(roamers.get(0));
    for (Roamer roamer : roamers) {
      List<String> data = events(roamer);
      assertEquals(new HashSet<>(data).size(), data.size(), "something twice");
      assertTrue(roamer.data().stream().noneMatch(one -> one.startsWith("hub.gap")));
      var ids = new HashMap<String, String>();
      roamer.received().forEach(one -> ids.put(one.data(), one.lastEventId()));
      acknowledged.forEach((one, id) -> assertEquals(id, ids.get(one), one));
      int common = Math.min(order.size(), data.size());
      assertEquals(order.subList(0, common), data.subList(0, common), "out of order");
    }
  }

  private static List<String> events(Roamer roamer) {
    return roamer.data().stream().filter(one -> !one.startsWith("hub.")).toList();
  }

  @Test
  void nodesAreUpgradedOneByOneAndOneGoesBackWithoutALoss() throws Exception {
    var roamers = new ArrayList<Roamer>();
    for (int i = 0; i < 3; i++) {
      roamers.add(new Roamer(nodes, "topic=load.**", i));
    }
    try (var load = nodes.new Load("load", 3, Duration.ofMillis(5))) {
      load.awaitMore();
      int old = nodes.leader(3);
      int first = (old + 1) % 3;
      restart(first, true); // an old leader, one new follower
      assertRefused(first, old, (old + 2) % 3);
      load.awaitMore();
      restart(first, false); // nothing was written that it does not know
      load.awaitMore();
      restart(first, true);
      restart(nodes.leader(3), true); // another one leads, old or new
      load.awaitMore();
      mixTheOtherWay(load);
      for (int node = 0; node < 3; node++) {
        if (!upgraded[node]) {
          restart(node, true);
        }
      }
      load.awaitMore();
      JsonObject before = settings(first);
      assertEquals(false, before.getBoolean("replicated"), before::encode);
      assertEquals(200, set(first).statusCode());
      assertEquals("2KiB", settings(first).getJsonObject("settings").getString("limits.body"));
      for (int node = 0; node < 3; node++) {
        int one = node;
        Wait.until("it takes larger bodies", () -> publish(one, "x".repeat(2_000)) == 200);
        String line = "limits.body is 1KiB in this node's settings; the cluster has 2KiB";
        Wait.until(line, () -> nodes.process(one).toString().contains(line));
        assertEquals(413, publish(one, "x".repeat(2_049)));
      }
      goBack((nodes.leader(3) + 1) % 3, load);
      check(roamers, load.stop());
    }
  }

  /** A new leader with an old follower; perhaps, before, an old leader with two new followers. */
  private void mixTheOtherWay(Nodes.Load load) throws IOException {
    for (int i = 0; i < 10 && !upgraded[nodes.leader(3)]; i++) {
      restart(nodes.leader(3), false);
    }
    assertTrue(upgraded[nodes.leader(3)]);
    int old = IntStream.range(0, 3).filter(node -> !upgraded[node]).findFirst().orElseThrow();
    assertRefused(nodes.leader(3), old);
    load.awaitMore();
  }

  /** The version before does not know what was written: it stops, and leaves its data as it is. */
  private void goBack(int node, Nodes.Load load) throws IOException {
    nodes.kill(node);
    nodes.start(node, LAST);
    Wait.until(
        "it says why",
        () ->
            nodes.process(node).toString().contains("can't apply: its kind is 8")
                || nodes.process(node).toString().contains("the state has format 3"));
    load.awaitMore();
    nodes.kill(node);
    nodes.start(node, THIS);
    nodes.awaitReady(node);
    load.awaitMore();
  }

  private JsonObject settings(int node) throws IOException {
    return new JsonObject(Nodes.get(nodes.url(node).resolve("cluster/settings")).body());
  }

  private int publish(int node, String body) {
    try {
      return Nodes.post(nodes.url(node).resolve("events/large"), body).statusCode();
    } catch (IOException e) {
      return 0;
    }
  }
}
