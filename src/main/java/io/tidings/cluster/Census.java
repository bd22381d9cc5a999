package io.tidings.cluster;

import io.tidings.bus.Registration;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What every node tells of itself, once a second, to all. Any thread. */
public final class Census {
  private static final String ADDRESS = "tidings.census";
  private static final long EVERY_MILLIS = 1_000;

  private final Cluster cluster;
  private final Vertx vertx;
  private final Supplier<JsonObject> self;
  private final Map<String, Told> told = new ConcurrentHashMap<>();
  private MessageConsumer<JsonObject> consumer;
  private long timer;

  /**
   * @param self what this node tells
   */
  public Census(Cluster cluster, Vertx vertx, Supplier<JsonObject> self) {
    this.cluster = cluster;
    this.vertx = vertx;
    this.self = self;
  }

  /** Tells and hears from now on. */
  public Future<Void> start() {
    return Registration.<JsonObject>of(vertx, ADDRESS, message -> hear(message.body()))
        .map(
            hears -> {
              consumer = hears;
              timer = vertx.setPeriodic(EVERY_MILLIS, tick -> tell());
              tell();
              return null;
            });
  }

  public Future<Void> stop() {
    vertx.cancelTimer(timer);
    return consumer == null ? Future.succeededFuture() : consumer.unregister();
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
        one.mergeIn(last.figures);
        one.put("heardSeconds", (System.nanoTime() - last.nanos) / 1e9);
      }
      nodes.add(one.put("here", node.here()));
    }
    return nodes;
  }

  private void tell() {
    JsonObject message = new JsonObject().put("node", cluster.id()).put("figures", self.get());
    vertx.eventBus().publish(ADDRESS, message);
    told.values().removeIf(last -> System.nanoTime() - last.nanos > TimeUnit.MINUTES.toNanos(1));
  }

  private void hear(JsonObject message) {
    told.put(
        message.getString("node"), new Told(message.getJsonObject("figures"), System.nanoTime()));
  }

  private record Told(JsonObject figures, long nanos) {}
}
