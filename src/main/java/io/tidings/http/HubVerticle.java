package io.tidings.http;

import io.tidings.auth.Authenticator;
import io.tidings.bus.Admission;
import io.tidings.bus.EntryBatch;
import io.tidings.bus.Intake;
import io.tidings.bus.LiveFeed;
import io.tidings.dashboard.StatsFeed;
import io.tidings.fanout.Audiences;
import io.tidings.fanout.Clocks;
import io.tidings.log.EventLog;
import io.tidings.log.ExpiringRecord;
import io.tidings.log.LogState;
import io.tidings.log.raft.SettingsInForce;
import io.tidings.memory.MemoryBudget;
import io.tidings.memory.MemoryShare;
import io.tidings.settings.LimitSettings;
import io.tidings.settings.Settings;
import io.tidings.tls.Certificates;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * One event loop of the hub: its streams, its share of the publishers, and the pages. Deployed once
 * per event loop; all instances share one port.
 */
public final class HubVerticle extends VerticleBase {
  private static final Duration MAX_TICK = StatsRoute.TICK;
  private static final Clocks CLOCKS =
      new Clocks(HubVerticle::monotonicMillis, InstantSource.system());
  private static final Duration MIN_TICK = Duration.ofMillis(10);

  /** How long responses may take to end before the server closes their connections. */
  private static final Duration SHUTDOWN_TIMEOUT = Duration.ofSeconds(1);

  private final Settings settings;
  private final EventLog log;
  private final HubStatus hubStatus;
  private final TrustedProxies proxies;
  private final AllowedOrigins origins;
  private final SessionCookie cookie;
  private final Authenticator authenticator;
  private final AccessControl access;
  private final TicketRoute.Parts tickets;

  /** Those of the cluster, which may change, or of the settings. */
  private final Supplier<LimitSettings> limits;

  private final Optional<Certificates> certificates;

  private Audiences audiences;
  private Optional<StatsRoute> stats;
  private ProbeRoute probes;
  private MessageConsumer<EntryBatch> entries;
  private HttpServer server;
  private long tickTimer;

  /** A verticle without TLS. */
  HubVerticle(Settings settings, EventLog log, HubStatus hubStatus, Authenticator authenticator) {
    this(settings, log, hubStatus, authenticator, Optional.empty());
  }

  /**
   * @param log the log that all instances read and append to
   * @param hubStatus shared by all instances
   * @param authenticator shared by all instances
   * @param certificates with which the server starts; empty without TLS
   */
  public HubVerticle(
      Settings settings,
      EventLog log,
      HubStatus hubStatus,
      Authenticator authenticator,
      Optional<Certificates> certificates) {
    this.settings = settings;
    this.log = log;
    this.hubStatus = hubStatus;
    this.authenticator = authenticator;
    this.certificates = certificates;
    this.proxies = new TrustedProxies(settings.http().proxies());
    this.origins = new AllowedOrigins(settings.cors(), proxies);
    this.cookie = new SessionCookie(settings.auth().cookie(), proxies);
    this.limits = SettingsInForce.limits(hubStatus.nodes().voters(), settings.limits());
    this.tickets =
        new TicketRoute.Parts(
            authenticator.tickets(this::first), new BrowserCookie(proxies), limits);
    var ticketCheck = new TicketCheck(tickets.tickets(), origins, tickets.cookie());
    this.access =
        new AccessControl(
            new RequestPrincipals(authenticator, cookie, ticketCheck), hubStatus.guard(), proxies);
  }

  /** What the log knows about tickets. Any thread. */
  private Future<String> first(String kind, String key, String value, Instant until) {
    return log.records()
        .putIfAbsent(new ExpiringRecord(kind, key, value, until))
        .map(ExpiringRecord::value);
  }

  @Override
  public Future<?> start() {
    audiences =
        new Audiences(
            vertx,
            log,
            settings.stream(),
            hubStatus.subscriptions(),
            hubStatus.streams(),
            hubStatus.metrics(),
            hubStatus.memory(),
            CLOCKS);
    log.onState(this::followState);
    stats = hubStatus.stats().map(this::stats);
    tickTimer = vertx.setPeriodic(tick().toMillis(), tick -> tickAll());
    Handler<HttpServerRequest> routes = routes();
    server =
        vertx
            .createHttpServer(ServerOptions.of(settings, certificates))
            .invalidRequestHandler(Problem::answerMalformed)
            .requestHandler(
                new FailureHandler(
                    StrictTransport.of(
                        settings.http().tls().hsts(),
                        new RequestCounter(
                            hubStatus.guard(),
                            proxies,
                            new RequestCheck(
                                new AllowedHosts(settings.http().hosts(), proxies), routes)))));
    return LiveFeed.subscribe(vertx, audiences::receive)
        .onSuccess(consumer -> entries = consumer)
        .compose(consumer -> server.listen(ServerOptions.address(settings.http())));
  }

  /** The port that the server listens on. */
  public int port() {
    return server.actualPort();
  }

  /**
   * Makes the server use other certificates for new connections: the servers of all instances,
   * which share the listening socket. Any thread.
   */
  public Future<?> use(Certificates others) {
    // forced, since Vert.x would compare the options and not what the files contain
    return server.updateSSLOptions(TlsOptions.of(settings.http().tls(), others), true);
  }

  /**
   * Ends the streams, spread over {@code stream.drain}; the server still accepts requests
   * meanwhile. Then shuts the server down, and closes the connections whose responses do not end in
   * time.
   */
  @Override
  public Future<?> stop() {
    stats.ifPresent(StatsRoute::drain);
    return audiences.drain(settings.stream().drain()).compose(drained -> end());
  }

  /** Called on any thread. A log that is down is closed, and the loop may have ended before it. */
  private void followState(LogState state) {
    if (state != LogState.DOWN) {
      context.runOnContext(changed -> logState(state));
    }
  }

  /**
   * Ends the event streams when the log becomes isolated; the server goes on. Streams of statistics
   * stay, since they are this node's own.
   */
  private void logState(LogState state) {
    if (state == LogState.ISOLATED) {
      audiences.isolate(log.isolatedSince().orElseGet(InstantSource.system()::instant));
    } else {
      audiences.reconnect();
    }
  }

  private Future<?> end() {
    vertx.cancelTimer(tickTimer);
    Future<Void> closed = server.shutdown(SHUTDOWN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    audiences.endAll();
    return Future.all(closed, entries == null ? Future.succeededFuture() : entries.unregister());
  }

  /**
   * Event and statistics streams bypass the router, because they would retain its routing context
   * for their lifetime.
   */
  private Handler<HttpServerRequest> routes() {
    Handler<HttpServerRequest> events = events();
    Router router = router();
    Handler<HttpServerRequest> statistics = stats.isPresent() ? stats.get() : router;
    return request -> {
      if (EventsRoute.matches(request)) {
        events.handle(request);
      } else {
        (StatsRoute.matches(request) ? statistics : router).handle(request);
      }
    };
  }

  private StatsRoute stats(StatsFeed feed) {
    return new StatsRoute(context, settings, origins, feed, hubStatus.metrics(), CLOCKS, access);
  }

  private void tickAll() {
    audiences.tick();
    stats.ifPresent(StatsRoute::tick);
    probes.tick();
    hubStatus.guard().tick();
  }

  private Handler<HttpServerRequest> events() {
    MemoryBudget memory = hubStatus.memory();
    var intake = new Intake(log, limits, admission(memory.queues(), memory::acceptsPublications));
    return new EventsRoute(
        origins,
        new SubscribeRoute(log, audiences, origins, proxies, settings, limits, access),
        new PublishRoute(
            intake,
            new DeliveryReports(hubStatus.subscriptions(), hubStatus.nodes()),
            settings,
            admission(memory.bodies(), memory::acceptsPublications),
            access,
            origins));
  }

  private Admission admission(MemoryShare share, BooleanSupplier open) {
    return new Admission(
        vertx, share, open, hubStatus.memory().refusals(), settings.log().patience());
  }

  private Router router() {
    Router router = Router.router(vertx);
    router.route().handler(PageHeaders::addCommon);
    StatusRoute.mount(router, hubStatus, access);
    InstantSource clock = InstantSource.system();
    probes = ProbeRoute.mount(router, vertx, settings, proxies, hubStatus.metrics(), clock, access);
    SessionRoute.mount(router, access, origins, cookie, clock);
    StreamRoute.mount(
        router,
        hubStatus,
        settings,
        admission(hubStatus.memory().bodies(), hubStatus.memory()::acceptsPublications),
        access,
        origins);
    TicketRoute.mount(router, settings, access, origins, tickets);
    RevocationsRoute.mount(
        router,
        new RevocationLog(log, settings.log().patience()),
        authenticator,
        access,
        origins,
        settings);
    var admin =
        new ClusterAdmin(hubStatus.nodes().voters(), access, origins, settings.http().upload());
    VotersRoute.mount(router, admin);
    SettingsRoute.mount(router, admin, access);
    PublishersRoute.mount(router, hubStatus.nodes(), access);
    StreamsRoute.mount(router, hubStatus.nodes(), access, origins);
    PresenceRoute.mount(router, hubStatus.presence(), access, origins);
    PagesRoute.mount(router);
    return router;
  }

  private Duration tick() {
    Duration heartbeat = settings.stream().heartbeat();
    Duration tick = heartbeat.isZero() ? MAX_TICK : heartbeat.dividedBy(8);
    if (tick.compareTo(MAX_TICK) > 0) {
      return MAX_TICK;
    }
    return tick.compareTo(MIN_TICK) < 0 ? MIN_TICK : tick;
  }

  private static long monotonicMillis() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }
}
