package io.tidings;

import io.tidings.access.ClientGuard;
import io.tidings.auth.Authenticator;
import io.tidings.auth.TokenSigner;
import io.tidings.bus.Admission;
import io.tidings.bus.BusPrincipals;
import io.tidings.bus.Checkpoints;
import io.tidings.bus.Intake;
import io.tidings.bus.LiveFeed;
import io.tidings.bus.PublishRequests;
import io.tidings.cluster.Duties;
import io.tidings.cluster.HazelcastBus;
import io.tidings.cluster.ReplicatedCheckpoints;
import io.tidings.dashboard.StatsFeed;
import io.tidings.fanout.OpenStreams;
import io.tidings.fanout.SubscriptionCounts;
import io.tidings.http.HubParts;
import io.tidings.http.HubStatus;
import io.tidings.http.HubVerticle;
import io.tidings.http.NodeAnswers;
import io.tidings.http.Readiness;
import io.tidings.http.RevocationGate;
import io.tidings.http.RevocationLog;
import io.tidings.http.StreamRoute;
import io.tidings.log.EventLog;
import io.tidings.log.raft.SettingsInForce;
import io.tidings.memory.MemoryBudget;
import io.tidings.metrics.Metrics;
import io.tidings.presence.Presence;
import io.tidings.presence.PresenceTopics;
import io.tidings.settings.AuthSettings;
import io.tidings.settings.BusSettings;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A running node of a hub: it opens the log, deploys the verticles that use it, and releases both
 * in reverse order. Any thread.
 */
public final class HubNode {
  private static final System.Logger LOG = System.getLogger(HubNode.class.getName());

  /** Whose servers accept its requests. */
  private enum Place {
    OWN_SERVER,
    APPLICATION
  }

  private final Vertx vertx;
  private final Settings settings;
  private final LogFactory.OpenLog opened;
  private final EventLog log;
  private final LiveFeed feed;
  private final Place place;
  private final Authenticator authenticator;
  private final boolean busTrusted;
  private final ClusterView cluster;
  private final Metrics metrics;
  private final MemoryBudget memory;
  private final ClientGuard guard;
  private final Deployments deployments;
  private final Optional<StatsFeed> stats;
  private final SubscriptionCounts subscriptions = new SubscriptionCounts();
  private final OpenStreams streams = new OpenStreams();
  private final Optional<Presence> presence;
  private final Readiness readiness = new Readiness();
  private final TlsPort tls;
  private final List<HubVerticle> servers = new CopyOnWriteArrayList<>();

  // written during start, read by release
  private volatile Intake intake;
  private volatile PublishRequests publishers;

  private HubNode(
      Vertx vertx,
      Settings settings,
      LogFactory.OpenLog opened,
      Authenticator authenticator,
      Place place,
      Optional<HazelcastBus> bus,
      Metrics metrics,
      MemoryBudget memory) {
    this.vertx = vertx;
    this.settings = settings;
    this.opened = opened;
    this.log = opened.log();
    this.authenticator = authenticator;
    this.feed = LiveFeed.of(log, metrics, memory.batches());
    this.place = place;
    this.busTrusted = Exposure.trustsBus(settings, bus, vertx.isClustered());
    this.metrics = metrics;
    var stats =
        new NodeStats(
            log,
            LogFactory.word(LogFactory.kind(settings)),
            subscriptions,
            readiness,
            metrics,
            InstantSource.system(),
            System::nanoTime);
    this.cluster = new ClusterView(settings, opened, stats, () -> servers.isEmpty() ? 0 : port());
    this.presence =
        settings.presence().topics().isEmpty()
            ? Optional.empty()
            : Optional.of(new Presence(settings.presence(), cluster.nodes()));
    this.memory = memory;
    this.guard = ClientGuard.of(settings, metrics);
    this.tls = new TlsPort(vertx, settings);
    this.stats =
        settings.stats() ? Optional.of(new StatsFeed(InstantSource.system())) : Optional.empty();
    this.deployments = new Deployments(vertx, settings, new Duties(cluster.voters(), bus));
  }

  /**
   * Starts a hub whose event bus is its own.
   *
   * @param vertx owned by the caller
   * @return completes with the hub when it accepts requests; fails if it can't start
   */
  public static Future<HubNode> start(Vertx vertx, Settings settings) {
    return start(vertx, settings, Optional.empty());
  }

  /**
   * Starts a hub.
   *
   * @param bus the event bus that it shares with other processes, if there is one; owned by the
   *     caller
   */
  public static Future<HubNode> start(
      Vertx vertx, Settings configured, Optional<HazelcastBus> bus) {
    return start(vertx, configured, Place.OWN_SERVER, bus);
  }

  /**
   * Starts a hub without a server, a producer, or example pages of its own, in an application.
   *
   * @return fails with {@link io.tidings.settings.InvalidSetting} if settings contradict each other
   */
  static Future<HubNode> embed(Vertx vertx, Settings settings) {
    return start(vertx, settings, Place.APPLICATION, Optional.empty());
  }

  private static Future<HubNode> start(
      Vertx vertx, Settings configured, Place place, Optional<HazelcastBus> bus) {
    var metrics = new Metrics();
    MemoryBudget memory =
        MemoryBudget.of(
            configured.memory().heap(),
            configured.memory().direct(),
            configured.http().tls().enabled()
                ? MemoryBudget.ENCRYPTED_STREAM_BYTES
                : MemoryBudget.STREAM_BYTES);
    Settings settings = configured.withLogMemoryAtMost(memory.window());
    return authenticator(vertx, settings)
        .compose(
            authenticator ->
                open(vertx, settings, place, authenticator, metrics)
                    .compose(
                        log ->
                            Future.succeededFuture(log)
                                .map(
                                    opened ->
                                        new HubNode(
                                            vertx,
                                            settings,
                                            opened,
                                            authenticator,
                                            place,
                                            bus,
                                            metrics,
                                            memory))
                                .recover(e -> close(log, authenticator, e))
                                .compose(HubNode::startOrRelease)));
  }

  /** With {@code auth.secret: create} a hub has its secret from the first start on. */
  private static Future<Authenticator> authenticator(Vertx vertx, Settings settings) {
    AuthSettings auth = settings.auth();
    Path dir = Path.of(settings.log().dir());
    boolean create = auth.secret().equals(AuthSettings.CREATE) && !LogFactory.isShared(settings);
    Future<?> secret =
        create ? vertx.executeBlocking(() -> TokenSigner.of(auth, dir)) : Future.succeededFuture();
    return secret.compose(created -> Authenticator.create(vertx, auth, dir));
  }

  private static <T> Future<T> close(
      LogFactory.OpenLog log, Authenticator authenticator, Throwable failure) {
    return log.close()
        .eventually(authenticator::close)
        .transform(closed -> Future.failedFuture(failure));
  }

  /** Opens the log, unless strangers could reach a hub that nobody has keys for. */
  private static Future<LogFactory.OpenLog> open(
      Vertx vertx, Settings settings, Place place, Authenticator authenticator, Metrics metrics) {
    return Future.succeededFuture()
        .compose(
            created -> {
              OptionalLibrary.check(settings);
              if (place == Place.OWN_SERVER) {
                Exposure.check(settings, authenticator);
              }
              new PresenceTopics(settings.presence()); // before anything has to be released
              return LogFactory.open(vertx, settings, metrics);
            })
        .recover(e -> authenticator.close().transform(closed -> Future.failedFuture(e)));
  }

  private Future<HubNode> startOrRelease() {
    return Future.succeededFuture()
        .compose(opened -> start()) // so that an exception fails the future
        .map(this)
        .recover(this::failed);
  }

  /** Releases the resources of a hub that failed to start. */
  private Future<HubNode> failed(Throwable failure) {
    return release()
        .onFailure(
            e ->
                LOG.log(
                    System.Logger.Level.WARNING,
                    "resources were not released after a failed start",
                    e))
        .transform(released -> Future.failedFuture(failure));
  }

  /** The port on which it accepts connections. */
  public int port() {
    return servers.get(0).port();
  }

  /** TLS on that port. */
  TlsPort tls() {
    return tls;
  }

  /** One line about the log, as it was when it was opened. */
  public String report() {
    return log.report().isEmpty() ? LogFactory.report(settings) : log.report();
  }

  /** One line about the cluster, if this hub is a node of one. */
  public Optional<String> cluster() {
    return cluster.report();
  }

  /** The number of open streams. */
  public int streams() {
    return subscriptions.streams();
  }

  /** The memory budget of this hub. */
  public MemoryBudget memory() {
    return memory;
  }

  /** Undeploys all verticles, which closes every stream, and closes the log. */
  public Future<Void> stop() {
    readiness.draining();
    return release();
  }

  /** Releases whatever has been acquired, also after an incomplete start. */
  private Future<Void> release() {
    return Future.succeededFuture()
        .compose(begin -> deployments.stop()) // an event loop that has ended throws
        .eventually(this::releasePublishers)
        .eventually(
            () -> {
              cluster.stop();
              tls.stop();
              return opened.close();
            })
        .eventually(
            () -> {
              metrics.close();
              return authenticator.close();
            });
  }

  private Future<Void> releasePublishers() {
    return publishers == null ? Future.succeededFuture() : publishers.stop();
  }

  private Future<Void> start() {
    EventLoopMonitor.watch(vertx, readiness::loopEnded);
    registerMemoryMetrics();
    metrics.build(Version.TEXT);
    metrics.ready(readiness::ready);
    metrics.stopping(readiness::isDraining);
    metrics.streams(subscriptions::streams);
    if (LogFactory.isShared(settings)) {
      metrics.sharedLog(log::behindMillis);
    }
    log.onState(readiness::log);
    followRevocations();
    intake =
        new Intake(
            log,
            SettingsInForce.limits(cluster.voters(), settings.limits()),
            new Admission(
                vertx,
                memory.queues(),
                memory::acceptsPublications,
                memory.refusals(),
                settings.log().patience()));
    Checkpoints checkpoints =
        cluster
            .voters()
            .<Checkpoints>map(ReplicatedCheckpoints::new)
            .orElseGet(Checkpoints::ofOneNode);
    cluster.start(vertx, metrics, readiness);
    publishers = new PublishRequests(vertx, intake, guard);
    StreamRoute.answer(cluster.nodes(), streams);
    NodeAnswers.register(cluster.nodes(), streams, guard);
    return (place == Place.OWN_SERVER ? serveOwnVerticles() : Future.<Void>succeededFuture())
        .compose(own -> servePublishers())
        .compose(listening -> deployments.deployPresence(presence))
        .onSuccess(known -> presence.ifPresent(streams::listen))
        .compose(known -> place == Place.OWN_SERVER ? listen() : Future.succeededFuture())
        .compose(serving -> deployments.deployRelays(log, feed, intake, checkpoints))
        .compose(relays -> deployments.deployStats(stats, feed, cluster::status))
        .compose(
            watching -> place == Place.OWN_SERVER ? deployOwn() : Future.<Void>succeededFuture())
        .onSuccess(all -> readiness.listening());
  }

  private Future<Void> serveOwnVerticles() {
    return tls.open().compose(opened -> publishers.serveOwn());
  }

  private Future<Void> listen() {
    return deployments
        .deployServers(this::server)
        .compose(serving -> tls.follow(servers.get(0), deployments, metrics));
  }

  private Future<Void> deployOwn() {
    return deployments
        .deployScenes(feed, log, subscriptions, cluster.name())
        .compose(scenes -> deployments.deployProducer());
  }

  /** Before the first request: what was revoked is known when a token is shown. */
  private void followRevocations() {
    var gate =
        new RevocationGate(
            cluster.voters().isPresent(),
            settings.auth().isolated(),
            log::behindMillis,
            settings.cluster().isolated());
    log.onState(gate::log);
    authenticator.guard(gate);
    RevocationLog.apply(vertx, log, authenticator, streams);
  }

  private Future<Void> servePublishers() {
    return settings.bus().publish() == BusSettings.Publish.OFF
        ? Future.succeededFuture()
        : publishers.serve(new BusPrincipals(authenticator, busTrusted));
  }

  private void registerMemoryMetrics() {
    metrics.memory("window", log::memoryBytes, () -> settings.log().memory());
    metrics.memory("batches", memory.batches()::used, memory.batches()::limit);
    memory.shares().forEach(share -> metrics.memory(share.name(), share::used, share::limit));
  }

  private HubVerticle server() {
    var server = new HubVerticle(parts(), tls.certificates());
    servers.add(server);
    return server;
  }

  /** What the event loops that serve requests share. */
  HubParts parts() {
    var status =
        new HubStatus(
            readiness,
            subscriptions,
            streams,
            metrics,
            memory,
            guard,
            cluster::status,
            stats,
            cluster.nodes(),
            presence);
    return new HubParts(settings, log, feed, status, authenticator);
  }

  /** The door to the log. */
  Intake intake() {
    return intake;
  }
}
