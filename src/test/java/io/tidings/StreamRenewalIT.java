package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.http.TestTokens;
import io.tidings.log.redis.RedisServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stream is renewed over whichever node of a cluster its client reaches. */
class StreamRenewalIT {
  private static final String UNKNOWN = "AAAAAAAAAAAAAAAAAAAAAA";
  private static final int RENEWALS = 150;

  @TempDir private static Path directory;

  private Nodes nodes;

  private static String bearer(String subject, String... topics) throws Exception {
    JsonObject granted = TestTokens.grants(new JsonArray(List.of(topics)), new JsonArray());
    return "Bearer " + TestTokens.sign(TestTokens.claims(subject, granted));
  }

  /** The lines of a stream, as they arrive. */
  private List<JsonObject> open(int node, String target, String bearer) throws Exception {
    var lines = new CopyOnWriteArrayList<JsonObject>();
    HttpRequest request =
        HttpRequest.newBuilder(nodes.url(node).resolve(target))
            .headers("Accept", "application/x-ndjson", "Authorization", bearer)
            .build();
    Nodes.HTTP
        .sendAsync(request, HttpResponse.BodyHandlers.ofLines())
        .thenAcceptAsync(
            response -> response.body().map(JsonObject::new).forEach(lines::add),
            task -> {
              var reader = new Thread(task, "stream");
              reader.setDaemon(true);
              reader.start();
            });
    Wait.until("the stream is open", () -> !lines.isEmpty());
    return lines;
  }

  private HttpResponse<String> renew(int node, String id, String bearer, String... topics)
      throws IOException {
    String body =
        topics.length == 0
            ? ""
            : new JsonObject().put("topics", new JsonArray(List.of(topics))).encode();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(nodes.url(node).resolve("streams/" + id))
            .timeout(Duration.ofSeconds(20))
            .header("Authorization", bearer)
            .POST(HttpRequest.BodyPublishers.ofString(body));
    try {
      return Nodes.HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private static String id(List<JsonObject> lines) {
    return new JsonObject(lines.get(0).getString("data")).getString("stream");
  }

  private static List<JsonObject> events(List<JsonObject> lines) {
    return lines.stream().filter(line -> !line.getString("topic").equals("hub")).toList();
  }

  @Test
  void aStreamIsRenewedOverAnyNode() throws Exception {
    try (Nodes started = Nodes.start(3, "auth.issuers=" + TestTokens.issuers(directory).encode())) {
      nodes = started;
      statuses();
      underLoad();
      whileANodeIsDown();
    } catch (Exception | Error e) {
      System.out.println(nodes);
      throw e;
    }
  }

  @Test
  void aStreamIsRenewedListedAndEndedOverAnyHubOfARedis() throws Exception {
    try (var redis = RedisServer.onFreePort();
        Nodes started =
            Nodes.startHubs(
                2,
                "log.kind=redis",
                "log.redis.url=" + redis.url(),
                "auth.issuers=" + TestTokens.issuers(directory).encode())) {
      nodes = started;
      List<JsonObject> lines = open(0, "events/s.a", bearer("alice", "s.a"));
      String id = id(lines);
      assertEquals(403, renew(1, id, bearer("bob", "s.**")).statusCode());
      assertEquals(404, renew(1, UNKNOWN, bearer("alice", "s.a")).statusCode());
      HttpResponse<String> answer = renew(1, id, bearer("alice", "s.**"), "s.b");
      assertEquals(200, answer.statusCode(), answer.body());
      assertEquals(200, Nodes.post(nodes.url(1).resolve("events/s.b"), "1").statusCode());
      Wait.until("its new topic is received: " + lines, () -> !events(lines).isEmpty());
      var list =
          new JsonObject(Nodes.get(nodes.url(1).resolve("streams?subject=alice")).body())
              .getJsonArray("streams");
      assertEquals(1, list.size(), list.encode());
      String ofNode = "streams?subject=alice&node=" + list.getJsonObject(0).getString("node");
      for (int asked = 0; asked < 2; asked++) {
        JsonObject found = new JsonObject(Nodes.get(nodes.url(asked).resolve(ofNode)).body());
        assertEquals(1, found.getJsonArray("streams").size(), "a hub has one name: " + ofNode);
      }
      HttpRequest end =
          HttpRequest.newBuilder(
                  nodes.url(1).resolve("streams/" + list.getJsonObject(0).getString("handle")))
              .DELETE()
              .build();
      var ended = Nodes.HTTP.send(end, HttpResponse.BodyHandlers.ofString());
      assertEquals(204, ended.statusCode(), ended.body());
      Wait.until(
          "it is told so", () -> "hub.end".equals(lines.get(lines.size() - 1).getString("type")));
    }
  }

  private void statuses() throws Exception {
    List<JsonObject> lines = open(0, "events/s.a", bearer("alice", "s.a"));
    String id = id(lines);
    for (int node = 0; node < 3; node++) {
      assertEquals(403, renew(node, id, bearer("bob", "s.**")).statusCode());
      assertEquals(403, renew(node, id, bearer("alice", "s.b")).statusCode());
      assertEquals(403, renew(node, id, bearer("alice", "s.a"), "s.b").statusCode());
      assertEquals(404, renew(node, UNKNOWN, bearer("alice", "s.a")).statusCode());
      String topic = "s.x" + node;
      HttpResponse<String> answer = renew(node, id, bearer("alice", "s.**"), "s.a", topic);
      assertEquals(200, answer.statusCode(), answer.body());
      assertEquals(
          new JsonArray().add("s.a").add(topic),
          new JsonObject(answer.body()).getJsonArray("filter"));
      assertEquals(200, Nodes.post(nodes.url(1).resolve("events/" + topic), "1").statusCode());
      Wait.until(
          topic + " is received: " + lines,
          () -> events(lines).stream().anyMatch(line -> line.getString("topic").equals(topic)));
    }
  }

  /** The load goes to the topics load.p0 and load.p1; the stream always has the first. */
  private void underLoad() throws Exception {
    List<JsonObject> lines = open(0, "events/load.p0", bearer("alice", "load.**"));
    String id = id(lines);
    var random = new Random(7);
    Map<String, String> published;
    try (var load = nodes.new Load("load", 2, Duration.ofMillis(1))) {
      for (int i = 0; i < RENEWALS; i++) {
        String[] topics =
            switch (random.nextInt(3)) {
              case 0 -> new String[] {"load.p0"};
              case 1 -> new String[] {"load.p0", "load.p1"};
              default -> new String[] {"load.*"};
            };
        HttpResponse<String> answer =
            renew(random.nextInt(3), id, bearer("alice", "load.**"), topics);
        assertEquals(200, answer.statusCode(), answer.body());
      }
      published = load.stop();
    }
    long expected = published.keySet().stream().filter(data -> data.startsWith("0:")).count();
    Wait.until("all events have arrived", () -> ofFirst(lines).size() >= expected);
    var inOrder = new ArrayList<String>();
    for (int i = 0; i < expected; i++) {
      inOrder.add("0:" + i);
    }
    assertTrue(expected > 0);
    assertEquals(inOrder, ofFirst(lines));
  }

  private static List<String> ofFirst(List<JsonObject> lines) {
    return events(lines).stream()
        .map(line -> line.getString("data"))
        .filter(data -> data.startsWith("0:"))
        .toList();
  }

  private void whileANodeIsDown() throws Exception {
    List<JsonObject> lines = open(0, "events/d.a", bearer("alice", "d.**"));
    String id = id(lines);
    nodes.kill(2);
    HttpResponse<String> answer = renew(1, id, bearer("alice", "d.**"), "d.b");
    assertEquals(200, answer.statusCode(), answer.body());
    // it may be open at the node that does not answer
    assertEquals(503, renew(1, UNKNOWN, bearer("alice", "d.**")).statusCode());
  }
}
