package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What docs/cluster.md says for the loss of a majority, and for backups, as a user types it. */
@Timeout(400)
class DisasterIT {
  @TempDir Path directory;
  private Nodes nodes;

  @AfterEach
  void stop() throws IOException {
    nodes.close();
  }

  /** The lines that a command prints; its exit status must be this. */
  private static String run(int status, List<String> command, String... more) throws IOException {
    var arguments = new ArrayList<>(command);
    arguments.addAll(List.of(more));
    try (var process = JarProcess.start(arguments.toArray(String[]::new))) {
      assertEquals(status, process.exitCode(), process::toString);
      return String.join("\n", process.output()) + String.join("\n", process.errors());
    }
  }

  private static String log(String... arguments) throws IOException {
    return run(0, List.of("log"), arguments);
  }

  private List<String> recover(int node) {
    var command = new ArrayList<>(List.of("cluster", "recover"));
    command.addAll(nodes.membership(node));
    return command;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  private static void empty(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        if (!file.equals(directory)) {
          Files.delete(file);
        }
      }
    }
  }

  /** The log and the state of a node that runs, for a new one. */
  private void copyLog(int from, int to) throws IOException {
    Path source = nodes.directory(from);
    Path copy = directory.resolve("copy " + to);
    try (Stream<Path> states = Files.walk(source.resolve("raft"))) {
      for (Path state : states.filter(one -> one.endsWith("sm")).toList()) {
        copy(state, Files.createDirectories(nodes.directory(to).resolve(source.relativize(state))));
      }
    }
    log("backup", copy.toString(), "--dir", source.toString());
    copy(copy, nodes.directory(to));
  }

  private String read(int node, String lastId) throws Exception {
    URI url = nodes.url(node).resolve("events/load.**?for=1s");
    var request = HttpRequest.newBuilder(url).header("Last-Event-ID", lastId).build();
    return Nodes.HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private static long offset(String id) {
    return Long.parseLong(id.substring(id.indexOf('~') + 1), 36);
  }

  @Test
  void oneNodeGoesOnWhenTheOthersAreLostAndBecomesThreeAgain() throws Exception {
    nodes = Nodes.startSome(3, 5);
    var roamer = new Roamer(nodes, "topic=load.**", 1);
    try (var load = nodes.new Load("load", 3, Duration.ofMillis(5))) {
      load.awaitMore();
      nodes.kill(0);
      load.awaitMore(); // the others go on, and their events will be lost
      int further = load.taken();
      Wait.until("the reader is further", () -> roamer.data().size() >= further);
      nodes.kill(1);
      nodes.kill(2);
      Path old = directory.resolve("old");
      copy(nodes.directory(1), old);
      nodes.removeLog(1);
      nodes.removeLog(2);

      String plan = run(1, recover(0));
      assertTrue(plan.contains("Nothing was changed") && plan.contains("LOST WILL BE"), plan);
      String done = run(0, recover(0), "--accept-loss");
      assertTrue(done.contains("only voter of a new cluster"), done);
      nodes.start(0);
      nodes.awaitReady(0);
      Wait.until(
          "the reader is told of the gap",
          () -> roamer.data().stream().anyMatch(one -> one.startsWith("hub.gap")));
      int told = roamer.data().size();
      load.awaitMore();
      Wait.until("it receives new events", () -> roamer.data().size() > told + 50);

      empty(nodes.directory(1));
      copy(old, nodes.directory(1));
      nodes.start(1);
      nodes.process(1).awaitError("was recovered without it");
      assertEquals(1, nodes.process(1).exitCode());

      for (int fresh = 3; fresh < 5; fresh++) {
        copyLog(0, fresh);
        nodes.start(fresh);
      }
      nodes.changeVoters(0, 0, 3, 4);
      nodes.awaitReady(3);
      nodes.awaitReady(4);
      nodes.kill(0);
      load.awaitMore();
      roamer.close();
      load.stop();
    }
  }

  @Test
  void aBackupOfAVoterUnderLoadBeginsANewClusterOfThree() throws Exception {
    nodes = Nodes.startSome(3, 3);
    Path backup = directory.resolve("backup");
    Map<String, String> published;
    try (var load = nodes.new Load("load", 3, Duration.ofMillis(5))) {
      load.awaitMore();
      log("backup", backup.toString(), "--dir", nodes.directory(1).toString());
      load.awaitMore();
      published = load.stop();
    }
    for (int i = 0; i < 3; i++) {
      nodes.terminate(i);
      empty(nodes.directory(i));
    }
    Path restored = directory.resolve("restored");
    log("restore", backup.toString(), "--dir", restored.toString());
    String made = log("to-cluster", "--dir", restored.toString());
    assertTrue(made.contains("keys and ids of --once"), made);
    for (int i = 0; i < 3; i++) {
      copy(restored, nodes.directory(i));
      nodes.start(i);
    }
    for (int i = 0; i < 3; i++) {
      nodes.awaitReady(i);
    }
    long last = offset(newest(log("info", "--dir", restored.toString())));
    List<String> ids = published.values().stream().toList();
    String behind = ids.stream().filter(id -> offset(id) < last).findFirst().orElseThrow();
    String further = ids.stream().filter(id -> offset(id) > last + 5).findFirst().orElseThrow();
    assertFalse(read(1, behind).contains("hub.gap"));
    assertTrue(read(1, further).contains("\"gap\""), read(1, further));
    String known =
        published.entrySet().stream()
            .filter(one -> offset(one.getValue()) <= last)
            .findFirst()
            .orElseThrow()
            .getKey();
    HttpResponse<String> again =
        Nodes.post(
            nodes.url(2).resolve("events/load.p" + known.split(":")[0]),
            known,
            "Idempotency-Key",
            "load" + known);
    assertEquals(200, again.statusCode(), again::body);
    assertEquals(
        offset(published.get(known)), offset(new JsonObject(again.body()).getString("id")));
  }

  private static String newest(String info) {
    return info.lines()
        .filter(line -> line.startsWith("newest: "))
        .map(line -> line.split(" ")[1])
        .findFirst()
        .orElseThrow();
  }
}
