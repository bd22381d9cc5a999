package io.tidings.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterStatsTest {
  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
  private static final TopTopics.Counted NO_TOPICS = new TopTopics.Counted(List.of(), 1);

  @Test
  void eventsInAreCountedOnceAndDeliveriesAreSummed() {
    JsonObject stats = of(node("a", true), node("b", false));
    assertEquals("2026-11-21T12:00:00Z", stats.getString("time"));
    assertEquals("hubs", stats.getString("cluster"));
    assertEquals(10.0, stats.getDouble("in"));
    assertEquals(40.0, stats.getDouble("out"));
    assertEquals(6, stats.getInteger("streams"));
    assertEquals(9, stats.getInteger("lag"));
    assertEquals(2, stats.getJsonArray("nodes").size());
  }

  @Test
  void theHubsOwnTrafficIsCountedSeparately() {
    JsonObject internal = of(node("a", true), node("b", false)).getJsonObject("internal");
    assertEquals(1.0, internal.getDouble("in"));
    assertEquals(4.0, internal.getDouble("out"));
    assertEquals(2, internal.getInteger("streams"));
  }

  @Test
  void latenciesAreThoseOfTheSlowestNodeAndNullWithoutDeliveries() {
    JsonObject idle = node("a", true).putNull("p99");
    assertEquals(2.5, of(idle, node("b", false)).getDouble("p99"));
    JsonObject alone = of(idle.copy());
    assertNull(alone.getValue("p99"));
    assertEquals(0.5, alone.getDouble("p50"));
  }

  @Test
  void theSlowestStreamsOfAllNodesComeFirstWithTheirNode() {
    JsonArray slow = of(node("a", true), node("b", false)).getJsonArray("slow");
    assertEquals(2, slow.size());
    JsonObject one = slow.getJsonObject(0);
    assertEquals(9, one.getInteger("lag"));
    assertEquals("a", one.getString("node"));
    assertEquals(new JsonArray().add("orders.**"), one.getJsonArray("topics"));
  }

  @Test
  void aNodeWithoutAReportIsListed() {
    JsonObject silent = new JsonObject().put("name", "c").put("self", false);
    JsonObject stats = of(node("a", true), silent);
    assertEquals("c", stats.getJsonArray("nodes").getJsonObject(1).getString("name"));
    assertEquals(20.0, stats.getDouble("out"));
  }

  @Test
  void topicsHaveTheirEventsPerSecond() {
    var counted =
        new TopTopics.Counted(
            List.of(new TopTopics.Topic("news", 3), new TopTopics.Topic("clock", 1)), 2.0);
    JsonObject stats = ClusterStats.of(NOON, all(null, node("a", true)), counted);
    assertNull(stats.getString("cluster"));
    JsonArray topics = stats.getJsonArray("topics");
    assertEquals(new JsonObject().put("topic", "news").put("rate", 1.5), topics.getJsonObject(0));
    assertEquals(new JsonObject().put("topic", "clock").put("rate", 0.5), topics.getJsonObject(1));
    assertEquals(2, topics.size());
  }

  @Test
  void membersThatAreNotHubsAreOmittedAndGoneHubsAreListed() {
    JsonObject guest = new JsonObject().put("name", "shop").put("hub", false).put("self", false);
    JsonObject all = all("hubs", node("a", true), guest);
    all.getJsonArray("gone").add(new JsonObject().put("name", "b").put("reportAgeSeconds", 7.0));
    JsonObject stats = ClusterStats.of(NOON, all, NO_TOPICS);
    assertEquals(1, stats.getJsonArray("nodes").size());
    assertEquals("b", stats.getJsonArray("gone").getJsonObject(0).getString("name"));
  }

  @Test
  void aNodeThatIsNotListedItselfHasStatisticsOfTheOthers() {
    JsonObject stats = of(node("a", false), node("b", false));
    assertEquals(0.0, stats.getDouble("in"));
    assertEquals(40.0, stats.getDouble("out"));
    assertNull(stats.getJsonObject("log"));
  }

  private static JsonObject all(String cluster, JsonObject... nodes) {
    return new JsonObject()
        .put("cluster", cluster)
        .put("nodes", new JsonArray(List.of(nodes)))
        .put("gone", new JsonArray());
  }

  private static JsonObject of(JsonObject... nodes) {
    JsonObject stats = ClusterStats.of(NOON, all("hubs", nodes), NO_TOPICS);
    stats
        .getJsonArray("nodes")
        .forEach(node -> assertFalse(((JsonObject) node).containsKey("slow"), "it is listed once"));
    return stats;
  }

  private static JsonObject node(String name, boolean here) {
    var slow =
        new JsonObject()
            .put("topics", new JsonArray().add("orders.**"))
            .put("lag", here ? 9 : 4)
            .put("address", "192.0.2.1:7");
    return new JsonObject()
        .put("name", name)
        .put("self", here)
        .put("in", 10.0)
        .put("out", 20.0)
        .put("streams", 3)
        .put("lag", here ? 9 : 4)
        .put("internal", new JsonObject().put("in", 1.0).put("out", 2.0).put("streams", 1))
        .put("p50", 0.5)
        .put("p99", 2.5)
        .put("log", new JsonObject().put("kind", "ring"))
        .put("slow", new JsonArray().add(slow));
  }
}
