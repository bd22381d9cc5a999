package io.tidings.http;

import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.InvalidEvent;
import io.tidings.event.ResumeRequest;
import io.tidings.event.TextRules;
import io.tidings.fanout.Traffic;
import io.tidings.settings.LimitSettings;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a client wants to hear, from where on, and for how long.
 *
 * @param time after which the stream shall end; nothing for never
 * @param patience how long to wait for an answer; nothing for as long as the hub likes
 * @param envelope whether each event shall tell its topic, and all else that is known of it
 * @param traffic as what its deliveries are counted
 */
record SubscribeRequest(
    Filter filter,
    ResumeRequest resume,
    Optional<Duration> time,
    Optional<Duration> patience,
    boolean envelope,
    Traffic traffic) {
  private static final String LAST_EVENT_ID = "Last-Event-ID";
  private static final String LATEST = "latest";

  /** How much of an id that is too long is told back. */
  private static final int SHOWN = 200;

  private static final String ELLIPSIS = "\u2026";

  /** What no id of an entry has. */
  private static final String CONTROL = "\u0000";

  /**
   * @param topic the topic in the path, if there is one
   * @throws InvalidEvent where a field breaks a rule
   */
  static SubscribeRequest of(
      HttpServerRequest request,
      Optional<String> topic,
      QueryParameters query,
      LimitSettings limits) {
    return new SubscribeRequest(
        filter(query, topic, limits),
        resume(request, query),
        query.span("for").filter(time -> longerThanNothing("for", time)),
        query.span("wait"),
        query.one("envelope").filter(SubscribeRequest::json).isPresent(),
        query.one("apart").isPresent() ? Traffic.DASHBOARD : Traffic.CLIENT);
  }

  private static boolean json(String envelope) {
    if (!envelope.equals("json")) {
      throw new InvalidEvent("envelope", "must be json");
    }
    return true;
  }

  private static Filter filter(
      QueryParameters query, Optional<String> topic, LimitSettings limits) {
    List<String> patterns = new ArrayList<>(query.all("topic"));
    topic.ifPresent(patterns::add);
    if (patterns.isEmpty()) {
      throw new InvalidEvent("topic", "must be given, in the path or as topic=");
    }
    if (patterns.size() > limits.topics()) {
      throw new InvalidEvent("topic", "must be given at most " + limits.topics() + " times");
    }
    for (String pattern : patterns) {
      if (TextRules.utf8Length(pattern) > limits.topic()) {
        throw new InvalidEvent("topic", "must have at most " + limits.topic() + " bytes");
      }
    }
    return Filter.of(patterns);
  }

  /**
   * A browser that reconnects says the header, or what a polyfill has instead, and still has the
   * URL it began with: that counts last.
   */
  private static ResumeRequest resume(HttpServerRequest request, QueryParameters query) {
    List<String> byHeader = request.headers().getAll(LAST_EVENT_ID);
    return Stream.of(
            byHeader.stream().map(SubscribeRequest::decoded).toList(),
            query.all(QueryParameters.POLYFILLS_ID),
            query.all(QueryParameters.LAST_EVENT_ID))
        .map(SubscribeRequest::id)
        .filter(id -> !id.isEmpty())
        .findFirst()
        .map(SubscribeRequest::after)
        .or(() -> query.one("since").map(SubscribeRequest::since))
        .orElseGet(ResumeRequest.Live::new);
  }

  /** One id; of several different ones a list, which no entry has for an id. */
  private static String id(List<String> given) {
    return given.stream()
        .filter(id -> !id.isEmpty())
        .distinct()
        .collect(Collectors.joining(CONTROL + ", "));
  }

  /**
   * The text of a header, which is read as Latin-1: ids were UTF-8 on the wire, and clients send
   * them back in the one encoding or the other.
   */
  private static String decoded(String header) {
    try {
      return TextRules.utf8(LAST_EVENT_ID, header.getBytes(StandardCharsets.ISO_8859_1));
    } catch (InvalidEvent e) {
      return header;
    }
  }

  private static ResumeRequest since(String text) {
    return text.equals(LATEST)
        ? new ResumeRequest.Latest()
        : new ResumeRequest.Since(QueryParameters.span("since", text));
  }

  /** Whatever it is: an id that no entry can have is told of as a gap, as any unknown one is. */
  private static ResumeRequest after(String id) {
    if (id.equals(ResumeRequest.EARLIEST)) {
      return new ResumeRequest.Earliest();
    }
    boolean tooLong = TextRules.utf8Length(id) > Event.MAX_FIELD_BYTES;
    return new ResumeRequest.After(tooLong ? beginning(id) + CONTROL + ELLIPSIS : id);
  }

  private static String beginning(String id) {
    int half = Character.isHighSurrogate(id.charAt(SHOWN - 1)) ? 1 : 0;
    return id.substring(0, SHOWN - half);
  }

  private static boolean longerThanNothing(String field, Duration time) {
    if (time.isZero()) {
      throw new InvalidEvent(field, "must be longer than 0");
    }
    return true;
  }
}
