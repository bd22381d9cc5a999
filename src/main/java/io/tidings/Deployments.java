package io.tidings;

import io.tidings.bus.Checkpoints;
import io.tidings.bus.Intake;
import io.tidings.bus.LiveFeed;
import io.tidings.bus.Publisher;
import io.tidings.bus.RelayIn;
import io.tidings.bus.RelayOut;
import io.tidings.cluster.Duties;
import io.tidings.dashboard.StatsFeed;
import io.tidings.dashboard.StatsVerticle;
import io.tidings.fanout.SubscriptionCounts;
import io.tidings.http.HubVerticle;
import io.tidings.http.RedirectVerticle;
import io.tidings.log.EventLog;
import io.tidings.presence.Presence;
import io.tidings.presence.PresenceVerticle;
import io.tidings.producer.ProducerVerticle;
import io.tidings.scenes.ScenesVerticle;
import io.tidings.settings.BusSettings;
import io.tidings.settings.InvalidSetting;
import io.tidings.settings.Settings;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Deploys the verticles of a hub according to the settings. The future of each method completes
 * when its verticles have started. Any thread.
 */
final class Deployments {
  private final Vertx vertx;
  private final Settings settings;
  private final Duties duties;
  private final List<String> ids = new CopyOnWriteArrayList<>();

  Deployments(Vertx vertx, Settings settings, Duties duties) {
    this.vertx = vertx;
    this.settings = settings;
    this.duties = duties;
  }

  /** Deploys the HTTP server, one instance per event loop. */
  Future<Void> deployServers(Supplier<HubVerticle> loop) {
    var options = new DeploymentOptions().setInstances(VertxInstance.loops(settings.http()));
    return vertx.deployVerticle(loop, options).onSuccess(ids::add).mapEmpty();
  }

  /** Deploys the event loop of presence, if the hub knows it of any topic. */
  Future<Void> deployPresence(Optional<Presence> presence) {
    return presence
        .map(known -> deploy(() -> new PresenceVerticle(known)))
        .orElseGet(Future::succeededFuture);
  }

  /** Deploys the plain port that redirects to the one with TLS. */
  Future<Void> deployRedirect(RedirectVerticle redirect) {
    return deploy(() -> redirect);
  }

  /**
   * Deploys the relays between topics and event-bus addresses.
   *
   * @param checkpoints up to where outbound relays have published
   * @throws InvalidSetting if an address can't be relayed
   */
  Future<Void> deployRelays(EventLog log, LiveFeed feed, Intake intake, Checkpoints checkpoints) {
    var relays = new ArrayList<Supplier<Deployable>>();
    for (BusSettings.Relay relay : settings.bus().out()) {
      checkAddress(relay);
      relays.add(() -> new RelayOut(relay, log, feed, checkpoints, duties::ofHub));
    }
    for (BusSettings.Relay relay : settings.bus().in()) {
      checkAddress(relay);
      relays.add(() -> new RelayIn(relay, intake, feed, duties::ofHub));
    }
    Future<Void> deployed = Future.succeededFuture();
    for (Supplier<Deployable> relay : relays) {
      deployed = deployed.compose(before -> deploy(relay));
    }
    return deployed;
  }

  private void checkAddress(BusSettings.Relay relay) {
    if (relay.address().startsWith("tidings.")) {
      throw InvalidSetting.of(
          "bus.address", relay.address(), "must not begin with tidings., which is reserved");
    }
    boolean out = settings.bus().out().stream().anyMatch(other -> same(other, relay));
    boolean in = settings.bus().in().stream().anyMatch(other -> same(other, relay));
    if (out && in) {
      throw InvalidSetting.of(
          "bus.address",
          relay.address(),
          "must not be in both bus.out and bus.in, which would loop");
    }
  }

  private static boolean same(BusSettings.Relay one, BusSettings.Relay other) {
    return one.address().equals(other.address());
  }

  /** Deploys the collector of statistics, if there is a feed for them. */
  Future<Void> deployStats(Optional<StatsFeed> feed, LiveFeed entries, Supplier<JsonObject> nodes) {
    return feed.map(
            to ->
                deploy(
                    () ->
                        new StatsVerticle(
                            to, entries, nodes, InstantSource.system(), System::nanoTime)))
        .orElseGet(Future::succeededFuture);
  }

  /**
   * Deploys what serves the example pages, if enabled.
   *
   * @param node this node's name
   */
  Future<Void> deployScenes(
      LiveFeed feed, EventLog log, SubscriptionCounts subscriptions, String node) {
    return settings.scenes()
        ? deploy(
            () ->
                new ScenesVerticle(
                    feed, log, node, topic -> subscriptions.naming(topic) > 0, duties::ofHub))
        : Future.succeededFuture();
  }

  /** Deploys the producer, if this process has that role. */
  Future<Void> deployProducer() {
    return settings.role().producer()
        ? deploy(() -> producer(settings, duties, Publisher::toLocalHub))
        : Future.succeededFuture();
  }

  /**
   * Creates a producer, for a hub or for a process without one.
   *
   * @param publishers makes its publisher
   */
  static ProducerVerticle producer(
      Settings settings, Duties duties, Function<Vertx, Publisher> publishers) {
    return new ProducerVerticle(
        settings.producer(), System.in, InstantSource.system(), duties::ofProducer, publishers);
  }

  /** Undeploys all verticles; completes when they have stopped. */
  Future<Void> stop() {
    return Future.join(ids.stream().map(this::undeploy).toList()).mapEmpty();
  }

  /** One may be undeployed already, with the verticle of the application that opened the hub. */
  private Future<Void> undeploy(String id) {
    return vertx.deploymentIDs().contains(id) ? vertx.undeploy(id) : Future.succeededFuture();
  }

  private Future<Void> deploy(Supplier<? extends Deployable> verticle) {
    return vertx
        .deployVerticle(verticle::get, new DeploymentOptions())
        .onSuccess(ids::add)
        .mapEmpty();
  }
}
