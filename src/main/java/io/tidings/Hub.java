package io.tidings;

import io.tidings.bus.Admission;
import io.tidings.bus.Intake;
import io.tidings.bus.Live;
import io.tidings.cluster.Cluster;
import io.tidings.cluster.NodeHeartbeats;
import io.tidings.dashboard.StatsFeed;
import io.tidings.fanout.SubscriptionCounts;
import io.tidings.http.HubStatus;
import io.tidings.http.HubVerticle;
import io.tidings.http.Readiness;
import io.tidings.log.EventLog;
import io.tidings.memory.MemoryBudget;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The hub as a whole: a log, the verticles that serve from it, and what it tells of itself. Any
 * thread.
 */
public final class Hub {
  private static final System.Logger LOG = System.getLogger(Hub.class.getName());

  private final Vertx vertx;
  private final Settings settings;
  private final EventLog log;
  private final Optional<Cluster> cluster;
  private final Optional<NodeHeartbeats> census;
  private final Metrics metrics;
  private final MemoryBudget memory;
  private final NodeStats figures;
  private final Deployments crew;
  private final Optional<StatsFeed> stats;
  private final SubscriptionCounts roll = new SubscriptionCounts();
  private final Readiness readiness = new Readiness();
  private final List<HubVerticle> loops = new CopyOnWriteArrayList<>();

  // written by the start, read when it has ended
  private volatile boolean fed;
  private volatile MessageConsumer<JsonObject> publishers;

  private Hub(
      Vertx vertx,
      Settings settings,
      EventLog log,
      Optional<Cluster> cluster,
      Metrics metrics,
      MemoryBudget memory) {
    this.vertx = vertx;
    this.settings = settings;
    this.log = log;
    this.cluster = cluster;
    this.census = cluster.map(joined -> new NodeHeartbeats(joined, vertx, this::figures));
    this.metrics = metrics;
    this.memory = memory;
    this.stats =
        settings.stats() ? Optional.of(new StatsFeed(InstantSource.system())) : Optional.empty();
    this.crew = new Deployments(vertx, settings, cluster);
    String logKind = LogFactory.kind(settings).name().toLowerCase(Locale.ROOT);
    this.figures = new NodeStats(log, logKind, roll, readiness, metrics);
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
  public static Future<Hub> start(Vertx vertx, Settings configured, Optional<Cluster> cluster) {
    var metrics = new Metrics();
    MemoryBudget memory = MemoryBudget.of(configured.memory().heap(), configured.memory().direct());
    Settings settings = configured.withLogMemoryAtMost(memory.window());
    return LogFactory.open(vertx, settings, cluster, metrics)
        .compose(
            log -> {
              var hub = new Hub(vertx, settings, log, cluster, metrics, memory);
              return Future.succeededFuture()
                  .compose(opened -> hub.start()) // what it throws is a failure too
                  .map(hub)
                  .recover(failure -> hub.failed(failure));
            });
  }

  /** Gives back what a hub holds that can't start; the cluster stays its caller's. */
  private Future<Hub> failed(Throwable failure) {
    return release()
        .onFailure(e -> LOG.log(System.Logger.Level.WARNING, "not all could be given back", e))
        .transform(released -> Future.failedFuture(failure));
  }

  /** The port that it listens on. */
  public int port() {
    return loops.get(0).port();
  }

  /** What the log has, in one line, as it was found at the start. */
  public String report() {
    return log.report().isEmpty() ? LogFactory.report(settings) : log.report();
  }

  /** The number of open streams. */
  public int streams() {
    return roll.streams();
  }

  /** The budget of its memory. */
  public MemoryBudget memory() {
    return memory;
  }

  /** Ends relays, the producer and every stream, closes the log, and leaves the cluster. */
  public Future<Void> stop() {
    readiness.draining();
    return release()
        .eventually(() -> cluster.map(Cluster::leave).orElse(Future.succeededFuture()))
        .mapEmpty();
  }

  /** Gives back what it holds of its Vert.x, and the log, however far the start came. */
  private Future<Void> release() {
    return crew.stop()
        .eventually(this::releasePublishers)
        .eventually(() -> census.map(NodeHeartbeats::stop).orElse(Future.succeededFuture()))
        .eventually(log::close)
        .eventually(
            () -> {
              if (fed) {
                Live.end(vertx);
              }
              metrics.close();
              return Future.succeededFuture();
            });
  }

  private Future<Void> releasePublishers() {
    return publishers == null ? Future.succeededFuture() : publishers.unregister();
  }

  private Future<Void> start() {
    Live.feed(vertx, log, metrics, memory.batches());
    fed = true;
    shares();
    metrics.ready(readiness::ready);
    metrics.streams(roll::streams);
    cluster.ifPresent(joined -> metrics.cluster(() -> joined.nodes().size(), log::behindMillis));
    log.onState(readiness::log);
    var intake =
        new Intake(
            log,
            settings.limits(),
            new Admission(
                vertx,
                memory.queues(),
                memory::takesPublications,
                memory.refusals(),
                settings.log().patience()));
    return census
        .map(NodeHeartbeats::start)
        .orElse(Future.succeededFuture())
        .compose(told -> intake.listen(vertx))
        .onSuccess(consumer -> publishers = consumer)
        .compose(listening -> crew.serve(this::loop))
        .compose(serving -> crew.relay(log, intake))
        .compose(relays -> crew.watch(stats, this::nodes))
        .compose(watching -> crew.play(roll))
        .compose(playing -> crew.produce())
        .onSuccess(all -> readiness.listening());
  }

  private void shares() {
    metrics.memory("window", log::memoryBytes, () -> settings.log().memory());
    metrics.memory("batches", memory.batches()::used, memory.batches()::limit);
    memory.shares().forEach(share -> metrics.memory(share.name(), share::used, share::limit));
  }

  private HubVerticle loop() {
    var standing = new HubStatus(readiness, roll, metrics, memory, this::nodes, stats);
    var loop = new HubVerticle(settings, log, standing);
    loops.add(loop);
    return loop;
  }

  /** What this node tells of itself. */
  private JsonObject figures() {
    String address = settings.http().host() + ":" + (loops.isEmpty() ? 0 : port());
    return figures.now().put("http", address);
  }

  /** All nodes, as {@code /cluster} tells of them. */
  private JsonObject nodes() {
    return new JsonObject()
        .put("cluster", cluster.map(joined -> settings.cluster().name()).orElse(null))
        .put("quorum", cluster.map(Cluster::enough).orElse(true))
        .put("nodes", everyNode())
        .put("gone", census.map(NodeHeartbeats::gone).orElseGet(JsonArray::new));
  }

  private JsonArray everyNode() {
    return census
        .map(NodeHeartbeats::nodes)
        .orElseGet(() -> new JsonArray().add(figures().put("name", "alone").put("here", true)));
  }
}
