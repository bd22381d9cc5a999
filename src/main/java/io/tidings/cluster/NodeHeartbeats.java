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

/** What every node tells of itself, once a second, to all. Any thread. */
public final class NodeHeartbeats {
  private static final String ADDRESS = "tidings.census";
  private static final String NODE = "node";
  private static final String NAME = "name";
  private static final String FIGURES = "figures";
  private static final String ENDS = "ends";
  private static final long EVERY_MILLIS = 1_000;

  /** For how long a node that is gone is told of. */
  private static final long MISSED_SECONDS = 600;

  private final Cluster cluster;
  private final Vertx vertx;
  private final Supplier<JsonObject> self;
  private final Map<String, Told> told = new ConcurrentHashMap<>();
  private MessageConsumer<JsonObject> consumer;
  private long timer;

  /**
   * @param self what this node tells
   */
  public NodeHeartbeats(Cluster cluster, Vertx vertx, Supplier<JsonObject> self) {
    this.cluster = cluster;
    this.vertx = vertx;
    this.self = self;
  }

  /** Tells and hears from now on. */
  public Future<Void> start() {
    return ConsumerRegistration.<JsonObject>of(vertx, ADDRESS, message -> hear(message.body()))
        .map(
            hears -> {
              consumer = hears;
              timer = vertx.setPeriodic(EVERY_MILLIS, tick -> tell());
              tell();
              return null;
            });
  }

  /** Says goodbye, so that this node is not missed, and hears no more. */
  public Future<Void> stop() {
    if (consumer == null) {
      return Future.succeededFuture(); // it did not start: timer 0 is somebody else's
    }
    vertx.cancelTimer(timer);
    vertx.eventBus().publish(ADDRESS, new JsonObject().put(NODE, cluster.id()).put(ENDS, true));
    return consumer.unregister();
  }

  /** The nodes that there are, the oldest first, each with what it told last. */
  public JsonArray nodes() {
    var nodes = new JsonArray();
    for (Cluster.Node node : cluster.nodes()) {
      Told last = told.get(node.id());
      JsonObject one = new JsonObject().put("name", node.name()).put("address", node.address());
      if (node.here()) {
        one.mergeIn(self.get());
      } else if (last != null) {
        one.mergeIn(last.figures).put("heardSeconds", last.seconds());
      }
      nodes.add(one.put("hub", node.hub()).put("here", node.here()));
    }
    return nodes;
  }

  /** Hubs that were there lately, and are gone without a goodbye. */
  public JsonArray gone() {
    Set<String> there = new HashSet<>();
    for (Cluster.Node node : cluster.nodes()) {
      there.add(node.id());
      there.add(node.name()); // it is back
    }
    var gone = new JsonArray();
    told.forEach(
        (id, last) -> {
          if (!there.contains(id) && !there.contains(last.name)) {
            gone.add(new JsonObject().put("name", last.name).put("heardSeconds", last.seconds()));
          }
        });
    return gone;
  }

  private void tell() {
    String name = cluster.name();
    var message = new JsonObject().put(NODE, cluster.id()).put(NAME, name).put(FIGURES, self.get());
    vertx.eventBus().publish(ADDRESS, message);
    told.values().removeIf(last -> last.seconds() > MISSED_SECONDS);
  }

  private void hear(JsonObject message) {
    String node = message.getString(NODE);
    if (message.getBoolean(ENDS, false)) {
      told.remove(node);
    } else {
      told.put(
          node,
          new Told(message.getString(NAME), message.getJsonObject(FIGURES), System.nanoTime()));
    }
  }

  private record Told(String name, JsonObject figures, long nanos) {
    double seconds() {
      return (System.nanoTime() - nanos) / 1e9;
    }
  }
}
