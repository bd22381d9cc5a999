package io.tidings.chaos;

import io.tidings.Pacing;
import io.tidings.chaos.VotersHistory.Seen;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Asks one node again and again who leads and who votes, in a thread of its own. */
final class ClusterWatch {
  private static final Duration PACE = Duration.ofMillis(300);

  private final Node node;
  private final HttpClient http;
  private final VotersHistory history;
  private final Thread thread;
  private volatile boolean closed;

  ClusterWatch(Node node, HttpClient http, VotersHistory history) {
    this.node = node;
    this.http = http;
    this.history = history;
    this.thread = new Thread(this::run, "watch-" + node.number());
    thread.start();
  }

  private void run() {
    while (!closed) {
      if (node.runs()) {
        ask(node, http).ifPresent(history::saw);
      }
      Pacing.pause(PACE);
    }
  }

  /** What a node says; empty if it does not answer, or is between two runs of its engine. */
  static Optional<Seen> ask(Node node, HttpClient http) {
    try {
      return node.ask("cluster", http)
          .filter(answer -> answer.statusCode() == 200)
          .map(HttpResponse::body)
          .map(JsonObject::new)
          .flatMap(ClusterWatch::read);
    } catch (IOException | DecodeException e) {
      return Optional.empty(); // it may have ended
    }
  }

  private static Optional<Seen> read(JsonObject cluster) {
    JsonObject raft = cluster.getJsonObject("raft");
    if (raft == null || raft.getLong("term") < 0) {
      return Optional.empty();
    }
    JsonArray nodes = cluster.getJsonArray("nodes");
    Optional<JsonObject> self =
        nodes.stream()
            .map(JsonObject.class::cast)
            .filter(node -> node.getBoolean("self") && node.containsKey("address"))
            .findFirst();
    Set<String> voters =
        raft.getJsonArray("voters").stream()
            .map(voter -> ((JsonObject) voter).getString("address"))
            .collect(Collectors.toSet());
    return self.map(
        node ->
            new Seen(
                node.getString("address"),
                System.nanoTime(),
                raft.getLong("term"),
                node.getBoolean("leader") ? node.getString("address") : "",
                voters,
                raft.containsKey("changing")));
  }

  void close() throws InterruptedException {
    closed = true;
    thread.join();
  }
}
