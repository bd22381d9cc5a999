package io.tidings.dashboard;

import io.tidings.bus.EntryBatch;
import io.tidings.bus.Live;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;
import java.util.function.Supplier;

/**
 * Takes the figures of the hub, or of all nodes of the cluster, once a second, always: what they
 * were is there when somebody looks. Each node does it for those who look at it. Confined to its
 * event loop.
 */
public final class StatsVerticle extends VerticleBase {
  private static final long EVERY_MILLIS = 1_000;

  private final StatsFeed feed;
  private final Supplier<JsonObject> nodes;
  private final InstantSource clock;
  private final TopTopics busiest = new TopTopics();
  private MessageConsumer<EntryBatch> live;
  private boolean counting;
  private long countsFrom;
  private long timer;

  /**
   * @param nodes what this node knows of all nodes: {@code {"cluster","nodes","gone"}}. The one way
   *     by which other nodes' figures come here, whatever carries them
   */
  public StatsVerticle(StatsFeed feed, Supplier<JsonObject> nodes, InstantSource clock) {
    this.feed = feed;
    this.nodes = nodes;
    this.clock = clock;
  }

  @Override
  public Future<?> start() {
    tick();
    timer = vertx.setPeriodic(EVERY_MILLIS, tick -> tick());
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    vertx.cancelTimer(timer);
    return live == null ? Future.succeededFuture() : live.unregister();
  }

  private void tick() {
    countTopicsWhileSomebodyLooks();
    double seconds = Math.max(0.001, (System.nanoTime() - countsFrom) / 1e9);
    countsFrom = System.nanoTime();
    var topics = busiest.look(ClusterStats.maxListed());
    feed.add(ClusterStats.of(clock.instant(), nodes.get(), topics, seconds));
  }

  private void countTopicsWhileSomebodyLooks() {
    if (feed.followed() && !counting) {
      counting = true;
      countsFrom = System.nanoTime();
      Live.subscribe(vertx, entries -> busiest.count(entries.list()))
          .onSuccess(consumer -> live = consumer);
    } else if (!feed.followed() && live != null) {
      live.unregister();
      live = null;
      counting = false;
    }
  }
}
