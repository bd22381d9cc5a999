package io.tidings;

import io.tidings.bus.Intake;
import io.tidings.bus.Live;
import io.tidings.cluster.Cluster;
import io.tidings.fanout.Roll;
import io.tidings.http.HubVerticle;
import io.tidings.http.Readiness;
import io.tidings.log.DiskLog;
import io.tidings.log.EventLog;
import io.tidings.metrics.Metrics;
import io.tidings.producer.ProducerVerticle;
import io.tidings.settings.Settings;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** The hub as a whole: a log, the event loops that serve from it, and a producer. Any thread. */
public final class Hub {
  private final Vertx vertx;
  private final Settings settings;
  private final EventLog log;
  private final Optional<Cluster> cluster;
  private final Roll roll = new Roll();
  private final Readiness readiness = new Readiness();
  private final Metrics metrics;
  private final List<HubVerticle> loops = new CopyOnWriteArrayList<>();
  private final List<String> deployments = new CopyOnWriteArrayList<>();

  private Hub(
      Vertx vertx, Settings settings, EventLog log, Optional<Cluster> cluster, Metrics metrics) {
    this.cluster = cluster;
    this.vertx = vertx;
    this.settings = settings;
    this.log = log;
    this.metrics = metrics;
  }

  /**
   * Starts a hub.
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

  /** Ends the producer and every stream, and closes the log. */
  public Future<Void> stop() {
    readiness.draining();
    List<Future<Void>> undeployed = deployments.stream().map(vertx::undeploy).toList();
    return Future.join(undeployed)
        .eventually(log::close)
        .eventually(() -> cluster.map(Cluster::leave).orElse(Future.succeededFuture()))
        .mapEmpty();
  }

  private Future<Void> start() {
    Live.feed(vertx, log, metrics);
    metrics.streams(roll::streams);
    log.onState(readiness::log);
    return new Intake(log, settings.limits())
        .listen(vertx)
        .compose(listening -> deployLoops())
        .onSuccess(deployed -> readiness.listening())
        .compose(ready -> deployProducer());
  }

  private Future<Void> deployLoops() {
    var options = new DeploymentOptions().setInstances(Machine.loops(settings.http()));
    return vertx.deployVerticle(this::loop, options).onSuccess(deployments::add).mapEmpty();
  }

  private HubVerticle loop() {
    var loop = new HubVerticle(settings, log, roll, readiness, metrics);
    loops.add(loop);
    return loop;
  }

  private Future<Void> deployProducer() {
    return vertx
        .deployVerticle(
            new ProducerVerticle(settings.producer(), System.in, InstantSource.system()))
        .onSuccess(deployments::add)
        .mapEmpty();
  }
}
