package io.tidings.http;

import io.tidings.event.InvalidEvent;
import io.tidings.event.Resume;
import io.tidings.event.Selection;
import io.tidings.event.Text;
import io.tidings.fanout.Traffic;
import io.tidings.settings.Settings.Limits;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a client wants to hear, from where on, and for how long.
 *
 * @param time after which the stream shall end; nothing for never
 * @param patience how long to wait for an answer; nothing for as long as the hub likes
 * @param traffic as what its deliveries are counted
 */
record Wish(
    Selection selection,
    Resume resume,
    Optional<Duration> time,
    Optional<Duration> patience,
    Traffic traffic) {
  private static final String LAST_EVENT_ID = "Last-Event-ID";
  private static final String LATEST = "latest";

  /** How event-source-polyfill says what browsers say in the header. */
  private static final String POLYFILLS_ID = "lastEventId";

  /**
   * @param topic the topic in the path, if there is one
   * @throws InvalidEvent where a field breaks a rule
   */
  static Wish of(HttpServerRequest request, Optional<String> topic, Query query, Limits limits) {
    return new Wish(
        selection(query, topic, limits),
        resume(request, query),
        query.span("for").filter(time -> longerThanNothing("for", time)),
        query.span("wait"),
        query.one("apart").isPresent() ? Traffic.DASHBOARD : Traffic.CLIENT);
  }

  private static Selection selection(Query query, Optional<String> topic, Limits limits) {
    List<String> patterns = new ArrayList<>(query.all("topic"));
    topic.ifPresent(patterns::add);
    if (patterns.isEmpty()) {
      throw new InvalidEvent("topic", "must be given, in the path or as topic=");
    }
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
    return query.one("since").map(Wish::since).orElse(new Resume.Live());
  }

  private static Resume since(String text) {
    return text.equals(LATEST) ? new Resume.Latest() : new Resume.Since(Query.span("since", text));
  }

  private static Resume after(String id) {
    return id.equals(Resume.EARLIEST) ? new Resume.Earliest() : new Resume.After(id);
  }

  private static boolean longerThanNothing(String field, Duration time) {
    if (time.isZero()) {
      throw new InvalidEvent(field, "must be longer than 0");
    }
    return true;
  }
}
