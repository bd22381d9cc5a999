package io.tidings.http;

import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.InvalidEvent;
import io.tidings.event.ResumeRequest;
import io.tidings.event.TextRules;
import io.tidings.fanout.Traffic;
import io.tidings.fanout.WireFormat;
import io.tidings.presence.PresenceTopics;
import io.tidings.settings.LimitSettings;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A parsed request to subscribe: the filter, where the stream begins, and when it ends.
 *
 * @param duration after which the stream ends; empty for never
 * @param maxWait how long a poll waits for events; empty for the default
 * @param envelope whether each event is delivered with its topic and all other fields
 * @param ticket that stands for a token; empty if none is in the URL
 * @param traffic the category in which its deliveries are counted
 * @param presence whether the stream tells who is present at its topics
 */
record SubscribeRequest(
    Filter filter,
    ResumeRequest resume,
    Optional<Duration> duration,
    Optional<Duration> maxWait,
    boolean envelope,
    Optional<String> ticket,
    Traffic traffic,
    boolean presence) {
  /** The parameter that has a ticket. */
  static final String TICKET = "ticket";

  private static final String PRESENCE = "presence";
  private static final String LAST_EVENT_ID = "Last-Event-ID";
  private static final String LATEST = "latest";

  /** The length in characters to which an id that is too long is cut in {@code hub.gap}. */
  private static final int MAX_ECHOED_LENGTH = 200;

  private static final String ELLIPSIS = "\u2026";

  /** A character that no entry's id contains. */
  private static final String NUL = "\u0000";

  /**
   * Parses and checks a request.
   *
   * @param topic the topic in the path; empty if there is none
   * @throws InvalidEvent if a field breaks a rule
   */
  static SubscribeRequest of(
      HttpServerRequest request,
      Optional<String> topic,
      QueryParameters query,
      LimitSettings limits) {
    return new SubscribeRequest(
        filter(query, topic, limits),
        resume(request, query),
        query.duration("for").filter(value -> isPositive("for", value)),
        query.duration("wait"),
        query.single("envelope").filter(SubscribeRequest::isJson).isPresent(),
        query.single(TICKET),
        query.single("uncounted").isPresent() ? Traffic.DASHBOARD : Traffic.CLIENT,
        query.single(PRESENCE).isPresent());
  }

  /**
   * Checks whether the hub knows who is present at one of its topics, if it asks for that.
   *
   * @throws InvalidEvent if it does not
   */
  void checkPresence(PresenceTopics known, boolean poll) {
    if (presence && poll) {
      throw new InvalidEvent(PRESENCE, "is for streams only, and no long poll");
    }
    if (presence && known.named(filter).isEmpty()) {
      throw new InvalidEvent(
          PRESENCE, "needs a topic, by its name, that is in the setting presence.topics");
    }
  }

  /**
   * Checks that a ticket is used for what it is for: programs that poll can send headers.
   *
   * @throws InvalidEvent if it is not
   */
  void checkTicket(HttpMethod method, boolean poll) {
    if (ticket.isPresent() && (poll || method != HttpMethod.GET)) {
      throw new InvalidEvent(TICKET, "is for streams only: GET, and no long poll");
    }
  }

  /** The wire format of the stream, in the format of its response. */
  WireFormat wire(ResponseFormat format) {
    return envelope ? format.envelopes() : format.wire();
  }

  private static boolean isJson(String envelope) {
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
      throw new InvalidEvent("topic", "must be given in the path or as topic=");
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
   * Determines where the stream begins. When a browser reconnects, it sends the header, or a
   * polyfill its parameter, while the URL still has the parameters of the first request; so those
   * have the lowest precedence.
   */
  private static ResumeRequest resume(HttpServerRequest request, QueryParameters query) {
    List<String> byHeader = request.headers().getAll(LAST_EVENT_ID);
    for (List<String> given :
        List.of(
            byHeader.isEmpty()
                ? byHeader
                : byHeader.stream().map(SubscribeRequest::decode).toList(),
            query.all(QueryParameters.POLYFILL_LAST_EVENT_ID),
            query.all(QueryParameters.LAST_EVENT_ID))) {
      String id = given.isEmpty() ? "" : singleId(given);
      if (!id.isEmpty()) {
        return after(id);
      }
    }
    return query.single("since").map(SubscribeRequest::since).orElseGet(ResumeRequest.Live::new);
  }

  /**
   * A single id; if there are several different ones, a list that cannot equal the id of an entry.
   */
  private static String singleId(List<String> given) {
    return given.stream()
        .filter(id -> !id.isEmpty())
        .distinct()
        .collect(Collectors.joining(NUL + ", "));
  }

  /**
   * Decodes a header value, which Netty reads as ISO-8859-1. Earlier versions sent ids in UTF-8,
   * and clients send them back in either encoding.
   */
  private static String decode(String header) {
    try {
      return TextRules.utf8(LAST_EVENT_ID, header.getBytes(StandardCharsets.ISO_8859_1));
    } catch (InvalidEvent e) {
      return header;
    }
  }

  private static ResumeRequest since(String text) {
    return text.equals(LATEST)
        ? new ResumeRequest.Latest()
        : new ResumeRequest.Since(QueryParameters.duration("since", text));
  }

  /** Resumes after any id: one that no entry can have results in a gap, as does any unknown one. */
  private static ResumeRequest after(String id) {
    if (id.equals(ResumeRequest.EARLIEST)) {
      return new ResumeRequest.Earliest();
    }
    boolean tooLong = TextRules.utf8Length(id) > Event.MAX_FIELD_BYTES;
    return new ResumeRequest.After(tooLong ? prefix(id) + NUL + ELLIPSIS : id);
  }

  private static String prefix(String id) {
    int surrogate = Character.isHighSurrogate(id.charAt(MAX_ECHOED_LENGTH - 1)) ? 1 : 0;
    return id.substring(0, MAX_ECHOED_LENGTH - surrogate);
  }

  private static boolean isPositive(String field, Duration value) {
    if (value.isZero()) {
      throw new InvalidEvent(field, "must be greater than 0");
    }
    return true;
  }
}
