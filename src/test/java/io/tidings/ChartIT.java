package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The hubs that the chart's pods start, with TLS between them: a cluster, its edge, and a growing
 * one.
 */
@Timeout(180)
class ChartIT {
  private static final String EDGE = "live-tidings-edge-0";

  @TempDir Path directory;
  private ChartPods pods;

  @BeforeEach
  void startPods() throws Exception {
    pods = new ChartPods(RenderedChart.of("edges-values.yaml"), directory);
    for (int i = 0; i < 3; i++) {
      pods.startMember(i);
    }
    pods.startEdge(EDGE, 0);
    for (int i = 0; i < 3; i++) {
      pods.awaitReady(i);
    }
    pods.awaitReady(EDGE);
  }

  @AfterEach
  void stop() throws IOException {
    pods.close();
  }

  private JsonObject raft(int by) throws IOException {
    return new JsonObject(Nodes.get(pods.url(by).resolve("cluster")).body()).getJsonObject("raft");
  }

  private static List<String> addresses(JsonObject raft, String of) {
    return raft.getJsonArray(of).stream()
        .map(JsonObject.class::cast)
        .map(each -> each.getString("address"))
        .sorted()
        .toList();
  }

  private static List<String> members(int... indices) {
    return java.util.Arrays.stream(indices).mapToObj(i -> ChartPods.member(i) + ":7700").toList();
  }

  @Test
  void thePodsAreOneClusterWithAnEdgeAndAFurtherPodBecomesAVoterByTheCommand() throws Exception {
    assertEquals(members(0, 1, 2), addresses(raft(0), "voters"));
    assertEquals(1, raft(0).getJsonArray("edges").size());
    assertEquals(200, Nodes.post(pods.url(EDGE).resolve("events/news"), "it rains").statusCode());
    Wait.until(
        "the event is on every member",
        () ->
            Nodes.get(pods.url(2).resolve("events/news?last_event_id=earliest&for=1s"))
                .body()
                .contains("it rains"));

    pods.startMember(3);
    pods.awaitLog(3, "waits");
    assertEquals(members(0, 1, 2), addresses(raft(0), "voters"));
    var command =
        Stream.concat(Stream.of("cluster", "voters"), Stream.of(0, 1, 3).map(ChartPods::member))
            .toList();
    Wait.until("the voters are changed", () -> run(command) == 0);
    pods.awaitReady(3);
    assertEquals(members(0, 1, 3), addresses(raft(3), "voters"));
    assertTrue(
        Nodes.get(pods.url(3).resolve("events/news?last_event_id=earliest&for=1s"))
            .body()
            .contains("it rains"));
  }

  private int run(List<String> command) throws IOException {
    var arguments = Stream.concat(command.stream(), Stream.of("--url", pods.url(0).toString()));
    try (var process = JarProcess.start(arguments.toArray(String[]::new))) {
      return process.exitCode();
    }
  }
}
