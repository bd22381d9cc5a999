package io.tidings;

import io.tidings.bus.Bookmarks;
import io.tidings.bus.Intake;
import io.tidings.bus.Live;
import io.tidings.bus.RelayIn;
import io.tidings.bus.RelayOut;
import io.tidings.cluster.Census;
import io.tidings.cluster.Cluster;
import io.tidings.cluster.Cluster.Duty;
import io.tidings.dashboard.StatsVerticle;
import io.tidings.fanout.Roll;
import io.tidings.http.HubVerticle;
import io.tidings.http.Readiness;
import io.tidings.http.Standing;
import io.tidings.log.DiskLog;
import io.tidings.log.EventLog;
import io.tidings.metrics.Metrics;
import io.tidings.producer.ProducerVerticle;
import io.tidings.scenes.ScenesVerticle;
import io.tidings.settings.InvalidSetting;
import io.tidings.settings.Settings;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The hub as a whole: a log, the event loops that serve from it, relays to and from the event bus,
 * and a producer. Any thread.
 */
public final class Hub {
  private final Vertx vertx;
  private final Settings settings;
  private final EventLog log;
  private final Optional<Cluster> cluster;
  private final Optional<Census> census;
  private final Metrics metrics;
  private final Figures figures;
  private final Roll roll = new Roll();
  private final Readiness readiness = new Readiness();
  private final List<HubVerticle> loops = new CopyOnWriteArrayList<>();
  private final List<String> deployments = new CopyOnWriteArrayList<>();

  private Hub(
      Vertx vertx, Settings settings, EventLog log, Optional<Cluster> cluster, Metrics metrics) {
    this.vertx = vertx;
    this.settings = settings;
    this.log = log;
    this.cluster = cluster;
    this.census = cluster.map(joined -> new Census(joined, vertx, this::figures));
    this.metrics = metrics;
    String logKind = Logs.kind(settings).name().toLowerCase(Locale.ROOT);
    this.figures = new Figures(log, logKind, roll, readiness, metrics);
  }

  /**
   * Starts a hub that is alone.
   *
   * @param vertx whose event loops it uses; stays the caller's
   * @return the hub, when it serves; fails where it can't listen
   */
  public static Future<Hub> start(Vertx vertx, Settings settings) {
    return start(vertx, settings, Optional.empty());
  }

  /**
   * Starts a hub that is a node of a cluster, where there is one.
   *
   * @param cluster that was joined
   */
  public static Future<Hub> start(Vertx vertx, Settings settings, Optional<Cluster> cluster) {
    var metrics = new Metrics();
    return Logs.open(vertx, settings, cluster, metrics)
        .compose(
            log -> {
              var hub = new Hub(vertx, settings, log, cluster, metrics);
              return hub.start().map(hub).recover(failure -> hub.failed(failure));
            });
  }

  /** Gives back what a hub holds that can't start. */
  private Future<Hub> failed(Throwable failure) {
    return log.close().transform(closed -> Future.failedFuture(failure));
  }

  /** The port that it listens on. */
  public int port() {
    return loops.get(0).port();
  }

  /** What the log has, in one line, as it was found at the start. */
  public String report() {
    return log instanceof DiskLog disk ? disk.report() : Logs.report(settings);
  }

  /** The number of open streams. */
  public int streams() {
    return roll.streams();
  }

  /** Ends relays, the producer and every stream, closes the log, and leaves the cluster. */
  public Future<Void> stop() {
    readiness.draining();
    List<Future<Void>> undeployed = deployments.stream().map(vertx::undeploy).toList();
    return Future.join(undeployed)
        .eventually(() -> census.map(Census::stop).orElse(Future.succeededFuture()))
        .eventually(log::close)
        .eventually(() -> cluster.map(Cluster::leave).orElse(Future.succeededFuture()))
        .mapEmpty();
  }

  private Future<Void> start() {
    Live.feed(vertx, log, metrics);
    metrics.ready(readiness::ready);
    metrics.streams(roll::streams);
    cluster.ifPresent(joined -> metrics.cluster(() -> joined.nodes().size(), log::behindMillis));
    log.onState(readiness::log);
    var intake = new Intake(log, settings.limits());
    return census
        .map(Census::start)
        .orElse(Future.succeededFuture())
        .compose(told -> intake.listen(vertx))
        .compose(listening -> deployLoops())
        .compose(deployed -> deployRelays(intake))
        .compose(relays -> settings.stats() ? deployStats() : Future.succeededFuture())
        .compose(stats -> settings.scenes() ? deployScenes() : Future.succeededFuture())
        .compose(scenes -> settings.role().producer() ? deployProducer() : Future.succeededFuture())
        .onSuccess(deployed -> readiness.listening());
  }

  private Future<Void> deployLoops() {
    var options = new DeploymentOptions().setInstances(Machine.loops(settings.http()));
    return vertx.deployVerticle(this::loop, options).onSuccess(deployments::add).mapEmpty();
  }

  private HubVerticle loop() {
    var standing = new Standing(readiness, roll, metrics, this::nodes);
    var loop = new HubVerticle(settings, log, standing);
    loops.add(loop);
    return loop;
  }

  private Future<Void> deployRelays(Intake intake) {
    Bookmarks bookmarks = cluster.map(Cluster::bookmarks).orElseGet(Bookmarks::ofOneNode);
    var relays = new ArrayList<Supplier<Deployable>>();
    for (Settings.Bus.Relay relay : settings.bus().out()) {
      checkAddress(relay);
      relays.add(() -> new RelayOut(relay, log, bookmarks, leads(cluster, Duty.HUB)));
    }
    for (Settings.Bus.Relay relay : settings.bus().in()) {
      checkAddress(relay);
      relays.add(() -> new RelayIn(relay, intake, leads(cluster, Duty.HUB)));
    }
    Future<Void> deployed = Future.succeededFuture();
    for (Supplier<Deployable> relay : relays) {
      deployed = deployed.compose(before -> deploy(relay));
    }
    return deployed;
  }

  private void checkAddress(Settings.Bus.Relay relay) {
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

  private static boolean same(Settings.Bus.Relay one, Settings.Bus.Relay other) {
    return one.address().equals(other.address());
  }

  private Future<Void> deployStats() {
    return deploy(
        () ->
            new StatsVerticle(
                log,
                clusterName(),
                this::everyNode,
                leads(cluster, Duty.HUB),
                InstantSource.system()));
  }

  private Future<Void> deployProducer() {
    return deploy(() -> producer(settings, cluster));
  }

  private Future<Void> deploy(Supplier<? extends Deployable> verticle) {
    return vertx
        .deployVerticle(verticle::get, new DeploymentOptions())
        .onSuccess(deployments::add)
        .mapEmpty();
  }

  private Future<Void> deployScenes() {
    String node = cluster.map(Cluster::name).orElse("alone");
    return deploy(
        () -> new ScenesVerticle(node, topic -> roll.naming(topic) > 0, leads(cluster, Duty.HUB)));
  }

  /** A producer, for a hub or alone. */
  static ProducerVerticle producer(Settings settings, Optional<Cluster> cluster) {
    return new ProducerVerticle(
        settings.producer(), System.in, InstantSource.system(), leads(cluster, Duty.PRODUCER));
  }

  private static BooleanSupplier leads(Optional<Cluster> cluster, Duty duty) {
    return cluster.<BooleanSupplier>map(joined -> () -> joined.leads(duty)).orElse(() -> true);
  }

  /** What this node tells of itself. */
  private JsonObject figures() {
    String address = settings.http().host() + ":" + (loops.isEmpty() ? 0 : port());
    return figures.now().put("http", address);
  }

  /** All nodes, as {@code /cluster} tells of them. */
  private JsonObject nodes() {
    return new JsonObject()
        .put("cluster", clusterName())
        .put("quorum", cluster.map(Cluster::enough).orElse(true))
        .put("nodes", everyNode());
  }

  /** Null where there is none. */
  private String clusterName() {
    return cluster.map(joined -> settings.cluster().name()).orElse(null);
  }

  private JsonArray everyNode() {
    return census
        .map(Census::nodes)
        .orElseGet(() -> new JsonArray().add(figures().put("name", "alone").put("here", true)));
  }
}
