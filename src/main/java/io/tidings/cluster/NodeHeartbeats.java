package io.tidings.cluster;

import io.tidings.bus.ConsumerRegistration;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** What every node reports of itself to all others, once a second. Any thread. */
public final class NodeHeartbeats {
  private static final String ADDRESS = "tidings.heartbeats";
  private static final String NODE = "node";
  private static final String NAME = "name";
  private static final String STATS = "figures";
  private static final String LEAVES = "ends";
  private static final long PERIOD_MILLIS = 1_000;

  /** For how long a node that was lost is reported. */
  private static final long REPORT_LOST_SECONDS = 600;

  private final Cluster cluster;
  private final Vertx vertx;
  private final Supplier<JsonObject> ownStats;

  /** The last heartbeat of every other node, by the node's id. */
  private final Map<String, Heartbeat> received = new ConcurrentHashMap<>();

  private MessageConsumer<JsonObject> consumer;
  private long timer;

  /**
   * @param ownStats what this node reports
   */
  public NodeHeartbeats(Cluster cluster, Vertx vertx, Supplier<JsonObject> ownStats) {
    this.cluster = cluster;
    this.vertx = vertx;
    this.ownStats = ownStats;
  }

  /** Starts to send and to receive. */
  public Future<Void> start() {
    return ConsumerRegistration.<JsonObject>of(vertx, ADDRESS, message -> receive(message.body()))
        .map(
            registered -> {
              consumer = registered;
              timer = vertx.setPeriodic(PERIOD_MILLIS, tick -> send());
              send();
              return null;
            });
  }

  /** Announces that this node leaves, so that it is not reported as lost, and stops receiving. */
  public Future<Void> stop() {
    if (consumer == null) {
      return Future.succeededFuture(); // not started: timer 0 belongs to others
    }
    vertx.cancelTimer(timer);
    vertx.eventBus().publish(ADDRESS, new JsonObject().put(NODE, cluster.id()).put(LEAVES, true));
    return consumer.unregister();
  }

  /** The members of the cluster, the oldest first, each with its last report. */
  public JsonArray nodes() {
    var nodes = new JsonArray();
    for (Cluster.Node node : cluster.nodes()) {
      Heartbeat last = received.get(node.id());
      JsonObject one = new JsonObject().put("name", node.name()).put("address", node.address());
      if (node.self()) {
        one.mergeIn(ownStats.get());
      } else if (last != null) {
        one.mergeIn(last.stats).put("heartbeatAgeSeconds", last.ageSeconds());
      }
      nodes.add(one.put("hub", node.hub()).put("self", node.self()));
    }
    return nodes;
  }

  /** Hubs that left the cluster lately without announcing it, and have not returned. */
  public JsonArray lost() {
    Set<String> members = new HashSet<>();
    for (Cluster.Node node : cluster.nodes()) {
      members.add(node.id());
      members.add(node.name()); // a restarted node has a new id
    }
    var lost = new JsonArray();
    received.forEach(
        (id, last) -> {
          if (!members.contains(id) && !members.contains(last.name)) {
            lost.add(
                new JsonObject()
                    .put("name", last.name)
                    .put("heartbeatAgeSeconds", last.ageSeconds()));
          }
        });
    return lost;
  }

  private void send() {
    String name = cluster.name();
    var message =
        new JsonObject().put(NODE, cluster.id()).put(NAME, name).put(STATS, ownStats.get());
    vertx.eventBus().publish(ADDRESS, message);
    received.values().removeIf(last -> last.ageSeconds() > REPORT_LOST_SECONDS);
  }

  private void receive(JsonObject message) {
    String node = message.getString(NODE);
    if (message.getBoolean(LEAVES, false)) {
      received.remove(node);
    } else {
      received.put(
          node,
          new Heartbeat(message.getString(NAME), message.getJsonObject(STATS), System.nanoTime()));
    }
  }

  private record Heartbeat(String name, JsonObject stats, long receivedNanos) {
    double ageSeconds() {
      return (System.nanoTime() - receivedNanos) / 1e9;
    }
  }
}
