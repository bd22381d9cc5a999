package io.tidings.http;

import io.tidings.bus.Here;
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
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Opens streams. Confined to one event loop. */
final class SubscribeRoute {
  private static final String LAST_EVENT_ID = "Last-Event-ID";
  private static final String LATEST = "latest";

  /** How event-source-polyfill says what browsers say in the header. */
  private static final String POLYFILLS_ID = "lastEventId";

  private static final Set<String> ACCEPTED = Set.of(Frame.MEDIA_TYPE, "text/*", "*/*");

  private final EventLog log;
  private final Audiences audiences;
  private final Outlets outlets;
  private final Settings settings;

  SubscribeRoute(EventLog log, Audiences audiences, Outlets outlets, Settings settings) {
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
  void handle(HttpServerRequest request, Optional<String> topic, Query query) {
    Selection selection = selection(query, topic);
    Resume resume = resume(request, query);
    Optional<Duration> time = time(query);
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
    Here.of(log.find(resume, selection))
        .onSuccess(start -> begin(subscriber, request, start, time))
        .onFailure(
            e -> {
              subscriber.leave(Ending.FAILED);
              Problem.of(e).send(response);
            });
  }

  private void begin(
      Subscriber subscriber, HttpServerRequest request, Start start, Optional<Duration> time) {
    if (subscriber.left()) {
      return;
    }
    HttpServerResponse response = request.response();
    String id = start.after().toString();
    Frame opening = Frame.opening(settings.stream().retry().toMillis(), id);
    // not writeHead: HTTP/1.0 would be told of chunks. A write that fails ends in the handlers
    // above
    Future<Void> opened = head(response).write(Buffer.buffer(opening.bytes()));
    if (opened.failed()) {
      return;
    }
    // for as long as the stream lives nobody asks for them again: some 400 bytes each
    response.headers().clear();
    request.headers().clear();
    time.ifPresent(duration -> subscriber.expireAfter(duration));
    subscriber.begin(start);
  }

  private static HttpServerResponse head(HttpServerResponse response) {
    return response
        .putHeader(HttpHeaders.CONTENT_TYPE, Frame.MEDIA_TYPE)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache, no-transform")
        .putHeader("X-Accel-Buffering", "no");
  }

  private Selection selection(Query query, Optional<String> topic) {
    List<String> patterns = new ArrayList<>(query.all("topic"));
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
   * A browser that reconnects says the header, or what a polyfill has instead, and still has the
   * URL it began with: that counts last.
   */
  private static Resume resume(HttpServerRequest request, Query query) {
    String byHeader = request.getHeader(LAST_EVENT_ID);
    if (byHeader != null && !byHeader.isEmpty()) {
      // ids are UTF-8 on the wire, and headers are read as Latin-1
      byte[] bytes = byHeader.getBytes(StandardCharsets.ISO_8859_1);
      return after(Text.utf8(LAST_EVENT_ID, bytes));
    }
    Optional<String> byQuery =
        query
            .one(POLYFILLS_ID)
            .filter(id -> !id.isEmpty())
            .or(() -> query.one("last_event_id").filter(id -> !id.isEmpty()));
    if (byQuery.isPresent()) {
      return after(byQuery.get());
    }
    return query.one("since").map(SubscribeRoute::since).orElse(new Resume.Live());
  }

  private static Resume since(String text) {
    return text.equals(LATEST) ? new Resume.Latest() : new Resume.Since(span("since", text));
  }

  private static Resume after(String id) {
    return id.equals(Resume.EARLIEST) ? new Resume.Earliest() : new Resume.After(id);
  }

  private static Optional<Duration> time(Query query) {
    Optional<Duration> time = query.one("for").map(text -> span("for", text));
    if (time.filter(Duration::isZero).isPresent()) {
      throw new InvalidEvent("for", "must be longer than 0");
    }
    return time;
  }

  private static Duration span(String field, String text) {
    try {
      return Span.parse(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidEvent(field, e.getMessage());
    }
  }

  /**
   * Whether the client takes an event stream (RFC 9110, 12.5.1), which it does where it does not
   * say.
   */
  private static boolean accepts(HttpServerRequest request) {
    String accept = String.join(",", request.headers().getAll(HttpHeaders.ACCEPT));
    if (accept.isBlank()) {
      return true;
    }
    for (String range : accept.toLowerCase(Locale.ROOT).split(",")) {
      String[] parts = range.split(";");
      boolean refused = Stream.of(parts).anyMatch(part -> part.strip().matches("q=0(\\.0*)?"));
      if (ACCEPTED.contains(parts[0].strip()) && !refused) {
        return true;
      }
    }
    return false;
  }
}
