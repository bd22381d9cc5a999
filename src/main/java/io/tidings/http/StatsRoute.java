package io.tidings.http;

import io.tidings.auth.Principal;
import io.tidings.dashboard.StatsFeed;
import io.tidings.fanout.Clocks;
import io.tidings.fanout.CloseReason;
import io.tidings.fanout.Outlet;
import io.tidings.fanout.OutletFactory;
import io.tidings.limits.LimitExceeded;
import io.tidings.metrics.Door;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongSupplier;

/**
 * The route {@code /stats}: the statistics of the last minutes and then of each second, as
 * Server-Sent Events or lines of JSON, or only the newest as one JSON document. Statistics are not
 * in the log, so these streams have no ids, and a client that reconnects receives the history
 * again. Confined to one event loop.
 */
final class StatsRoute implements Handler<HttpServerRequest> {
  private static final String PATH = "/stats";
  private static final int MIN_RETRY_MILLIS = 100;

  /** The longest time between two calls of {@link #tick}. */
  static final Duration TICK = Duration.ofSeconds(1);

  private final Settings settings;
  private final AllowedOrigins origins;
  private final StatsFeed feed;
  private final Metrics metrics;
  private final BusyStream busy;
  private final LongSupplier monotonicMillis;
  private final InstantSource time;
  private final OutletFactory outlets;
  private final AccessControl access;
  private final Random random = new Random();
  private final Map<StatsStream, Principal> streams = new LinkedHashMap<>();
  private final Runnable wakeUp;
  private boolean draining;

  /**
   * @param context of the event loop that this route is confined to
   */
  StatsRoute(
      Context context,
      Settings settings,
      AllowedOrigins origins,
      StatsFeed feed,
      Metrics metrics,
      Clocks clocks,
      AccessControl access) {
    this.access = access;
    this.settings = settings;
    this.origins = origins;
    this.feed = feed;
    this.metrics = metrics;
    this.busy = new BusyStream(settings.stream().retry(), access.guard().requests());
    this.monotonicMillis = clocks.millis();
    this.time = clocks.time();
    this.outlets = new OutletFactory(settings.stream());
    this.wakeUp = () -> context.runOnContext(added -> deliver());
  }

  /** Whether the path of the request is that of this route. */
  static boolean matches(HttpServerRequest request) {
    return PATH.equals(request.path());
  }

  @Override
  public void handle(HttpServerRequest request) {
    HttpMethod method = request.method();
    if (method == HttpMethod.OPTIONS) {
      origins.answerPreflight(request);
    } else if (method == HttpMethod.GET || method == HttpMethod.HEAD) {
      origins.allowSubscribing(request);
      access.enter(
          Door.STATS,
          request,
          principal -> {
            AccessControl.checkHubsOwn(Door.STATS, principal);
            serve(request, principal);
          },
          failure -> refuse(request, failure));
    } else {
      request.response().putHeader(HttpHeaders.ALLOW, "GET, HEAD, OPTIONS");
      throw Problem.of(405, "method: must be GET");
    }
  }

  /**
   * Sends heartbeats that are due, cuts stalled clients, and ends streams with their tokens, or
   * when these are revoked. Called by a timer, at least once in {@link #TICK}.
   */
  void tick() {
    Instant nextTick = time.instant().plus(TICK);
    long now = monotonicMillis.getAsLong();
    Duration stall = settings.stream().stall();
    Duration heartbeat = settings.stream().heartbeat();
    for (StatsStream stream : List.copyOf(streams.keySet())) {
      if (access.revoked(streams.get(stream))) {
        remove(stream);
        guard(stream, () -> stream.end(CloseReason.REVOKED));
      } else if (stream.isStalled(now, stall.toMillis())) {
        remove(stream);
        stream.outlet().cut(CloseReason.STALLED);
      } else if (stream.expiresBefore(nextTick)) {
        remove(stream);
        guard(stream, () -> stream.end(CloseReason.TOKEN_EXPIRED));
      } else {
        guard(stream, () -> stream.announceExpiry(nextTick));
        guard(stream, () -> stream.sendHeartbeat(now, heartbeat.toMillis()));
      }
    }
  }

  /** Ends all streams because the hub stops; later requests are refused. */
  void drain() {
    draining = true;
    int retry = (int) Math.min(Integer.MAX_VALUE / 2, settings.stream().retry().toMillis());
    for (StatsStream stream : List.copyOf(streams.keySet())) {
      remove(stream);
      guard(stream, () -> stream.drain(MIN_RETRY_MILLIS + random.nextInt(retry + 1)));
    }
  }

  /** The number of open streams. */
  int streams() {
    return streams.size();
  }

  private void refuse(HttpServerRequest request, Throwable failure) {
    ResponseFormat format = ResponseFormat.of(request);
    busy.refuse(request, format, outlets.forStream(request, format.wire()), failure);
  }

  private void serve(HttpServerRequest request, Principal principal) {
    Duration since =
        QueryParameters.parse(request.query()).duration("since").orElse(Duration.ofDays(1));
    if (draining) {
      SubscribeRoute.refuse(request);
      return;
    }
    HttpServerResponse response = request.response();
    response.headers().add(HttpHeaders.VARY, HttpHeaders.ACCEPT);
    ResponseFormat format = ResponseFormat.of(request);
    format.setHeaders(response);
    if (format == ResponseFormat.LONG_POLL || request.method() == HttpMethod.HEAD) {
      access.allowed(Door.STATS, principal, request);
    }
    if (format == ResponseFormat.LONG_POLL) {
      Answer.end(
          request,
          feed.latest()
              .orElseThrow(() -> Problem.of(503, "no statistics yet; the hub has just started"))
              .json());
    } else if (request.method() == HttpMethod.HEAD) {
      response.end();
    } else {
      open(request, principal, format, feed.since(since));
    }
  }

  private void open(
      HttpServerRequest request, Principal principal, ResponseFormat format, long firstSample) {
    Outlet outlet = outlets.forStream(request, format.wire());
    Runnable release;
    try {
      release = access.guard().openStream(access.of(Door.STATS, principal, request));
    } catch (LimitExceeded e) {
      busy.refuse(request, format, outlet, e);
      return;
    }
    try {
      open(
          request,
          principal,
          new StatsStream(
              feed,
              format,
              request,
              outlet,
              firstSample,
              principal.expires(),
              monotonicMillis,
              release));
    } catch (RuntimeException | Error e) {
      release.run();
      throw e;
    }
  }

  /** Registers the handlers that release the stream before anything is written to it. */
  private void open(HttpServerRequest request, Principal principal, StatsStream stream) {
    HttpServerResponse response = request.response();
    response
        .exceptionHandler(broken -> remove(stream))
        .closeHandler(closed -> remove(stream))
        .endHandler(ended -> remove(stream));
    if (streams.isEmpty()) {
      feed.follow(wakeUp);
    }
    streams.put(stream, principal);
    metrics.statsStreams(1);
    stream.outlet().begin();
    stream.outlet().onWritable(() -> guard(stream, stream::deliver));
    guard(
        stream,
        () -> {
          // not writeHead(): it would announce chunks to HTTP/1.0
          response.write(stream.opening(settings.stream().retry().toMillis()));
          stream.deliver();
        });
  }

  private void deliver() {
    List.copyOf(streams.keySet()).forEach(stream -> guard(stream, stream::deliver));
  }

  /** Runs work for one stream. A failure ends that stream only. */
  private void guard(StatsStream stream, Runnable work) {
    FailureHandler.guard(
        stream.request(),
        () -> {
          try {
            work.run();
          } catch (RuntimeException | Error e) {
            remove(stream);
            throw e;
          }
        });
  }

  private void remove(StatsStream stream) {
    if (streams.remove(stream) != null) {
      stream.close();
      metrics.statsStreams(-1);
      if (streams.isEmpty()) {
        feed.unfollow(wakeUp);
      }
    }
  }
}
