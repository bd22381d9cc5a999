package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.http.TestTokens;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is present at three nodes, of which one is killed and one is stopped. */
class PresenceIT {
  private static final String TOPIC = "chat.a";

  @TempDir private static Path directory;

  private Nodes nodes;

  private static String bearer(String subject) throws Exception {
    JsonObject granted =
        TestTokens.grants(new JsonArray().add("chat.**"), new JsonArray()).put("presence", true);
    return "Bearer " + TestTokens.sign(TestTokens.claims(subject, granted).put("payload", subject));
  }

  /** The lines of a stream, as they arrive until it ends. */
  private List<JsonObject> open(int node, String target, String subject) throws Exception {
    var lines = new CopyOnWriteArrayList<JsonObject>();
    HttpRequest request =
        HttpRequest.newBuilder(nodes.url(node).resolve(target))
            .headers("Accept", "application/x-ndjson", "Authorization", bearer(subject))
            .build();
    Nodes.HTTP
        .sendAsync(request, BodyHandlers.ofLines())
        .thenAcceptAsync(
            response -> response.body().map(JsonObject::new).forEach(lines::add),
            task -> {
              var reader = new Thread(task, "stream");
              reader.setDaemon(true);
              reader.start();
            });
    Wait.until("the stream of " + subject + " is open", () -> !lines.isEmpty());
    return lines;
  }

  private static List<JsonObject> told(List<JsonObject> lines) {
    return lines.stream()
        .filter(line -> line.getString("type").equals("hub.presence"))
        .map(line -> new JsonObject(line.getString("data")))
        .toList();
  }

  private static Set<String> subjects(JsonArray members) {
    return members == null
        ? Set.of()
        : members.stream()
            .map(one -> ((JsonObject) one).getString("subject"))
            .collect(Collectors.toSet());
  }

  /** Who is present as a client concludes from what it was told. */
  private static Set<String> known(List<JsonObject> lines) {
    var known = new HashSet<String>();
    for (JsonObject one : told(lines)) {
      if (one.containsKey("members")) {
        known.clear();
      }
      known.addAll(subjects(one.getJsonArray("members")));
      known.addAll(subjects(one.getJsonArray("joined")));
      known.removeAll(subjects(one.getJsonArray("left")));
    }
    return known;
  }

  private static Set<String> left(List<JsonObject> lines) {
    return told(lines).stream()
        .flatMap(one -> subjects(one.getJsonArray("left")).stream())
        .collect(Collectors.toSet());
  }

  private JsonObject presence(int node) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(nodes.url(node).resolve("presence/" + TOPIC))
            .timeout(Duration.ofSeconds(20))
            .header("Authorization", bearer("admin"))
            .build();
    try {
      HttpResponse<String> answer = Nodes.HTTP.send(request, BodyHandlers.ofString());
      assertEquals(200, answer.statusCode(), answer.body());
      return new JsonObject(answer.body());
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void whoIsAtANodeThatDiesLeavesAndNobodyElse() throws Exception {
    try (Nodes started =
        Nodes.start(
            3,
            "auth.issuers=" + TestTokens.issuers(directory).encode(),
            "presence.topics=chat.**")) {
      nodes = started;
      List<JsonObject> watcher = open(0, "events/" + TOPIC + "?presence", "watcher");
      for (int node = 0; node < 3; node++) {
        open(node, "events/" + TOPIC, "stays" + node);
        open(node, "events/" + TOPIC, "everywhere");
      }
      Set<String> all = Set.of("watcher", "stays0", "stays1", "stays2", "everywhere");
      Wait.until("all are known: " + watcher, () -> known(watcher).equals(all));
      for (int node = 0; node < 3; node++) {
        JsonObject state = presence(node);
        assertEquals(all, subjects(state.getJsonArray("members")));
        assertEquals(new JsonArray(), state.getJsonArray("missing"));
      }
      aNodeIsKilled(watcher);
      aNodeIsStopped(watcher);
    } catch (Exception | Error e) {
      System.out.println(nodes);
      throw e;
    }
  }

  private void aNodeIsKilled(List<JsonObject> watcher) throws Exception {
    nodes.kill(2);
    Wait.until("it has left: " + told(watcher), () -> left(watcher).contains("stays2"));
    assertEquals(Set.of("stays2"), left(watcher));
    Set<String> rest = Set.of("watcher", "stays0", "stays1", "everywhere");
    assertEquals(rest, known(watcher));
    JsonObject state = presence(1);
    assertEquals(rest, subjects(state.getJsonArray("members")));
    assertEquals(1, state.getJsonArray("missing").size());
    nodes.start(2);
    nodes.awaitReady(2);
    open(2, "events/" + TOPIC, "stays2");
    Wait.until("it is back: " + told(watcher), () -> known(watcher).contains("stays2"));
    Wait.until("all nodes answer", () -> presence(1).getJsonArray("missing").isEmpty());
    assertEquals(Set.of("stays2"), left(watcher));
  }

  /** Its clients come to another node before they would have left. */
  private void aNodeIsStopped(List<JsonObject> watcher) throws Exception {
    open(0, "events/" + TOPIC, "stays1");
    nodes.terminate(1);
    Wait.until(
        "the node is missing: " + told(watcher),
        () -> told(watcher).get(told(watcher).size() - 1).containsKey("missing"));
    assertEquals(Set.of("stays2"), left(watcher));
    assertTrue(known(watcher).contains("stays1"));
  }
}
