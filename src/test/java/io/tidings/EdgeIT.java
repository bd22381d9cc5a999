package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Edges as real processes: clients publish and subscribe there and at voters, which end. */
@Timeout(400)
class EdgeIT {
  private static final int EDGE = 3;

  private Nodes nodes;

  @AfterEach
  void stop() throws IOException {
    nodes.close();
  }

  private JsonObject edge(int by) {
    return nodes.cluster(by).getJsonObject("raft").getJsonArray("edges").getJsonObject(0);
  }

  @Test
  void clientsOfEdgesAndVotersSeeOneOrderThoughAnEdgeAndTheLeaderAreKilled() throws Exception {
    nodes = Nodes.startWithEdges(3, 2);
    assertEquals(2, nodes.cluster(0).getJsonObject("raft").getJsonArray("edges").size());
    assertEquals(3, nodes.cluster(EDGE).getJsonObject("raft").getJsonArray("voters").size());
    var roamers = new Roamers(nodes, 4);
    try (var load = nodes.new Load("load", 3, Duration.ofMillis(5))) {
      load.awaitMore();
      nodes.kill(EDGE);
      load.awaitMore();
      nodes.start(EDGE);
      nodes.awaitReady(EDGE);
      int killed = nodes.leader(EDGE);
      nodes.kill(killed);
      load.awaitMore();
      nodes.kill(EDGE);
      nodes.removeLog(EDGE);
      nodes.start(EDGE);
      nodes.start(killed);
      nodes.awaitReady(killed);
      nodes.awaitReady(EDGE);
      load.awaitMore();
      roamers.check(load.stop());
    }
  }

  private void publish(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      assertEquals(200, Nodes.post(nodes.url(0).resolve("events/load.p"), "event").statusCode());
    }
  }

  /** What a stream sends until the hub ends it. */
  private static String stream(URI url) {
    var text = new StringBuilder();
    try (InputStream in =
        Nodes.HTTP
            .send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofInputStream())
            .body()) {
      for (int next = in.read(); next >= 0; next = in.read()) {
        text.append((char) next);
      }
    } catch (IOException e) {
      return text.toString(); // it was cut, as after a drain
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return text.toString();
  }

  @Test
  void anEdgeThatIsPausedHoldsNobodyUpAndIsReadyAgainAndOneWithoutVotersIsNot() throws Exception {
    nodes = Nodes.startWithEdges(1, 1, "cluster.isolated=2s");
    int edge = 1;
    URI url = nodes.url(edge).resolve("events/load.p");
    publish(20);
    nodes.signal("STOP", edge);
    try {
      Wait.until("it is known to be away", () -> !edge(0).getBoolean("answers"));
      publish(20);
    } finally {
      nodes.signal("CONT", edge);
    }
    nodes.awaitReady(edge);
    Wait.until("it answers", () -> edge(0).getBoolean("answers"));
    publish(20);
    var stream = CompletableFuture.supplyAsync(() -> stream(url));
    nodes.signal("STOP", 0);
    try {
      Wait.until("it is isolated", () -> ready(edge).contains("isolated"));
      assertFalse(nodes.cluster(edge).getBoolean("quorum"));
      assertEquals(503, Nodes.post(url, "event").statusCode());
      assertTrue(stream.get(30, TimeUnit.SECONDS).contains("hub.drain"));
    } finally {
      nodes.signal("CONT", 0);
    }
    nodes.awaitReady(edge);
    assertEquals(200, Nodes.post(url, "event").statusCode());
  }

  private String ready(int node) {
    try {
      return Nodes.get(nodes.url(node).resolve("health/ready")).body();
    } catch (IOException e) {
      return "";
    }
  }
}
