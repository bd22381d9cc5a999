package io.tidings.dashboard;

import io.tidings.bus.LiveFeed;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Samples the statistics of the hub, or of all nodes of the cluster, once a second, whether or not
 * there are readers, so that the history is complete. Each node does so for its own readers.
 * Confined to its event loop.
 */
public final class StatsVerticle extends VerticleBase {
  private static final long INTERVAL_MILLIS = 1_000;

  private final StatsFeed feed;
  private final LiveFeed entries;
  private final Supplier<JsonObject> nodes;
  private final InstantSource clock;
  private final TopTopics topTopics;
  private LiveFeed.Follower live;
  private boolean counting;
  private long timer;

  /**
   * @param nodes the state of all nodes as known here: {@code {"cluster","nodes","gone"}}; the only
   *     source of other nodes' statistics
   * @param clock the time of the samples
   * @param nanoTime the clock that measures what rates cover, as {@link System#nanoTime}
   */
  public StatsVerticle(
      StatsFeed feed,
      LiveFeed entries,
      Supplier<JsonObject> nodes,
      InstantSource clock,
      LongSupplier nanoTime) {
    this.feed = feed;
    this.entries = entries;
    this.nodes = nodes;
    this.clock = clock;
    this.topTopics = new TopTopics(nanoTime);
  }

  @Override
  public Future<?> start() {
    tick();
    timer = vertx.setPeriodic(INTERVAL_MILLIS, tick -> tick());
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    vertx.cancelTimer(timer);
    stopCounting();
    return Future.succeededFuture();
  }

  private void tick() {
    countTopicsWhileFollowed();
    TopTopics.Counted topics = topTopics.drain(ClusterStats.maxListed());
    feed.add(ClusterStats.of(clock.instant(), nodes.get(), topics));
  }

  private void countTopicsWhileFollowed() {
    if (feed.followed() && !counting) {
      counting = true;
      topTopics.restart();
      live = entries.follow(context, batch -> topTopics.count(batch.list()));
    } else if (!feed.followed() && counting) {
      stopCounting();
    }
  }

  private void stopCounting() {
    if (counting) {
      live.stop();
      counting = false;
    }
  }
}
