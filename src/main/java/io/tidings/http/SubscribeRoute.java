package io.tidings.http;

import io.tidings.access.Access;
import io.tidings.access.Caller;
import io.tidings.auth.Principal;
import io.tidings.auth.TopicRights;
import io.tidings.bus.ContextFutures;
import io.tidings.event.InvalidEvent;
import io.tidings.fanout.Audiences;
import io.tidings.fanout.CloseReason;
import io.tidings.fanout.Outlet;
import io.tidings.fanout.OutletFactory;
import io.tidings.fanout.Subscriber;
import io.tidings.limits.LimitExceeded;
import io.tidings.log.EventLog;
import io.tidings.log.StreamStart;
import io.tidings.metrics.Door;
import io.tidings.presence.PresenceTopics;
import io.tidings.settings.LimitSettings;
import io.tidings.settings.Settings;
import io.tidings.wire.SseFrame;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Opens streams in the format that the client requests: Server-Sent Events, lines of JSON, a long
 * poll, or a WebSocket. In each format a stream is a subscriber with an outlet. Confined to one
 * event loop.
 */
final class SubscribeRoute {
  private static final Duration MAX_WAIT = Duration.ofMinutes(5);
  private static final Duration DEFAULT_WAIT = Duration.ofSeconds(25);

  /** REFUSED_STREAM (RFC 9113, 7). */
  private static final long REFUSED_STREAM = 7;

  private final EventLog log;
  private final Audiences audiences;
  private final OutletFactory outlets;
  private final AllowedOrigins origins;
  private final TrustedProxies proxies;
  private final Settings settings;
  private final Supplier<LimitSettings> limits;
  private final AccessControl access;
  private final BusyStream busy;
  private final WebSocketRoute webSockets;
  private final PresenceTopics presence;

  /**
   * @param limits as they are at the moment
   */
  SubscribeRoute(
      EventLog log,
      Audiences audiences,
      AllowedOrigins origins,
      TrustedProxies proxies,
      Settings settings,
      Supplier<LimitSettings> limits,
      AccessControl access) {
    this.log = log;
    this.limits = limits;
    this.access = access;
    this.audiences = audiences;
    this.outlets = new OutletFactory(settings.stream());
    this.origins = origins;
    this.proxies = proxies;
    this.settings = settings;
    this.presence = new PresenceTopics(settings.presence());
    this.busy = new BusyStream(settings.stream().retry(), access.guard().requests());
    this.webSockets =
        new WebSocketRoute(
            log, audiences, outlets, origins, proxies, settings.stream().retry(), access);
  }

  /**
   * Opens the stream that is requested.
   *
   * @param topic the topic in the path; empty if there is none
   * @throws InvalidEvent if a field breaks a rule
   * @throws Problem if the request is not allowed or cannot be served
   */
  void handle(HttpServerRequest request, Optional<String> topic, QueryParameters query) {
    origins.allowSubscribing(request);
    SubscribeRequest subscribeRequest = SubscribeRequest.of(request, topic, query, limits.get());
    if (audiences.draining()) {
      refuse(request);
      return;
    }
    if (WebSocketRoute.matches(request)) {
      subscribeRequest.checkPresence(presence, false);
      if (!audiences.admits()) {
        throw noMemory();
      }
      access.enter(
          Door.WEBSOCKET,
          request,
          subscribeRequest.ticket(),
          principal -> webSockets.handle(request, principal, subscribeRequest),
          failure -> FailureHandler.respond(request, failure));
      return;
    }
    request.response().headers().add(HttpHeaders.VARY, HttpHeaders.ACCEPT);
    ResponseFormat format = ResponseFormat.of(request);
    boolean poll = format == ResponseFormat.LONG_POLL;
    subscribeRequest.checkTicket(request.method(), poll);
    subscribeRequest.checkPresence(presence, poll);
    Duration wait = poll ? pollWait(subscribeRequest) : Duration.ZERO;
    access.enter(
        format.door(),
        request,
        subscribeRequest.ticket(),
        principal -> {
          if (request.method() == HttpMethod.HEAD) {
            audiences.open(principal, subscribeRequest.filter());
            access.allowed(format.door(), principal, request);
            format.setHeaders(request.response()).end();
          } else if (poll) {
            openPoll(request, principal, subscribeRequest, wait);
          } else {
            Outlet outlet = outlets.forStream(request, subscribeRequest.wire(format));
            open(new Exchange(request, principal, subscribeRequest, format, outlet), this::begin);
          }
        },
        failure -> {
          Outlet outlet =
              poll
                  ? outlets.forPoll(request)
                  : outlets.forStream(request, subscribeRequest.wire(format));
          busy.refuse(request, format, outlet, failure);
        });
  }

  private void openPoll(
      HttpServerRequest request,
      Principal principal,
      SubscribeRequest subscribeRequest,
      Duration wait) {
    ResponseFormat format = ResponseFormat.LONG_POLL;
    format.setHeaders(request.response());
    open(
        new Exchange(request, principal, subscribeRequest, format, outlets.forPoll(request)),
        opened -> {
          opened.subscriber.openIfCut(opened.start);
          opened.subscriber.begin(opened.start);
          opened.subscriber.expireAtHead(wait);
        });
  }

  /**
   * Closes the connection or resets the stream without a response. After an error status browsers
   * stop reconnecting; without a response they retry, and proxies immediately retry with another
   * hub.
   */
  static void refuse(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2) {
      request.response().reset(REFUSED_STREAM);
    } else {
      request.connection().close();
    }
  }

  private static Problem noMemory() {
    return Problem.of(503, "not enough memory for another stream");
  }

  /** How long a poll waits: less than the idle timeout of its connection. */
  private Duration pollWait(SubscribeRequest subscribeRequest) {
    if (subscribeRequest.duration().isPresent()) {
      throw new InvalidEvent("for", "applies to streams only; use wait= to limit a poll");
    }
    Duration idle = ServerOptions.idleTimeout(settings);
    Duration bound = idle.isZero() || idle.compareTo(MAX_WAIT) > 0 ? MAX_WAIT : idle;
    if (subscribeRequest.maxWait().filter(asked -> asked.compareTo(bound) >= 0).isPresent()) {
      throw new InvalidEvent("wait", "must be shorter than " + bound.toSeconds() + "s");
    }
    Duration defaultWait = DEFAULT_WAIT.compareTo(bound) < 0 ? DEFAULT_WAIT : bound.dividedBy(2);
    return subscribeRequest.maxWait().orElse(defaultWait);
  }

  /** A request, what it asks for, and how it is answered. */
  private record Exchange(
      HttpServerRequest request,
      Principal principal,
      SubscribeRequest subscribeRequest,
      ResponseFormat format,
      Outlet outlet) {}

  /** An open stream and the position at which it begins. */
  private record OpenStream(Exchange exchange, Subscriber subscriber, StreamStart start) {}

  /**
   * Registers the handlers that release the subscriber, then resolves its start in the log, and
   * begins delivery. A failure of any step ends the stream. Opens nothing if memory is exhausted.
   */
  private void open(Exchange exchange, Consumer<OpenStream> begin) {
    if (!audiences.admits()) {
      fail(exchange, noMemory());
      return;
    }
    SubscribeRequest subscribeRequest = exchange.subscribeRequest;
    Audiences.Opening opening = audiences.open(exchange.principal, subscribeRequest.filter());
    Runnable release;
    try {
      release = access.guard().openStream(asked(exchange));
    } catch (LimitExceeded e) {
      fail(exchange, e);
      return;
    }
    Subscriber subscriber =
        opening.subscribe(
            new Audiences.Delivered(
                subscribeRequest.wire(exchange.format), subscribeRequest.traffic()),
            exchange.outlet,
            release);
    proxies.forwardedFor(exchange.request).ifPresent(subscriber::forwardedFor);
    if (subscribeRequest.presence()) {
      subscriber.watch();
    }
    exchange
        .request
        .response()
        .exceptionHandler(broken -> subscriber.leave(CloseReason.CLIENT))
        .closeHandler(closed -> subscriber.leave(CloseReason.CLIENT))
        .endHandler(ended -> subscriber.leave(CloseReason.CLIENT));
    ContextFutures.of(
            log.find(
                subscribeRequest.resume(),
                subscriber.selection(),
                TopicRights.readable(exchange.principal)))
        .<Void>map(
            start -> {
              begin.accept(new OpenStream(exchange, subscriber, start));
              return null;
            })
        .onFailure(
            e -> {
              subscriber.leave(CloseReason.FAILED);
              fail(exchange, e);
            });
  }

  private Access asked(Exchange exchange) {
    Caller caller = access.caller(exchange.principal, exchange.request);
    return Access.toFilter(exchange.format.door(), caller, exchange.subscribeRequest.filter());
  }

  private void fail(Exchange exchange, Throwable failure) {
    busy.refuse(exchange.request, exchange.format, exchange.outlet, failure);
  }

  /** Writes the head of the response and the opening frame, and begins delivery. */
  private void begin(OpenStream opened) {
    Subscriber subscriber = opened.subscriber;
    if (subscriber.left()) {
      return;
    }
    HttpServerRequest request = opened.exchange.request;
    HttpServerResponse response = request.response();
    // not writeHead(): it would announce chunks to HTTP/1.0. If the write fails, the handlers
    // registered in open() release the subscriber.
    SseFrame opening = subscriber.opening(opened.start, settings.stream().retry());
    opened.exchange.outlet.begin();
    Future<Void> written = opened.exchange.format.setHeaders(response).write(bytes(opening));
    if (written.failed()) {
      return;
    }
    if (!(response instanceof MountedResponse)) { // an application's handlers read them at the end
      // not read again; saves some 400 bytes each for the lifetime of the stream
      response.headers().clear();
      request.headers().clear();
    }
    opened.exchange.subscribeRequest.duration().ifPresent(subscriber::expireAfter);
    subscriber.begin(opened.start);
  }

  private static Buffer bytes(SseFrame frame) {
    return Buffer.buffer(frame.bytes());
  }
}
