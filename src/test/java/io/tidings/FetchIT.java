package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.cli.LogCommand;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nodes of real processes that lack what the others' Raft logs have no more: one that was away and
 * is killed while it fetches, and a new one. All logs are equal in the end.
 */
@Timeout(300)
class FetchIT {
  private static final String LARGE = "x".repeat(800_000);

  @TempDir Path directory;
  private Nodes nodes;

  @AfterEach
  void stop() throws IOException {
    nodes.close();
  }

  private void publish(int node, int count) {
    for (int i = 0; i < count; i++) {
      String key = node + "-" + System.nanoTime();
      Wait.until("it is stored", () -> stored(node, key));
    }
  }

  private boolean stored(int node, String key) {
    try {
      return Nodes.post(nodes.url(node).resolve("events/large"), LARGE, "Idempotency-Key", key)
              .statusCode()
          == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private int follower() {
    return IntStream.range(0, 3).filter(node -> !nodes.leads(node)).findFirst().orElseThrow();
  }

  /** What {@code tidings log print} shows of a node that has ended. */
  private Path printed(int node) throws Exception {
    Path file = directory.resolve("node" + node);
    var command = List.of("print", "--dir", nodes.directory(node).toString());
    try (var output = new PrintStream(Files.newOutputStream(file), false, StandardCharsets.UTF_8)) {
      assertEquals(0, LogCommand.run(command, output));
    }
    return file;
  }

  /** The node that ended first lacks the ticks of the clock since then, and nothing else. */
  private static void assertBegins(Path whole, Path begin) throws IOException {
    long same = Files.mismatch(whole, begin);
    assertTrue(same < 0 || same == Files.size(begin), () -> "they differ at byte " + same);
    assertTrue(Files.size(begin) > 100L * LARGE.length(), "it has all that was published");
  }

  @Test
  void aNodeThatWasAwayAndANewOneFetchTheLogWhilePublishingGoesOn() throws Exception {
    nodes = Nodes.startSome(3, 4, "log.raft.keep=64MiB", "cluster.fetch.rate=12MiB");
    int away = follower();
    int other = (away + 1) % 3;
    publish(other, 5);
    nodes.kill(away);
    publish(other, 120); // more than the Raft log keeps
    try (var load = nodes.new Load("load", 2, Duration.ofMillis(10))) {
      nodes.start(away);
      Wait.until("it fetches", () -> ready(away).contains("fetches the log"));
      nodes.kill(away);
      nodes.start(away);
      nodes.awaitReady(away);
      nodes.start(3);
      int third = 3 - away - other;
      nodes.changeVoters(other, other, third, 3);
      nodes.awaitReady(3);
      load.stop();
    }
    Wait.until("both have the newest", () -> newest(other).equals(newest(3)));
    nodes.terminate(3);
    nodes.terminate(other);
    assertBegins(printed(other), printed(3));
  }

  private String newest(int node) {
    return nodes.cluster(node).getJsonArray("nodes").stream()
        .map(JsonObject.class::cast)
        .filter(one -> one.getBoolean("self"))
        .map(one -> one.getString("newest"))
        .findFirst()
        .orElseThrow();
  }

  private String ready(int node) {
    try {
      return Nodes.get(nodes.url(node).resolve("health/ready")).body();
    } catch (IOException e) {
      return "";
    }
  }
}
