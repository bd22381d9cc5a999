package io.tidings.http;

import io.tidings.bus.Admission;
import io.tidings.bus.EntryBatch;
import io.tidings.bus.Intake;
import io.tidings.bus.Live;
import io.tidings.dashboard.StatsFeed;
import io.tidings.fanout.Audiences;
import io.tidings.log.EventLog;
import io.tidings.memory.MemoryBudget;
import io.tidings.memory.MemoryShare;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * One event loop of the hub: its streams, its share of the publishers, and the pages. Deployed once
 * for each loop that shall serve; all instances share one port.
 */
public final class HubVerticle extends VerticleBase {
  private static final Duration LONGEST_TICK = Duration.ofSeconds(1);
  private static final Duration SHORTEST_TICK = Duration.ofMillis(10);

  /** How long responses may take to end; after that the server closes connections by force. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private final Settings settings;
  private final EventLog log;
  private final HubStatus standing;
  private final TrustedProxies proxies;

  private Audiences audiences;
  private Optional<StatsRoute> stats;
  private MessageConsumer<EntryBatch> live;
  private HttpServer server;
  private long ticks;

  /**
   * @param log the log that all instances read and append to
   * @param standing of all instances
   */
  public HubVerticle(Settings settings, EventLog log, HubStatus standing) {
    this.settings = settings;
    this.log = log;
    this.standing = standing;
    this.proxies = new TrustedProxies(settings.http().proxies());
  }

  @Override
  public Future<?> start() {
    audiences =
        new Audiences(
            vertx,
            log,
            settings.stream(),
            standing.roll(),
            standing.metrics(),
            standing.memory(),
            HubVerticle::milliseconds);
    stats = standing.stats().map(this::stats);
    ticks = vertx.setPeriodic(tick().toMillis(), tick -> tickAll());
    Handler<HttpServerRequest> doors = doors();
    server =
        vertx
            .createHttpServer(ServerOptions.of(settings))
            .invalidRequestHandler(Problem::unreadable)
            .requestHandler(
                new FailureHandler(
                    new RequestCheck(new AllowedHosts(settings.http().hosts(), proxies), doors)));
    return Live.subscribe(vertx, audiences::receive)
        .onSuccess(consumer -> live = consumer)
        .compose(consumer -> server.listen(ServerOptions.address(settings.http())));
  }

  /** The port that it listens on. */
  public int port() {
    return server.actualPort();
  }

  /**
   * Ends the streams over the time that is set for it, during which clients still find somebody
   * here; then in good order where the client lets it, and otherwise not.
   */
  @Override
  public Future<?> stop() {
    stats.ifPresent(StatsRoute::drain);
    return audiences.drain(settings.stream().drain()).compose(drained -> end());
  }

  private Future<?> end() {
    vertx.cancelTimer(ticks);
    Future<Void> closed = server.shutdown(GRACE.toMillis(), TimeUnit.MILLISECONDS);
    audiences.endAll();
    return Future.all(closed, live == null ? Future.succeededFuture() : live.unregister());
  }

  /** Streams don't pass the router: for as long as they live, they would keep its context. */
  private Handler<HttpServerRequest> doors() {
    Handler<HttpServerRequest> events = events();
    Router router = router();
    Handler<HttpServerRequest> figures = stats.isPresent() ? stats.get() : router;
    return request -> {
      if (EventsRoute.leadsTo(request)) {
        events.handle(request);
      } else {
        (StatsRoute.leadsTo(request) ? figures : router).handle(request);
      }
    };
  }

  private StatsRoute stats(StatsFeed feed) {
    return new StatsRoute(
        context,
        settings,
        new AllowedOrigins(settings.cors(), proxies),
        feed,
        standing.metrics(),
        HubVerticle::milliseconds);
  }

  private void tickAll() {
    audiences.tick();
    stats.ifPresent(StatsRoute::tick);
  }

  private Handler<HttpServerRequest> events() {
    MemoryBudget memory = standing.memory();
    var intake =
        new Intake(log, settings.limits(), admission(memory.queues(), memory::takesPublications));
    var origins = new AllowedOrigins(settings.cors(), proxies);
    return new EventsRoute(
        origins,
        new SubscribeRoute(log, audiences, origins, proxies, settings),
        new PublishRoute(
            intake,
            standing.roll(),
            settings.limits(),
            settings.http().upload(),
            admission(memory.bodies(), memory::takesPublications)));
  }

  private Admission admission(MemoryShare share, BooleanSupplier open) {
    return new Admission(
        vertx, share, open, standing.memory().refusals(), settings.log().patience());
  }

  private Router router() {
    Router router = Router.router(vertx);
    router.route().handler(PageHeaders::onAll);
    StatusRoute.mount(router, standing);
    ProbeRoute.mount(router, vertx, settings, proxies, standing.metrics());
    PagesRoute.mount(router);
    return router;
  }

  private Duration tick() {
    Duration heartbeat = settings.stream().heartbeat();
    Duration tick = heartbeat.isZero() ? LONGEST_TICK : heartbeat.dividedBy(8);
    if (tick.compareTo(LONGEST_TICK) > 0) {
      return LONGEST_TICK;
    }
    return tick.compareTo(SHORTEST_TICK) < 0 ? SHORTEST_TICK : tick;
  }

  private static long milliseconds() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }
}
