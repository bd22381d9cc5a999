package io.tidings.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodeReportsTest {
  private static final JsonObject SELF =
      new JsonObject(
          "{'streams':7,'name':'node-a','address':'a','hub':true,'role':'voter','leader':false,'self':true}"
              .replace('\'', '"'));

  private long nanos = 5;
  private final FakeVoters voters = new FakeVoters();
  private final NodeReports reports =
      new NodeReports(
          voters,
          new NodeRequests(voters),
          "node-a",
          () -> new JsonObject().put("streams", 7),
          () -> nanos);

  private void pass(Duration time) {
    nanos += time.toNanos();
  }

  private static List<String> names(JsonArray nodes) {
    return nodes.stream().map(node -> ((JsonObject) node).getString("name")).toList();
  }

  @Test
  void thisNodeIsListedWithItsStatistics() {
    assertEquals(SELF, reports.nodes().getJsonObject(0));
  }

  @Test
  void anotherNodeIsListedWithItsLastReportAndTheAgeOfIt() {
    reports.ask();
    voters.answer("b", "{\"name\":\"node-b\",\"streams\":3}");
    pass(Duration.ofMillis(1_500));
    JsonObject b = reports.nodes().getJsonObject(1);
    assertEquals("node-b", b.getString("name"));
    assertEquals("b", b.getString("address"));
    assertEquals(3, b.getInteger("streams"));
    assertEquals(1.5, b.getDouble("reportAgeSeconds"));
    assertEquals(true, b.getBoolean("leader"));
    assertEquals(false, b.getBoolean("self"));
  }

  @Test
  void requestsOfOtherNodesAreAnsweredWithWhatTheyList() {
    reports.ask();
    String own = voters.answerer.apply("report").result();
    assertEquals(new JsonObject("{\"streams\":7,\"name\":\"node-a\"}"), new JsonObject(own));
    assertEquals("", voters.answerer.apply("of another version").result());
  }

  @Test
  void aNodeThatOwesAnAnswerIsNotAskedAgain() {
    reports.ask();
    reports.ask();
    assertEquals(1, voters.asked("b"));
    assertEquals(0, voters.asked("a"));
    voters.fail("b");
    reports.ask();
    assertEquals(1, voters.asked("b"));
    assertEquals(1, voters.asked("c"));
  }

  @Test
  void aNodeThatDoesNotAnswerForThreeSecondsIsGoneUntilItAnswers() {
    reports.ask();
    voters.answer("b", "{\"name\":\"node-b\",\"version\":\"1.0\",\"http\":\"10.0.0.2:8080\"}");
    voters.answer("c", "{\"name\":\"node-c\"}");
    pass(Duration.ofMillis(2_999));
    assertEquals(new JsonArray(), reports.gone());
    assertEquals(3, reports.connected());
    reports.ask();
    voters.answer("c", "{\"name\":\"node-c\"}");
    pass(Duration.ofMillis(1));
    assertEquals(List.of("node-b"), names(reports.gone()));
    assertEquals(List.of("node-a", "node-c"), names(reports.nodes()));
    assertEquals(
        new JsonObject()
            .put("name", "node-b")
            .put("address", "b")
            .put("role", "voter")
            .put("reportAgeSeconds", 3.0)
            .put("version", "1.0")
            .put("http", "10.0.0.2:8080"),
        reports.gone().getJsonObject(0));
    assertEquals(2, reports.connected());
    voters.answer("b", "{\"name\":\"node-b\"}");
    assertEquals(List.of("node-a", "node-b", "node-c"), names(reports.nodes()));
    assertEquals(new JsonArray(), reports.gone());
  }

  @Test
  void aNodeThatNeverAnsweredIsGoneThreeSecondsAfterTheStartWithoutAnAge() {
    assertEquals(List.of("node-a", "b", "c"), names(reports.nodes()));
    pass(Duration.ofSeconds(3));
    assertEquals(List.of("b", "c"), names(reports.gone()));
    assertEquals("b", reports.gone().getJsonObject(0).getString("address"));
    assertFalse(reports.gone().getJsonObject(0).containsKey("reportAgeSeconds"));
  }

  @Test
  void anAnswerThatIsNoReportChangesNothing() {
    reports.ask();
    voters.answer("b", "{\"name\":\"node-b\"}");
    for (String nonsense : List.of("", "nonsense", "[1]")) {
      reports.ask();
      voters.answer("b", nonsense);
    }
    reports.ask();
    assertEquals(1, voters.asked("b"));
    assertEquals("node-b", reports.nodes().getJsonObject(1).getString("name"));
  }

  @Test
  void aReportCannotChangeWhichNodeLeadsOrAnswers() {
    reports.ask();
    voters.answer("c", "{\"leader\":true,\"self\":true,\"address\":\"a\",\"name\":5}");
    JsonObject c = reports.nodes().getJsonObject(2);
    assertEquals(false, c.getBoolean("leader"));
    assertEquals(false, c.getBoolean("self"));
    assertEquals("c", c.getString("address"));
    assertEquals("5", c.getString("name"));
  }
}
