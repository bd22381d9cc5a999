package io.tidings.http;

import io.tidings.event.Filter;
import io.tidings.event.InvalidEvent;
import io.tidings.event.TextRules;
import io.tidings.settings.LimitSettings;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A parsed request for a ticket.
 *
 * @param topics that the ticket is for; empty for all that the principal may read
 * @param origin of the page that will show it; empty for a program
 */
record TicketRequest(Optional<Filter> topics, String origin) {
  private static final String TOPICS = "topics";
  private static final String ORIGIN = "origin";

  /** An origin as browsers write it (RFC 6454, 6.2). */
  private static final Pattern WEB_ORIGIN = Pattern.compile("https?://[!-.0-~]{1,255}");

  /**
   * Parses and checks a request.
   *
   * @param body empty, or a JSON object
   * @throws InvalidEvent if a field breaks a rule
   */
  static TicketRequest of(HttpServerRequest request, Buffer body, LimitSettings limits) {
    JsonObject json = json(body);
    for (String name : json.fieldNames()) {
      if (!name.equals(TOPICS) && !name.equals(ORIGIN)) {
        throw new InvalidEvent(name, "unknown member");
      }
    }
    return new TicketRequest(
        json.containsKey(TOPICS) ? Optional.of(topics(json, limits)) : Optional.empty(),
        origin(request, json));
  }

  private static JsonObject json(Buffer body) {
    String text = TextRules.utf8("body", body.getBytes());
    if (text.isBlank()) {
      return new JsonObject();
    }
    try {
      if (Json.decodeValue(text) instanceof JsonObject object) {
        return object;
      }
    } catch (DecodeException e) {
      // answered as any other text that is no object
    }
    throw new InvalidEvent("body", "must be empty, or a JSON object");
  }

  private static Filter topics(JsonObject json, LimitSettings limits) {
    if (!(json.getValue(TOPICS) instanceof JsonArray array)) {
      throw new InvalidEvent(TOPICS, "must be a list of topics");
    }
    if (array.isEmpty() || array.size() > limits.topics()) {
      throw new InvalidEvent(TOPICS, "must have from 1 to " + limits.topics() + " topics");
    }
    List<String> patterns = new ArrayList<>();
    for (Object one : array) {
      if (!(one instanceof String pattern)) {
        throw new InvalidEvent(TOPICS, "must be a list of topics");
      }
      if (TextRules.utf8Length(pattern) > limits.topic()) {
        throw new InvalidEvent(TOPICS, "must have at most " + limits.topic() + " bytes each");
      }
      patterns.add(pattern);
    }
    return Filter.of(patterns);
  }

  /** The page's own origin, which its browser sends; a program may name the one of its page. */
  private static String origin(HttpServerRequest request, JsonObject json) {
    String sent = request.getHeader(HttpHeaders.ORIGIN);
    if (!json.containsKey(ORIGIN)) {
      return sent == null ? "" : sent;
    }
    boolean valid =
        json.getValue(ORIGIN) instanceof String named
            && WEB_ORIGIN.matcher(named).matches()
            && (sent == null || sent.equals(named));
    if (!valid) {
      throw new InvalidEvent(
          ORIGIN, "must be that of a page, such as https://app.example, and not another page's");
    }
    return json.getString(ORIGIN);
  }
}
