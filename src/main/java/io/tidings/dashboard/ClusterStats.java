package io.tidings.dashboard;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * The statistics of a hub or a whole cluster, computed once a second: rates per second summed over
 * the nodes, and the latencies of the slowest node. The hub's own traffic is counted separately.
 */
final class ClusterStats {
  /** The field of the hub's own traffic: the clock's, and that of dashboards. */
  static final String INTERNAL = "internal";

  private static final int MAX_LISTED = 10;

  private ClusterStats() {}

  /**
   * @param all the state of all nodes: the {@code cluster}'s name (null for a single hub), the
   *     report of each of the {@code nodes}, this one included, and the {@code gone} nodes
   * @param counted the topics with the most events
   */
  static JsonObject of(Instant now, JsonObject all, TopTopics.Counted counted) {
    JsonArray nodes = all.getJsonArray("nodes");
    JsonObject here = here(nodes);
    return new JsonObject()
        .put("time", now.truncatedTo(ChronoUnit.MILLIS).toString())
        .put("cluster", all.getString("cluster"))
        .put("in", number(here, "in")) // every node receives all events
        .put("out", sum(nodes, "out"))
        .put("bytesIn", number(here, "bytesIn"))
        .put("bytesOut", sum(nodes, "bytesOut"))
        .put("streams", (long) sum(nodes, "streams"))
        .put(INTERNAL, internal(nodes, here))
        .put("lagging", (long) sum(nodes, "lagging"))
        .put("lag", (long) max(nodes, "lag"))
        .put("gaps", (long) sum(nodes, "gaps"))
        .put("p50", slowest(nodes, "p50"))
        .put("p99", slowest(nodes, "p99"))
        .put("log", here.getJsonObject("log"))
        .put("nodes", nodes(nodes))
        .put("gone", all.getJsonArray("gone"))
        .put("topics", topics(counted))
        .put("slow", slow(nodes));
  }

  private static JsonObject internal(JsonArray nodes, JsonObject here) {
    var internal = new JsonArray();
    each(nodes).map(node -> node.getJsonObject(INTERNAL, new JsonObject())).forEach(internal::add);
    JsonObject own = here.getJsonObject(INTERNAL, new JsonObject());
    return new JsonObject()
        .put("in", number(own, "in"))
        .put("out", sum(internal, "out"))
        .put("bytesIn", number(own, "bytesIn"))
        .put("bytesOut", sum(internal, "bytesOut"))
        .put("streams", (long) sum(internal, "streams"));
  }

  private static Stream<JsonObject> each(JsonArray nodes) {
    return nodes.stream().map(JsonObject.class::cast);
  }

  /** Empty for a node that is not listed, since it is not a voter. */
  private static JsonObject here(JsonArray nodes) {
    return each(nodes)
        .filter(node -> node.getBoolean("self", false))
        .findFirst()
        .orElseGet(JsonObject::new);
  }

  private static double number(JsonObject node, String name) {
    return node.getDouble(name, 0.0);
  }

  private static double sum(JsonArray nodes, String name) {
    return each(nodes).mapToDouble(node -> number(node, name)).sum();
  }

  private static double max(JsonArray nodes, String name) {
    return each(nodes).mapToDouble(node -> number(node, name)).max().orElse(0);
  }

  private static Double slowest(JsonArray nodes, String name) {
    return each(nodes)
        .map(node -> node.getDouble(name))
        .filter(millis -> millis != null)
        .max(Comparator.naturalOrder())
        .orElse(null);
  }

  private static JsonArray nodes(JsonArray nodes) {
    var list = new JsonArray();
    each(nodes)
        .filter(node -> node.getBoolean("hub", true))
        .map(JsonObject::copy)
        .map(ClusterStats::withoutLists)
        .forEach(list::add);
    return list;
  }

  private static JsonObject withoutLists(JsonObject node) {
    node.remove("slow");
    node.remove("log");
    return node;
  }

  private static JsonArray topics(TopTopics.Counted counted) {
    var list = new JsonArray();
    counted
        .topics()
        .forEach(
            topic ->
                list.add(
                    new JsonObject()
                        .put("topic", topic.topic())
                        .put("rate", Math.round(topic.events() / counted.seconds() * 10) / 10.0)));
    return list;
  }

  private static JsonArray slow(JsonArray nodes) {
    var list = new JsonArray();
    each(nodes)
        .flatMap(
            node ->
                each(node.getJsonArray("slow", new JsonArray()))
                    .map(one -> one.copy().put("node", node.getString("name"))))
        .sorted(Comparator.comparingLong((JsonObject one) -> one.getLong("lag")).reversed())
        .limit(MAX_LISTED)
        .forEach(list::add);
    return list;
  }

  static int maxListed() {
    return MAX_LISTED;
  }
}
