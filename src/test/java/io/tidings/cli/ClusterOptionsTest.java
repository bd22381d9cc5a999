package io.tidings.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClusterOptionsTest {
  private static ClusterOptions parse(String... arguments) {
    return ClusterOptions.parse(List.of(arguments));
  }

  private static String refusal(String... arguments) {
    return assertThrows(IllegalArgumentException.class, () -> parse(arguments)).getMessage();
  }

  @Test
  void withoutArgumentsTheNodeOfThisMachineIsAsked() {
    ClusterOptions options = parse();
    assertEquals(List.of(), options.voters());
    assertEquals(URI.create("http://127.0.0.1:8080/"), options.url());
    assertEquals(Optional.empty(), options.token());
  }

  @Test
  void addressesGetTheDefaultPort() {
    ClusterOptions options =
        parse("voters", "n1", "--url=https://n1:443", "10.0.0.2:7701", "--token", "t", "[fd00::1]");
    assertEquals(List.of("n1:7700", "10.0.0.2:7701", "[fd00::1]:7700"), options.voters());
    assertEquals(URI.create("https://n1:443/"), options.url());
    assertEquals(Optional.of("t"), options.token());
  }

  @Test
  void settingsAreShownOrChanged() {
    assertEquals(Optional.empty(), parse("voters", "n1").settings());
    assertEquals(Optional.of(Map.of()), parse("settings", "--token", "t").settings());
    assertEquals(
        Optional.of(Map.of("log.once", "1h", "limits.body", "a=b")),
        parse("set", "log.once=1h", "limits.body=a=b").settings());
    assertTrue(refusal("set").startsWith("cluster set: must be followed by settings"));
    assertEquals("cluster set 1h: must be such as log.once=1h", refusal("set", "1h"));
    assertEquals("cluster set a=2: is given twice", refusal("set", "a=1", "a=2"));
    assertTrue(refusal("settings", "x").startsWith("settings: is not a command of cluster"));
  }

  @Test
  void settingsThatDoNotCountAreNamedBesideThoseThatDo() {
    var answer =
        new JsonObject()
            .put("settings", new JsonObject().put("log.once", "1h").put("limits.body", "1MiB"))
            .put("replicated", false)
            .put("ignored", new JsonObject().put("log.once", "10m"));
    List<String> lines = ClusterSettingsTask.text(answer).lines().toList();
    assertEquals(
        "log.once          1h    (this node was started with 10m, which does not count)",
        lines.get(0));
    assertEquals("limits.body       1MiB", lines.get(1));
    assertTrue(lines.get(2).startsWith("Not replicated yet: each node has its own settings"));
    assertEquals(2, ClusterSettingsTask.text(answer.put("replicated", true)).lines().count());
  }

  @Test
  void whatIsNoOptionIsNamed() {
    assertTrue(refusal("grow").startsWith("grow: is not a command of cluster"));
    assertTrue(refusal("voters").startsWith("cluster voters: must be followed by"));
    assertTrue(refusal("voters", "a b").startsWith("cluster voters a b: must be"));
    assertTrue(refusal("--port", "1").startsWith("--port: is not an option"));
    assertEquals("--url: must be followed by a value", refusal("--url"));
    assertTrue(refusal("--url", "n1:8080").startsWith("--url n1:8080: must be such as"));
    assertTrue(refusal("--url", "http://a b").startsWith("--url http://a b: "));
  }

  @Test
  void theClusterIsShownWithWhatItsVotersLack() {
    var voters =
        new JsonArray()
            .add(
                new JsonObject("{\"address\":\"a:1\",\"name\":\"x\",\"leader\":true,\"behind\":0}"))
            .add(
                new JsonObject(
                    "{\"address\":\"b:1\",\"name\":\"y\",\"answers\":true,\"behind\":7}"))
            .add(new JsonObject("{\"address\":\"c:1\",\"name\":\"z\",\"answers\":false}"));
    var raft =
        new JsonObject()
            .put("term", 3)
            .put("index", 70)
            .put("voters", voters)
            .put("changing", new JsonArray().add("a:1").add("b:1").add("d:1"));
    String text =
        ClusterCommand.text(
            new JsonObject().put("cluster", "main").put("quorum", true).put("raft", raft));
    List<String> lines = text.lines().map(line -> line.replaceAll(" +", " ").trim()).toList();
    assertEquals(
        List.of(
            "main: term 3, index 70, connected",
            "a:1 x leader 0 behind",
            "b:1 y follower 7 behind",
            "c:1 z DOES NOT ANSWER not heard of",
            "changing to a:1 b:1 d:1"),
        lines);
  }
}
