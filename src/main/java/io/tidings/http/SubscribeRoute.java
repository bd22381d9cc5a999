package io.tidings.http;

import io.tidings.bus.Here;
import io.tidings.event.InvalidEvent;
import io.tidings.fanout.Audiences;
import io.tidings.fanout.Ending;
import io.tidings.fanout.Outlet;
import io.tidings.fanout.Outlets;
import io.tidings.fanout.Subscriber;
import io.tidings.fanout.Wire;
import io.tidings.log.EventLog;
import io.tidings.log.Start;
import io.tidings.settings.Settings;
import io.tidings.sse.Frame;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.Optional;

/**
 * Opens streams, in the form that the client wants: events, lines of JSON, one answer, or a
 * WebSocket. Whatever the form, a stream is a subscriber with an outlet. Confined to one event
 * loop.
 */
final class SubscribeRoute {
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
  private static final Duration USUAL_WAIT = Duration.ofSeconds(25);
  private static final String LAST_EVENT_ID = "Last-Event-ID";

  /** RFC 9113, 7. */
  private static final long REFUSED_STREAM = 7;

  private final EventLog log;
  private final Audiences audiences;
  private final Outlets outlets;
  private final Origins origins;
  private final Proxies proxies;
  private final Settings settings;
  private final SocketRoute sockets;

  SubscribeRoute(
      EventLog log, Audiences audiences, Origins origins, Proxies proxies, Settings settings) {
    this.log = log;
    this.audiences = audiences;
    this.outlets = new Outlets(settings.stream());
    this.origins = origins;
    this.proxies = proxies;
    this.settings = settings;
    this.sockets = new SocketRoute(log, audiences, outlets, origins, proxies);
  }

  /**
   * @param topic the topic in the path, if there is one
   * @throws InvalidEvent where a field breaks a rule
   * @throws Problem where the client may not, or wants something that there is not
   */
  void handle(HttpServerRequest request, Optional<String> topic, Query query) {
    origins.allowHearing(request);
    Wish wish = Wish.of(request, topic, query, settings.limits());
    if (audiences.draining()) {
      refuse(request);
      return;
    }
    if (SocketRoute.leadsTo(request)) {
      sockets.handle(request, wish);
      return;
    }
    request.response().headers().add(HttpHeaders.VARY, HttpHeaders.ACCEPT);
    Form form = Form.of(request);
    if (!audiences.admits()) {
      refuse(request, form);
      return;
    }
    Duration wait = form == Form.POLL ? patience(wish) : Duration.ZERO;
    if (request.method() == HttpMethod.HEAD) {
      form.head(request.response()).end();
    } else if (form == Form.POLL) {
      form.head(request.response());
      open(wish, form.wire(), outlets.poll(request), request)
          .onSuccess(
              opened -> {
                opened.subscriber.begin(opened.start);
                opened.subscriber.expireAtEdge(wait);
              });
    } else {
      open(wish, form.wire(), outlets.to(request), request)
          .onSuccess(opened -> begin(opened, request, form, wish.time()));
    }
  }

  /**
   * Does not answer: after an answer that is none browsers give up for good, and without one they
   * try again, as proxies do at once, with another hub.
   */
  private static void refuse(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2) {
      request.response().reset(REFUSED_STREAM);
    } else {
      request.connection().close();
    }
  }

  /** There is no memory for one more; who is no {@code EventSource} is told so. */
  private static void refuse(HttpServerRequest request, Form form) {
    if (form != Form.EVENT_STREAM) {
      throw Problem.of(503, "there is no memory for one more stream now");
    }
    refuse(request);
  }

  /**
   * How long a poll may wait: shorter than the server keeps a connection on which nothing is said.
   */
  private Duration patience(Wish wish) {
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
  private record Opened(Subscriber subscriber, Start start) {}

  /** Registers the stream's end first, and then finds its place; fails where it has left before. */
  private Future<Opened> open(Wish wish, Wire wire, Outlet outlet, HttpServerRequest request) {
    HttpServerResponse response = request.response();
    Subscriber subscriber = audiences.open(wish.selection(), wire, outlet);
    proxies.forwardedFor(request).ifPresent(subscriber::forwardedFor);
    response
        .exceptionHandler(broken -> subscriber.leave(Ending.CLIENT))
        .closeHandler(closed -> subscriber.leave(Ending.CLIENT))
        .endHandler(ended -> subscriber.leave(Ending.CLIENT));
    return Here.of(log.find(wish.resume(), wish.selection()))
        .map(start -> new Opened(subscriber, start))
        .onFailure(
            e -> {
              subscriber.leave(Ending.FAILED);
              Problem.of(e).send(response);
            });
  }

  private void begin(Opened opened, HttpServerRequest request, Form form, Optional<Duration> time) {
    Subscriber subscriber = opened.subscriber;
    if (subscriber.left()) {
      return;
    }
    HttpServerResponse response = request.response();
    // not writeHead: HTTP/1.0 would be told of chunks. A write that fails ends in the handlers
    // above
    Future<Void> written = form.head(response).write(opening(response, form, opened.start));
    if (written.failed()) {
      return;
    }
    // for as long as the stream lives nobody asks for them again: some 400 bytes each
    response.headers().clear();
    request.headers().clear();
    time.ifPresent(subscriber::expireAfter);
    subscriber.begin(opened.start);
  }

  /**
   * What a stream begins with; one of lines has its place in the head, for each line is an event.
   */
  private Buffer opening(HttpServerResponse response, Form form, Start start) {
    String place = start.after().toString();
    if (form == Form.LINES) {
      response.putHeader(LAST_EVENT_ID, place);
      return Buffer.buffer();
    }
    return Buffer.buffer(Frame.opening(settings.stream().retry().toMillis(), place).bytes());
  }
}
