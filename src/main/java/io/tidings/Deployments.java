package io.tidings;

import io.tidings.bus.Checkpoints;
import io.tidings.bus.Intake;
import io.tidings.bus.RelayIn;
import io.tidings.bus.RelayOut;
import io.tidings.cluster.Cluster;
import io.tidings.cluster.Cluster.Duty;
import io.tidings.dashboard.StatsFeed;
import io.tidings.dashboard.StatsVerticle;
import io.tidings.fanout.SubscriptionCounts;
import io.tidings.http.HubVerticle;
import io.tidings.log.EventLog;
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
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The verticles of a hub, deployed as the settings want them. Each method completes when its
 * verticles work. Any thread.
 */
final class Deployments {
  private final Vertx vertx;
  private final Settings settings;
  private final Optional<Cluster> cluster;
  private final List<String> deployments = new CopyOnWriteArrayList<>();

  Deployments(Vertx vertx, Settings settings, Optional<Cluster> cluster) {
    this.vertx = vertx;
    this.settings = settings;
    this.cluster = cluster;
  }

  /** Those who serve clients, one on each event loop. */
  Future<Void> serve(Supplier<HubVerticle> loop) {
    var options = new DeploymentOptions().setInstances(VertxInstance.loops(settings.http()));
    return vertx.deployVerticle(loop, options).onSuccess(deployments::add).mapEmpty();
  }

  /**
   * The ways to and from the event bus.
   *
   * @throws InvalidSetting where an address is none for them
   */
  Future<Void> relay(EventLog log, Intake intake) {
    Checkpoints checkpoints = cluster.map(Cluster::checkpoints).orElseGet(Checkpoints::ofOneNode);
    var relays = new ArrayList<Supplier<Deployable>>();
    for (BusSettings.Relay relay : settings.bus().out()) {
      checkAddress(relay);
      relays.add(() -> new RelayOut(relay, log, checkpoints, leads(cluster, Duty.HUB)));
    }
    for (BusSettings.Relay relay : settings.bus().in()) {
      checkAddress(relay);
      relays.add(() -> new RelayIn(relay, intake, leads(cluster, Duty.HUB)));
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
          "bus.address", relay.address(), "must not begin with tidings., which is the hub's own");
    }
    boolean out = settings.bus().out().stream().anyMatch(way -> same(way, relay));
    boolean in = settings.bus().in().stream().anyMatch(way -> same(way, relay));
    if (out && in) {
      throw InvalidSetting.of(
          "bus.address", relay.address(), "must not lead out and in again, for ever");
    }
  }

  private static boolean same(BusSettings.Relay one, BusSettings.Relay other) {
    return one.address().equals(other.address());
  }

  /** The one that collects the figures, where they are wanted. */
  Future<Void> watch(Optional<StatsFeed> feed, Supplier<JsonObject> nodes) {
    return feed.map(to -> deploy(() -> new StatsVerticle(to, nodes, InstantSource.system())))
        .orElseGet(Future::succeededFuture);
  }

  /** The one that makes what the example pages show. */
  Future<Void> play(SubscriptionCounts roll) {
    String node = cluster.map(Cluster::name).orElse("alone");
    BooleanSupplier leads = leads(cluster, Duty.HUB);
    return settings.scenes()
        ? deploy(() -> new ScenesVerticle(node, topic -> roll.naming(topic) > 0, leads))
        : Future.succeededFuture();
  }

  /** The one that tells the time, and what is typed. */
  Future<Void> produce() {
    return settings.role().producer()
        ? deploy(() -> producer(settings, cluster))
        : Future.succeededFuture();
  }

  /** A producer, for a hub or alone. */
  static ProducerVerticle producer(Settings settings, Optional<Cluster> cluster) {
    return new ProducerVerticle(
        settings.producer(), System.in, InstantSource.system(), leads(cluster, Duty.PRODUCER));
  }

  /** Undeploys all of them; completes when they have ended what they did. */
  Future<Void> stop() {
    return Future.join(deployments.stream().map(vertx::undeploy).toList()).mapEmpty();
  }

  private Future<Void> deploy(Supplier<? extends Deployable> verticle) {
    return vertx
        .deployVerticle(verticle::get, new DeploymentOptions())
        .onSuccess(deployments::add)
        .mapEmpty();
  }

  private static BooleanSupplier leads(Optional<Cluster> cluster, Duty duty) {
    return cluster.<BooleanSupplier>map(joined -> () -> joined.leads(duty)).orElse(() -> true);
  }
}
