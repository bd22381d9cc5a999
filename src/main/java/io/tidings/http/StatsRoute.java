package io.tidings.http;

import io.tidings.dashboard.StatsFeed;
import io.tidings.fanout.OutletFactory;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * The route {@code /stats}: the statistics of the last minutes and then of each second, as
 * Server-Sent Events or lines of JSON, or only the newest as one JSON document. Statistics are not
 * in the log, so these streams have no ids, and a client that reconnects receives the history
 * again. Confined to one event loop.
 */
final class StatsRoute implements Handler<HttpServerRequest> {
  private static final String PATH = "/stats";
  private static final int SHORTEST_RETRY_MILLIS = 100;

  private final Settings settings;
  private final AllowedOrigins origins;
  private final StatsFeed feed;
  private final Metrics metrics;
  private final LongSupplier clock;
  private final OutletFactory outlets;
  private final Random random = new Random();
  private final Set<StatsStream> readers = new LinkedHashSet<>();
  private final Runnable follower;
  private boolean draining;

  /**
   * @param context of the event loop that this route is confined to
   * @param clock monotonic milliseconds
   */
  StatsRoute(
      Context context,
      Settings settings,
      AllowedOrigins origins,
      StatsFeed feed,
      Metrics metrics,
      LongSupplier clock) {
    this.settings = settings;
    this.origins = origins;
    this.feed = feed;
    this.metrics = metrics;
    this.clock = clock;
    this.outlets = new OutletFactory(settings.stream());
    this.follower = () -> context.runOnContext(added -> deliver());
  }

  /** Whether the path of the request is that of this route. */
  static boolean leadsTo(HttpServerRequest request) {
    return PATH.equals(request.path());
  }

  @Override
  public void handle(HttpServerRequest request) {
    HttpMethod method = request.method();
    if (method == HttpMethod.OPTIONS) {
      origins.preflight(request);
    } else if (method == HttpMethod.GET || method == HttpMethod.HEAD) {
      get(request);
    } else {
      request.response().putHeader(HttpHeaders.ALLOW, "GET, HEAD, OPTIONS");
      throw Problem.of(405, "method: must be GET");
    }
  }

  /** Sends heartbeats that are due, and cuts stalled clients. Called by a timer. */
  void tick() {
    long now = clock.getAsLong();
    Duration stall = settings.stream().stall();
    Duration heartbeat = settings.stream().heartbeat();
    for (StatsStream reader : List.copyOf(readers)) {
      if (reader.stalled(now, stall.toMillis())) {
        leave(reader);
        reader.outlet().cut();
      } else {
        guard(reader, () -> reader.beat(now, heartbeat.toMillis()));
      }
    }
  }

  /** Ends all streams because the hub stops; later requests are refused. */
  void drain() {
    draining = true;
    int retry = (int) Math.min(Integer.MAX_VALUE / 2, settings.stream().retry().toMillis());
    for (StatsStream reader : List.copyOf(readers)) {
      leave(reader);
      guard(reader, () -> reader.drain(SHORTEST_RETRY_MILLIS + random.nextInt(retry + 1)));
    }
  }

  /** The number of open streams. */
  int readers() {
    return readers.size();
  }

  private void get(HttpServerRequest request) {
    origins.allowHearing(request);
    Duration since =
        QueryParameters.parse(request.query()).span("since").orElse(Duration.ofDays(1));
    if (draining) {
      SubscribeRoute.refuse(request);
      return;
    }
    HttpServerResponse response = request.response();
    response.headers().add(HttpHeaders.VARY, HttpHeaders.ACCEPT);
    ResponseFormat form = ResponseFormat.of(request);
    form.head(response);
    if (form == ResponseFormat.POLL) {
      response.end(
          feed.latest()
              .orElseThrow(() -> Problem.of(503, "no statistics yet; the hub has just started"))
              .json());
    } else if (request.method() == HttpMethod.HEAD) {
      response.end();
    } else {
      open(
          request,
          new StatsStream(
              feed,
              form,
              request,
              outlets.to(request, form.wire(false)),
              feed.since(since),
              clock));
    }
  }

  /** Registers the handlers that release the stream before anything is written to it. */
  private void open(HttpServerRequest request, StatsStream reader) {
    HttpServerResponse response = request.response();
    response
        .exceptionHandler(broken -> leave(reader))
        .closeHandler(closed -> leave(reader))
        .endHandler(ended -> leave(reader));
    if (readers.isEmpty()) {
      feed.follow(follower);
    }
    readers.add(reader);
    metrics.statsStreams(1);
    reader.outlet().onWritable(() -> guard(reader, reader::deliver));
    guard(
        reader,
        () -> {
          // not writeHead(): it would announce chunks to HTTP/1.0
          response.write(reader.opening(settings.stream().retry().toMillis()));
          reader.deliver();
        });
  }

  private void deliver() {
    List.copyOf(readers).forEach(reader -> guard(reader, reader::deliver));
  }

  /** Runs work for one stream. A failure ends that stream only. */
  private void guard(StatsStream reader, Runnable work) {
    FailureHandler.guard(
        reader.request(),
        () -> {
          try {
            work.run();
          } catch (RuntimeException | Error e) {
            leave(reader);
            throw e;
          }
        });
  }

  private void leave(StatsStream reader) {
    if (readers.remove(reader)) {
      reader.leave();
      metrics.statsStreams(-1);
      if (readers.isEmpty()) {
        feed.unfollow(follower);
      }
    }
  }
}
