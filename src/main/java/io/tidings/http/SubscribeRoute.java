package io.tidings.http;

import io.tidings.event.InvalidEvent;
import io.tidings.event.Resume;
import io.tidings.event.Selection;
import io.tidings.event.Text;
import io.tidings.fanout.Audiences;
import io.tidings.fanout.Ending;
import io.tidings.fanout.Outlets;
import io.tidings.fanout.Subscriber;
import io.tidings.log.EventLog;
import io.tidings.log.Start;
import io.tidings.settings.Settings;
import io.tidings.settings.Span;
import io.tidings.sse.Frame;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Opens streams. Confined to one event loop. */
final class SubscribeRoute {
  private static final String LAST_EVENT_ID = "Last-Event-ID";
  private static final String LATEST = "latest";

  private final Vertx vertx;
  private final EventLog log;
  private final Audiences audiences;
  private final Outlets outlets;
  private final Settings settings;

  SubscribeRoute(
      Vertx vertx, EventLog log, Audiences audiences, Outlets outlets, Settings settings) {
    this.vertx = vertx;
    this.log = log;
    this.audiences = audiences;
    this.outlets = outlets;
    this.settings = settings;
  }

  /**
   * @param topic the topic in the path, if there is one
   * @throws InvalidEvent where a field breaks a rule
   * @throws Problem where the client wants something else than a stream
   */
  void handle(HttpServerRequest request, Optional<String> topic) {
    Selection selection = selection(request, topic);
    Resume resume = resume(request);
    Optional<Duration> time = time(request);
    if (!accepts(request)) {
      throw Problem.of(406, "Accept: must allow " + Frame.MEDIA_TYPE);
    }
    HttpServerResponse response = request.response();
    if (request.method() == HttpMethod.HEAD) {
      head(response).end();
      return;
    }
    Subscriber subscriber = audiences.open(selection, outlets.to(request));
    response
        .exceptionHandler(broken -> subscriber.leave(Ending.CLIENT))
        .closeHandler(closed -> subscriber.leave(Ending.CLIENT))
        .endHandler(ended -> subscriber.leave(Ending.CLIENT));
    log.find(resume, selection)
        .onSuccess(start -> begin(subscriber, response, start, time))
        .onFailure(
            e -> {
              subscriber.leave(Ending.FAILED);
              Problem.of(e).send(response);
            });
  }

  private void begin(
      Subscriber subscriber, HttpServerResponse response, Start start, Optional<Duration> time) {
    if (subscriber.left()) {
      return;
    }
    String id = start.after().toString();
    Frame opening = Frame.opening(settings.stream().retry().toMillis(), id);
    // not writeHead: HTTP/1.0 would be told of chunks. A write that fails ends in the handlers
    // above
    Future<Void> opened = head(response).write(Buffer.buffer(opening.bytes()));
    if (opened.failed()) {
      return;
    }
    time.ifPresent(duration -> subscriber.expireAfter(duration, vertx));
    subscriber.begin(start);
  }

  private static HttpServerResponse head(HttpServerResponse response) {
    return response
        .putHeader(HttpHeaders.CONTENT_TYPE, Frame.MEDIA_TYPE)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache, no-transform")
        .putHeader("X-Accel-Buffering", "no");
  }

  private Selection selection(HttpServerRequest request, Optional<String> topic) {
    List<String> patterns = new ArrayList<>(request.params(true).getAll("topic"));
    topic.ifPresent(patterns::add);
    if (patterns.isEmpty()) {
      throw new InvalidEvent("topic", "must be given, in the path or as topic=");
    }
    Settings.Limits limits = settings.limits();
    if (patterns.size() > limits.topics()) {
      throw new InvalidEvent("topic", "must be given at most " + limits.topics() + " times");
    }
    for (String pattern : patterns) {
      if (Text.utf8Length(pattern) > limits.topic()) {
        throw new InvalidEvent("topic", "must have at most " + limits.topic() + " bytes");
      }
    }
    return Selection.of(patterns);
  }

  /**
   * A browser that reconnects says the header, and still has the URL it began with: the header
   * counts.
   */
  private static Resume resume(HttpServerRequest request) {
    MultiMap params = request.params(true);
    String since = params.get("since");
    String byHeader = request.getHeader(LAST_EVENT_ID);
    if (byHeader != null && !byHeader.isEmpty()) {
      // ids are UTF-8 on the wire, and headers are read as Latin-1
      byte[] bytes = byHeader.getBytes(StandardCharsets.ISO_8859_1);
      return after(Text.utf8(LAST_EVENT_ID, bytes));
    }
    String byQuery = params.get("last_event_id");
    if (byQuery == null) {
      byQuery = params.get("lastEventId"); // how event-source-polyfill says it
    }
    if (byQuery != null && !byQuery.isEmpty()) {
      return after(byQuery);
    } else if (since == null) {
      return new Resume.Live();
    } else if (since.equals(LATEST)) {
      return new Resume.Latest();
    }
    return new Resume.Since(span("since", since));
  }

  private static Resume after(String id) {
    return id.equals(Resume.EARLIEST) ? new Resume.Earliest() : new Resume.After(id);
  }

  private static Optional<Duration> time(HttpServerRequest request) {
    String time = request.params(true).get("for");
    if (time == null) {
      return Optional.empty();
    }
    Duration span = span("for", time);
    if (span.isZero()) {
      throw new InvalidEvent("for", "must be longer than 0");
    }
    return Optional.of(span);
  }

  private static Duration span(String field, String text) {
    try {
      return Span.parse(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidEvent(field, e.getMessage());
    }
  }

  private static boolean accepts(HttpServerRequest request) {
    String accept = request.getHeader(HttpHeaders.ACCEPT);
    return accept == null
        || accept.contains(Frame.MEDIA_TYPE)
        || accept.contains("text/*")
        || accept.contains("*/*");
  }
}
