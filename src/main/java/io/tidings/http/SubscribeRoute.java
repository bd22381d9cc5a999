package io.tidings.http;

import io.tidings.bus.ContextFutures;
import io.tidings.event.InvalidEvent;
import io.tidings.fanout.Audiences;
import io.tidings.fanout.CloseReason;
import io.tidings.fanout.Outlet;
import io.tidings.fanout.OutletFactory;
import io.tidings.fanout.Subscriber;
import io.tidings.log.EventLog;
import io.tidings.log.StreamStart;
import io.tidings.settings.Settings;
import io.tidings.wire.SseFrame;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/**
 * Opens streams, in the form that the client wants: events, lines of JSON, one answer, or a
 * WebSocket. Whatever the form, a stream is a subscriber with an outlet. Confined to one event
 * loop.
 */
final class SubscribeRoute {
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
  private static final Duration USUAL_WAIT = Duration.ofSeconds(25);
  private static final Duration BUSY_WAIT = Duration.ofSeconds(2);

  /** RFC 9113, 7. */
  private static final long REFUSED_STREAM = 7;

  private final EventLog log;
  private final Audiences audiences;
  private final OutletFactory outlets;
  private final AllowedOrigins origins;
  private final TrustedProxies proxies;
  private final Settings settings;
  private final WebSocketRoute sockets;

  SubscribeRoute(
      EventLog log,
      Audiences audiences,
      AllowedOrigins origins,
      TrustedProxies proxies,
      Settings settings) {
    this.log = log;
    this.audiences = audiences;
    this.outlets = new OutletFactory(settings.stream());
    this.origins = origins;
    this.proxies = proxies;
    this.settings = settings;
    this.sockets =
        new WebSocketRoute(log, audiences, outlets, origins, proxies, settings.stream().retry());
  }

  /**
   * @param topic the topic in the path, if there is one
   * @throws InvalidEvent where a field breaks a rule
   * @throws Problem where the client may not, or wants something that there is not
   */
  void handle(HttpServerRequest request, Optional<String> topic, QueryParameters query) {
    origins.allowHearing(request);
    SubscribeRequest wish = SubscribeRequest.of(request, topic, query, settings.limits());
    if (audiences.draining()) {
      refuse(request);
      return;
    }
    if (WebSocketRoute.leadsTo(request)) {
      if (!audiences.admits()) {
        throw noMemory();
      }
      sockets.handle(request, wish);
      return;
    }
    request.response().headers().add(HttpHeaders.VARY, HttpHeaders.ACCEPT);
    ResponseFormat form = ResponseFormat.of(request);
    Duration wait = form == ResponseFormat.POLL ? patience(wish) : Duration.ZERO;
    if (request.method() == HttpMethod.HEAD) {
      form.head(request.response()).end();
    } else if (form == ResponseFormat.POLL) {
      form.head(request.response());
      open(
          wish,
          form,
          outlets.poll(request),
          request,
          opened -> {
            opened.subscriber.begin(opened.start);
            opened.subscriber.expireAtHead(wait);
          });
    } else {
      Outlet outlet = outlets.to(request, form.wire(wish.envelope()));
      open(wish, form, outlet, request, opened -> begin(opened, request, form, wish.time()));
    }
  }

  /**
   * Does not answer: after an answer that is none browsers give up for good, and without one they
   * try again, as proxies do at once, with another hub.
   */
  static void refuse(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2) {
      request.response().reset(REFUSED_STREAM);
    } else {
      request.connection().close();
    }
  }

  private static Problem noMemory() {
    return Problem.of(503, "there is no memory for one more stream now");
  }

  /**
   * How long a poll may wait: shorter than the server keeps a connection on which nothing is said.
   */
  private Duration patience(SubscribeRequest wish) {
    if (wish.time().isPresent()) {
      throw new InvalidEvent("for", "is for streams; wait= says how long to wait for an answer");
    }
    Duration idle = ServerOptions.idle(settings);
    Duration bound = idle.isZero() || idle.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : idle;
    if (wish.patience().filter(asked -> asked.compareTo(bound) >= 0).isPresent()) {
      throw new InvalidEvent("wait", "must be shorter than " + bound.toSeconds() + "s");
    }
    Duration usual = USUAL_WAIT.compareTo(bound) < 0 ? USUAL_WAIT : bound.dividedBy(2);
    return wish.patience().orElse(usual);
  }

  /** A stream that is open, and the place where it begins. */
  private record Opened(Subscriber subscriber, StreamStart start) {}

  /**
   * Registers the stream's end first, then finds its place, and begins; a failure of any of it ends
   * the stream. Where there is no memory for one more, nothing is opened.
   */
  private void open(
      SubscribeRequest wish,
      ResponseFormat form,
      Outlet outlet,
      HttpServerRequest request,
      Consumer<Opened> begin) {
    HttpServerResponse response = request.response();
    if (!audiences.admits()) {
      answer(request, form, outlet, noMemory());
      return;
    }
    Subscriber subscriber =
        audiences.open(wish.filter(), form.wire(wish.envelope()), wish.traffic(), outlet);
    proxies.forwardedFor(request).ifPresent(subscriber::forwardedFor);
    response
        .exceptionHandler(broken -> subscriber.leave(CloseReason.CLIENT))
        .closeHandler(closed -> subscriber.leave(CloseReason.CLIENT))
        .endHandler(ended -> subscriber.leave(CloseReason.CLIENT));
    ContextFutures.of(log.find(wish.resume(), wish.filter()))
        .<Void>map(
            start -> {
              begin.accept(new Opened(subscriber, start));
              return null;
            })
        .onFailure(
            e -> {
              subscriber.leave(CloseReason.FAILED);
              answer(request, form, outlet, Problem.of(e));
            });
  }

  private void answer(
      HttpServerRequest request, ResponseFormat form, Outlet outlet, Problem problem) {
    if (form == ResponseFormat.EVENT_STREAM && problem.passing()) {
      busy(request.response(), outlet, problem);
    } else {
      problem.answer(request);
    }
  }

  /**
   * Answers with a stream that says that there is none for now, and ends. EventSource gives up for
   * good on any status but 200.
   */
  private void busy(HttpServerResponse response, Outlet outlet, Problem problem) {
    if (response.ended() || response.closed() || response.headWritten()) {
      return;
    }
    Duration retry = settings.stream().retry();
    int least = (int) (retry.isZero() ? BUSY_WAIT : retry).toMillis();
    int wait = least + ThreadLocalRandom.current().nextInt(least); // not all of them at once
    var json = new JsonObject().put("detail", problem.getMessage()).put("retry", wait);
    ResponseFormat.EVENT_STREAM
        .head(response)
        .write(bytes(SseFrame.busy(wait, json.encode())))
        .onComplete(written -> outlet.end(CloseReason.FAILED));
  }

  private void begin(
      Opened opened, HttpServerRequest request, ResponseFormat form, Optional<Duration> time) {
    Subscriber subscriber = opened.subscriber;
    if (subscriber.left()) {
      return;
    }
    HttpServerResponse response = request.response();
    // not writeHead: HTTP/1.0 would be told of chunks. A write that fails ends in the handlers
    // above
    SseFrame opening = subscriber.opening(opened.start, settings.stream().retry());
    Future<Void> written = form.head(response).write(bytes(opening));
    if (written.failed()) {
      return;
    }
    // for as long as the stream lives nobody asks for them again: some 400 bytes each
    response.headers().clear();
    request.headers().clear();
    time.ifPresent(subscriber::expireAfter);
    subscriber.begin(opened.start);
  }

  private static Buffer bytes(SseFrame frame) {
    return Buffer.buffer(frame.bytes());
  }
}
