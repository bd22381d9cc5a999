package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The hubs that the chart's pods start, with TLS between them, and what docs/kubernetes.md has an
 * operator do with them.
 */
@Timeout(180)
class ChartIT {
  private static final String VALUES = "edges-values.yaml";

  @TempDir Path directory;
  private ChartPods pods;

  @BeforeEach
  void startMembers() throws Exception {
    pods = new ChartPods(RenderedChart.of(VALUES), directory);
    for (int i = 0; i < 3; i++) {
      pods.startMember(i);
    }
    for (int i = 0; i < 3; i++) {
      pods.awaitReady(pods.url(i));
    }
    assertEquals(200, Nodes.post(pods.url(0).resolve("events/news"), "it rains").statusCode());
  }

  @AfterEach
  void stop() throws IOException {
    pods.close();
  }

  /** The rendered chart once the cluster has begun. */
  private static RenderedChart begun() throws Exception {
    return RenderedChart.of(VALUES, "--set", "members.join=all");
  }

  private List<String> voters() throws IOException {
    return new JsonObject(Nodes.get(pods.url(0).resolve("cluster")).body())
        .getJsonObject("raft").getJsonArray("voters").stream()
            .map(one -> ((JsonObject) one).getString("address"))
            .sorted()
            .toList();
  }

  private static List<String> members(int... indices) {
    return IntStream.of(indices).mapToObj(i -> ChartPods.member(i) + ":7700").toList();
  }

  /** Repeats the command while a new pod does not listen yet, or fetches the log. */
  private void changeVoters(int by, int... indices) throws IOException {
    String[] command =
        Stream.of(
                Stream.of("cluster", "voters"),
                Arrays.stream(indices).mapToObj(ChartPods::member),
                Stream.of("--url", pods.url(by).toString()))
            .flatMap(words -> words)
            .toArray(String[]::new);
    Wait.until("the voters are changed", () -> pods.exec(by, command) == 0);
    assertEquals(members(indices), voters());
  }

  private static boolean hasEvent(URI pod) throws IOException {
    return Nodes.get(pod.resolve("events/news?last_event_id=earliest&for=1s"))
        .body()
        .contains("it rains");
  }

  @Test
  void membersAreJoinedByAnEdgeAndAFurtherMemberAndOneWhoseVolumeWasLost() throws Exception {
    assertEquals(members(0, 1, 2), voters());
    pods.startEdge();
    pods.awaitReady(pods.edge());
    assertTrue(hasEvent(pods.edge()));

    pods.startMember(3);
    pods.awaitLog(3, "waits");
    changeVoters(0, 0, 2, 3);
    pods.awaitReady(pods.url(3));
    assertTrue(hasEvent(pods.url(3)));

    pods.end(1);
    pods.emptyVolume(1);
    pods.startMember(1, begun());
    pods.awaitLog(1, "waits");
    changeVoters(0, 0, 1, 2);
    pods.awaitReady(pods.url(1));
    assertTrue(hasEvent(pods.url(1)));
  }

  @Test
  void oneMemberIsRecoveredWhenTheOtherVolumesAreLost() throws Exception {
    for (int i = 0; i < 3; i++) {
      pods.end(i);
    }
    pods.emptyVolume(0);
    pods.emptyVolume(1);
    String log = directory.resolve("live-tidings-2/log").toString();
    assertEquals(0, pods.exec(2, "cluster", "recover", "--dir", log, "--accept-loss"));
    for (int i = 0; i < 3; i++) {
      pods.startMember(i, begun());
    }
    pods.awaitReady(pods.url(2));
    changeVoters(2, 0, 1, 2);
    pods.awaitReady(pods.url(0));
    assertTrue(hasEvent(pods.url(0)));
  }
}
