package io.tidings.http;

import io.tidings.bus.Admission;
import io.tidings.bus.Intake;
import io.tidings.bus.LiveFeed;
import io.tidings.bus.PublisherPace;
import io.tidings.dashboard.StatsFeed;
import io.tidings.fanout.Audiences;
import io.tidings.fanout.Clocks;
import io.tidings.log.EventLog;
import io.tidings.log.LogState;
import io.tidings.log.raft.SettingsInForce;
import io.tidings.memory.MemoryBudget;
import io.tidings.memory.MemoryShare;
import io.tidings.settings.LimitSettings;
import io.tidings.settings.Settings;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * One event loop of the hub: its streams, its share of the publishers, and the routes. Confined to
 * that loop.
 */
final class HubLoop {
  private static final Duration MAX_TICK = StatsRoute.TICK;
  private static final Clocks CLOCKS = new Clocks(HubLoop::monotonicMillis, InstantSource.system());
  private static final Duration MIN_TICK = Duration.ofMillis(10);

  private final Vertx vertx;
  private final Context context;
  private final Settings settings;
  private final EventLog log;
  private final HubStatus hubStatus;
  private final TrustedProxies proxies;
  private final AllowedOrigins origins;
  private final Doors doors;
  private final AccessControl access;

  /** Those of the cluster, which may change, or of the settings. */
  private final Supplier<LimitSettings> limits;

  private final Audiences audiences;
  private final Optional<StatsRoute> stats;
  private final LiveFeed.Follower entries;

  /** Ends the calls of {@link #followState}. */
  private final Runnable states;

  private final long tickTimer;
  private final Handler<HttpServerRequest> handler;
  private ProbeRoute probes;

  /**
   * Must be created on the event loop; its streams receive from the current head of the log.
   *
   * @param context that of the loop
   * @param doors how requests enter
   */
  HubLoop(Context context, HubParts parts, Doors.Factory doors) {
    this.vertx = context.owner();
    this.context = context;
    this.settings = parts.settings();
    this.log = parts.log();
    this.hubStatus = parts.status();
    this.proxies = new TrustedProxies(settings.http().proxies());
    this.origins = new AllowedOrigins(settings.cors(), proxies);
    this.limits = SettingsInForce.limits(hubStatus.nodes().voters(), settings.limits());
    this.doors = doors.of(parts, proxies, origins, limits);
    this.access = new AccessControl(this.doors.principals(), hubStatus.guard(), proxies);
    this.audiences =
        new Audiences(
            vertx,
            log,
            settings.stream(),
            hubStatus.subscriptions(),
            hubStatus.streams(),
            hubStatus.metrics(),
            hubStatus.memory(),
            CLOCKS);
    this.states = log.onState(this::followState);
    this.stats = hubStatus.stats().map(this::stats);
    this.tickTimer = vertx.setPeriodic(tick().toMillis(), tick -> tickAll());
    this.handler =
        new FailureHandler(
            new RequestCounter(
                hubStatus.guard(), proxies, new RequestCheck(this.doors::checkHost, routes())));
    this.entries = parts.feed().follow(context, audiences::receive);
  }

  /** Serves the requests that arrive on this loop. */
  Handler<HttpServerRequest> handler() {
    return handler;
  }

  /** Ends the streams, spread over {@code stream.drain}; requests are still served meanwhile. */
  Future<?> drain() {
    stats.ifPresent(StatsRoute::drain);
    return audiences.drain(settings.stream().drain());
  }

  /** Ends the streams that are left, and releases what the loop holds. */
  void end() {
    vertx.cancelTimer(tickTimer);
    audiences.endAll();
    probes.end();
    entries.stop();
    states.run();
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
    var intake =
        new Intake(
            log,
            limits,
            admission(memory.queues(), memory::acceptsPublications),
            new PublisherPace(audiences::gathering));
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
    StreamRoute.mount(
        router,
        hubStatus,
        settings,
        admission(hubStatus.memory().bodies(), hubStatus.memory()::acceptsPublications),
        access,
        origins);
    doors.mount(router, access);
    var admin =
        new ClusterAdmin(hubStatus.nodes().voters(), access, origins, settings.http().upload());
    VotersRoute.mount(router, admin);
    SettingsRoute.mount(router, admin, access);
    PublishersRoute.mount(router, hubStatus.nodes(), access);
    StreamsRoute.mount(router, hubStatus.nodes(), access, origins);
    PresenceRoute.mount(router, hubStatus.presence(), access, origins);
    PagesRoute.mount(router, doors.pages());
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
