package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.cli.LogCommand;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Nodes of real processes that lack what the others' Raft logs have no more: one that was away and
 * is killed while it fetches, and a new one. All logs are equal in the end.
 */
@Timeout(300)
class FetchIT {
  private static final String LARGE = "x".repeat(800_000);

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
    return IntStream.range(0, 3).filter(node -> !leads(node)).findFirst().orElseThrow();
  }

  private boolean leads(int node) {
    return nodes.cluster(node).getJsonArray("nodes").stream()
        .map(JsonObject.class::cast)
        .anyMatch(one -> one.getBoolean("self") && one.getBoolean("leader"));
  }

  private void change(int by, List<Integer> target) {
    var arguments = new ArrayList<>(List.of("cluster", "voters"));
    target.forEach(node -> arguments.add(nodes.address(node)));
    arguments.add("--url");
    arguments.add(nodes.url(by).toString());
    Wait.until(
        "the voters are changed",
        () -> {
          try (var command = JarProcess.start(arguments.toArray(String[]::new))) {
            return command.exitCode() == 0;
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
  }

  /** A digest of what {@code tidings log print} shows of a node that has ended. */
  private String printed(int node) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    var output = new DigestOutputStream(OutputStream.nullOutputStream(), digest);
    var command = List.of("print", "--dir", nodes.directory(node).toString());
    assertEquals(0, LogCommand.run(command, new PrintStream(output, true, StandardCharsets.UTF_8)));
    return HexFormat.of().formatHex(digest.digest());
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
      change(other, List.of(other, third, 3));
      nodes.awaitReady(3);
      load.stop();
    }
    Wait.until("both have the newest", () -> newest(other).equals(newest(3)));
    nodes.terminate(3);
    nodes.terminate(other);
    assertEquals(printed(other), printed(3));
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
