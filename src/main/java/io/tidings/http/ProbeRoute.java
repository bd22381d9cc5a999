package io.tidings.http;

import io.tidings.auth.NotGranted;
import io.tidings.auth.Principal;
import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.fanout.CloseReason;
import io.tidings.fanout.Outlet;
import io.tidings.fanout.OutletFactory;
import io.tidings.fanout.WireFormat;
import io.tidings.limits.LimitExceeded;
import io.tidings.metrics.Door;
import io.tidings.metrics.Metrics;
import io.tidings.settings.DurationFormat;
import io.tidings.settings.Settings;
import io.tidings.wire.HubNotice;
import io.tidings.wire.SseFrame;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Streams numbered stamps with their send time for some seconds, so that a client can measure what
 * the proxies between it and the hub do. First reports the request as the hub received it. Probes
 * only the connection; the log is not involved. Confined to one event loop.
 */
final class ProbeRoute {
  static final Set<String> PARAMETERS = Set.of("for", "every", "quiet");
  private static final Duration MAX_DURATION = Duration.ofSeconds(30);
  private static final Duration MAX_QUIET = Duration.ofMinutes(10);
  private static final Duration MIN_INTERVAL = Duration.ofMillis(10);

  /** Timer ids begin at 0; cancelling an id that was never set would cancel another's timer. */
  private static final long NO_TIMER = -1;

  /**
   * Headers set by proxies, which are echoed to the requesting page. Does not include headers that
   * may identify a user or carry a token.
   */
  private static final List<String> ECHOED_HEADERS =
      List.of(
          "Accept-Encoding",
          "Via",
          "Forwarded",
          "X-Forwarded-For",
          "X-Forwarded-Host",
          "X-Forwarded-Port",
          "X-Forwarded-Prefix",
          "X-Forwarded-Proto",
          "X-Real-IP");

  private final Vertx vertx;
  private final Settings settings;
  private final OutletFactory outlets;
  private final TrustedProxies proxies;
  private final Metrics metrics;
  private final BusyStream busy;
  private final InstantSource clock;
  private final AccessControl access;

  /** Those that are open. */
  private final Set<Probe> probes = new LinkedHashSet<>();

  private ProbeRoute(
      Vertx vertx,
      Settings settings,
      TrustedProxies proxies,
      Metrics metrics,
      InstantSource clock,
      AccessControl access) {
    this.access = access;
    this.vertx = vertx;
    this.settings = settings;
    this.outlets = new OutletFactory(settings.stream());
    this.proxies = proxies;
    this.metrics = metrics;
    this.busy = new BusyStream(settings.stream().retry(), access.guard().requests());
    this.clock = clock;
  }

  /**
   * @param clock the time of the stamps
   */
  static ProbeRoute mount(
      Router router,
      Vertx vertx,
      Settings settings,
      TrustedProxies proxies,
      Metrics metrics,
      InstantSource clock,
      AccessControl access) {
    var route = new ProbeRoute(vertx, settings, proxies, metrics, clock, access);
    router.get("/probe").handler(route::handle);
    router.head("/probe").handler(route::handle);
    return route;
  }

  /** Ends streams whose tokens have ended or were revoked. Called by a timer. */
  void tick() {
    Instant now = clock.instant();
    for (Probe probe : List.copyOf(probes)) {
      if (access.revoked(probe.principal)) {
        FailureHandler.guard(probe.request, () -> probe.end(CloseReason.REVOKED, "revoked"));
      } else if (probe.principal.expires().filter(end -> !end.isAfter(now)).isPresent()) {
        FailureHandler.guard(probe.request, () -> probe.end(CloseReason.TOKEN_EXPIRED, "expired"));
      }
    }
  }

  /** Cuts those that are open; a probe that is repeated begins anew. */
  void end() {
    for (Probe probe : List.copyOf(probes)) {
      probe.cut();
    }
  }

  private void handle(RoutingContext context) {
    HttpServerRequest request = context.request();
    Plan plan = plan(request, QueryParameters.parse(request.query()));
    access.enter(
        Door.PROBE,
        request,
        principal -> {
          if (principal.grants().readsNothing()) {
            throw NotGranted.right(principal, "a topic to subscribe to");
          }
          serve(request, principal, plan);
        },
        failure -> refuse(request, failure));
  }

  private void refuse(HttpServerRequest request, Throwable failure) {
    Outlet outlet = outlets.forStream(request, WireFormat.EVENT_STREAM);
    busy.refuse(request, ResponseFormat.EVENT_STREAM, outlet, failure);
  }

  private void serve(HttpServerRequest request, Principal principal, Plan plan) {
    if (request.method() == HttpMethod.HEAD) {
      access.allowed(Door.PROBE, principal, request);
      ResponseFormat.EVENT_STREAM.setHeaders(request.response()).end();
    } else {
      open(request, principal, plan);
    }
  }

  private void open(HttpServerRequest request, Principal principal, Plan plan) {
    Outlet outlet = outlets.forStream(request, WireFormat.EVENT_STREAM);
    Runnable release;
    try {
      release = access.guard().openStream(access.of(Door.PROBE, principal, request));
    } catch (LimitExceeded e) {
      busy.refuse(request, ResponseFormat.EVENT_STREAM, outlet, e);
      return;
    }
    new Probe(request, principal, plan, outlet, release).start();
  }

  /** The silence at the beginning, the duration of the stamps after it, and their interval. */
  private record Plan(Duration quiet, Duration duration, Duration every) {
    long stamps() {
      return Math.max(1, duration.dividedBy(every));
    }
  }

  private Plan plan(HttpServerRequest request, QueryParameters query) {
    for (String name : query.names()) {
      if (!PARAMETERS.contains(name)) {
        throw new InvalidEvent(name, "unknown parameter; must be for, every or quiet");
      }
    }
    Duration duration = duration(query, "for", Duration.ofSeconds(5), MIN_INTERVAL, MAX_DURATION);
    Duration every = duration(query, "every", Duration.ofMillis(100), MIN_INTERVAL, MAX_DURATION);
    Duration quiet = duration(query, "quiet", Duration.ZERO, Duration.ZERO, MAX_QUIET);
    Duration idle = ServerOptions.idleTimeout(settings);
    boolean idleTimeoutApplies = request.version() == HttpVersion.HTTP_2 && !idle.isZero();
    if (idleTimeoutApplies && quiet.compareTo(idle) >= 0) {
      // HTTP/2 streams are not exempt from http.idle, and the client would blame a proxy for the
      // cut
      throw new InvalidEvent(
          "quiet",
          "must be shorter than http.idle (" + DurationFormat.text(idle) + ") over HTTP/2");
    }
    return new Plan(quiet, duration, every);
  }

  private static Duration duration(
      QueryParameters query, String name, Duration defaultValue, Duration min, Duration max) {
    Duration value = query.duration(name).orElse(defaultValue);
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw new InvalidEvent(
          name, "must be from " + DurationFormat.text(min) + " to " + DurationFormat.text(max));
    }
    return value;
  }

  /** One stream of stamps. */
  private final class Probe {
    private final HttpServerRequest request;
    private final Principal principal;
    private final HttpServerResponse response;
    private final Outlet outlet;
    private final Plan plan;
    private final Runnable onRelease;
    private long timer = NO_TIMER;
    private long sent;
    private boolean released;

    Probe(
        HttpServerRequest request,
        Principal principal,
        Plan plan,
        Outlet outlet,
        Runnable onRelease) {
      this.request = request;
      this.principal = principal;
      this.response = request.response();
      this.plan = plan;
      this.outlet = outlet;
      this.onRelease = onRelease;
    }

    void start() {
      response
          .exceptionHandler(broken -> release())
          .closeHandler(closed -> release())
          .endHandler(ended -> release());
      metrics.probes(1);
      probes.add(this);
      outlet.begin();
      ResponseFormat.EVENT_STREAM.setHeaders(response);
      send("request", requestInfo());
      if (plan.quiet().isZero()) {
        startStamps();
      } else {
        timer =
            vertx.setTimer(
                plan.quiet().toMillis(), over -> FailureHandler.guard(request, this::startStamps));
      }
    }

    /** Starts nothing if the client is gone already: no release would stop it any more. */
    private void startStamps() {
      if (!released) {
        stamp();
      }
      if (!released) { // by a write that failed
        timer =
            vertx.setPeriodic(
                plan.every().toMillis(), tick -> FailureHandler.guard(request, this::stampOrEnd));
      }
    }

    private void stampOrEnd() {
      if (sent < plan.stamps()) {
        stamp();
        return;
      }
      release();
      if (outlet.writable()) {
        response.write(Buffer.buffer(SseFrame.close().bytes()));
        outlet.end(CloseReason.EXPIRED);
      } else {
        outlet.cut(CloseReason.STALLED); // the client does not read
      }
    }

    /** Ends it before its time, and tells the client why. */
    private void end(CloseReason why, String reason) {
      release();
      if (outlet.writable()) {
        String json = new JsonObject().put("reason", reason).encode();
        response.write(Buffer.buffer(HubNotice.event(SseFrame.END, json).bytes()));
        outlet.end(why);
      } else {
        outlet.cut(why);
      }
    }

    private void cut() {
      release();
      outlet.cut(CloseReason.DRAINED);
    }

    /** Skips the stamp if the socket is not writable: sent later, its time would be wrong. */
    private void stamp() {
      sent++;
      if (outlet.writable()) {
        send("", new JsonObject().put("n", sent).put("time", clock.millis()));
      }
    }

    private void send(String type, JsonObject data) {
      var event = new Event(List.of("hub.probe"), type, "", Event.NO_RETRY, data.encode());
      response.write(Buffer.buffer(SseFrame.of(Long.toString(sent), event).bytes()));
    }

    /** The request as the hub received it, and the stream that follows. */
    private JsonObject requestInfo() {
      var headers = new JsonObject();
      for (String name : ECHOED_HEADERS) {
        List<String> values = request.headers().getAll(name);
        if (!values.isEmpty()) {
          headers.put(name, String.join(", ", values));
        }
      }
      return new JsonObject()
          .put("time", clock.millis())
          .put("version", version())
          .put("host", proxies.host(request).orElse(""))
          .put("scheme", proxies.scheme(request).orElse(""))
          .put("address", request.remoteAddress().hostAddress())
          .put("client", proxies.clientAddress(request))
          .put("trustedProxy", proxies.trusts(request))
          .put("headers", headers)
          .put("stamps", plan.stamps())
          .put("everyMillis", plan.every().toMillis())
          .put("quietMillis", plan.quiet().toMillis())
          .put("heartbeatMillis", settings.stream().heartbeat().toMillis());
    }

    private String version() {
      return switch (request.version()) {
        case HTTP_1_0 -> "HTTP/1.0";
        case HTTP_1_1 -> "HTTP/1.1";
        default -> "HTTP/2";
      };
    }

    /** Releases the timer, the metric and the count of the client's streams, once. */
    private void release() {
      if (!released) {
        released = true;
        probes.remove(this);
        vertx.cancelTimer(timer);
        metrics.probes(-1);
        onRelease.run();
      }
    }
  }
}
