package io.tidings.fanout;

import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.event.TopicPattern;
import io.tidings.log.Gap;
import io.tidings.log.StreamStart;
import io.tidings.wire.SseFrame;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** The data of the events in which the hub describes a stream to its client. */
final class HubEvents {
  /** Some clients accept no line of more than 8 KB. */
  private static final int FILTER_CHARACTERS = 2_048;

  private static final String FILTER = "filter";
  private static final String OMITTED = "omitted";
  private static final String ASKED = "asked";
  private static final String ASKED_OMITTED = "asked_omitted";
  private static final List<String> CUT = List.of(FILTER, OMITTED, ASKED, ASKED_OMITTED);

  private HubEvents() {}

  /**
   * A stream as its client is told of it.
   *
   * @param id by which the client can renew it
   * @param asked the filter that was asked for
   * @param filter what it has of that
   * @param expires when its token ends; empty without one
   */
  record Description(StreamId id, Filter asked, Filter filter, Optional<Instant> expires) {}

  /**
   * The opening frame: the filter, what was asked for if the filter is less than that, the gap if
   * there is one, the stream's id, when its token ends, and the id of the position where the stream
   * begins. With a gap that is the position before the loss, so that a client that resumes with it
   * is sent the gap again; only the gap event that follows advances past it.
   */
  static SseFrame open(WireFormat wire, Description stream, StreamStart start, Duration retry) {
    String position =
        start.gap().map(gap -> gap.resumableAfter()).orElseGet(() -> start.after().toString());
    boolean plain = isPlain(stream) && start.gap().isEmpty();
    return wire.open(
        retry.toMillis(), position, plain ? plainJson(stream) : json(stream, start).encode());
  }

  private static JsonObject json(Description stream, StreamStart start) {
    var json = new JsonObject();
    putPatterns(json, FILTER, OMITTED, stream.filter);
    if (isCut(stream.asked, stream.filter)) {
      putPatterns(json, ASKED, ASKED_OMITTED, stream.asked);
    }
    start.gap().ifPresent(gap -> json.put("gap", json(gap)));
    json.put("stream", stream.id.toString());
    putExpiry(json, stream.expires);
    return json;
  }

  /** Whether {@link #plainJson} describes the stream, as it does nearly all. */
  private static boolean isPlain(Description stream) {
    if (stream.asked != stream.filter || stream.expires.isPresent()) {
      return false;
    }
    int room = FILTER_CHARACTERS;
    for (TopicPattern pattern : stream.filter.patterns()) {
      room -= pattern.pattern().length();
      if (room < 0 || !isPlain(pattern.pattern())) {
        return false;
      }
    }
    return true;
  }

  /** Whether JSON needs no escapes for the text. */
  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~' || c == '"' || c == '\\') {
        return false;
      }
    }
    return true;
  }

  /** The same as {@link #json}, without what an encoder costs before it is compiled. */
  private static String plainJson(Description stream) {
    var json = new StringBuilder(128).append("{\"" + FILTER + "\":[");
    List<TopicPattern> patterns = stream.filter.patterns();
    for (int i = 0; i < patterns.size(); i++) {
      json.append(i == 0 ? "\"" : ",\"").append(patterns.get(i).pattern()).append('"');
    }
    return json.append("],\"stream\":\"").append(stream.id).append("\"}").toString();
  }

  /** Whether a stream has less than what was asked for. */
  static boolean isCut(Filter asked, Filter filter) {
    return !asked.equals(filter) && !asked.patterns().stream().allMatch(filter::contains);
  }

  /** What the data of an opening frame says about a filter that was cut; empty if it was not. */
  static JsonObject cut(JsonObject open) {
    var cut = new JsonObject();
    if (open.containsKey(ASKED)) {
      CUT.stream().filter(open::containsKey).forEach(name -> cut.put(name, open.getValue(name)));
    }
    return cut;
  }

  /**
   * Reports a gap.
   *
   * @param next the position after it, from which the client can resume
   */
  static SseFrame gap(WireFormat wire, Gap gap, Position next) {
    return wire.gap(next.toString(), json(gap).encode());
  }

  /**
   * Reports that newer entries may be on other nodes.
   *
   * @param since when this node lost the connection to the majority
   */
  static SseFrame stale(WireFormat wire, Instant since) {
    String time = since.truncatedTo(ChronoUnit.MILLIS).toString();
    return wire.stale(new JsonObject().put("since", time).encode());
  }

  /**
   * Tells the rights of the stream.
   *
   * @param filter what the stream has, if that has changed
   */
  static SseFrame auth(WireFormat wire, Optional<Instant> expires, Optional<Filter> filter) {
    var json = new JsonObject();
    putExpiry(json, expires);
    filter.ifPresent(now -> putPatterns(json, "filter", "omitted", now));
    return wire.auth(json.encode());
  }

  /** Ends a stream whose rights have ended. */
  static SseFrame end(WireFormat wire, Position position, String reason) {
    return wire.end(position.toString(), new JsonObject().put("reason", reason).encode());
  }

  private static void putExpiry(JsonObject json, Optional<Instant> expires) {
    expires.ifPresent(end -> json.put("expires", end.toString()));
  }

  /**
   * Puts the patterns, as many as fit into a line that every client accepts, and how many do not.
   */
  private static void putPatterns(JsonObject json, String name, String omitted, Filter filter) {
    var patterns = new JsonArray();
    int room = FILTER_CHARACTERS;
    for (TopicPattern pattern : filter.patterns()) {
      room -= pattern.pattern().length();
      if (room < 0) {
        break;
      }
      patterns.add(pattern.pattern());
    }
    json.put(name, patterns);
    if (patterns.size() < filter.patterns().size()) {
      json.put(omitted, filter.patterns().size() - patterns.size());
    }
  }

  private static JsonObject json(Gap gap) {
    return new JsonObject()
        .put("reason", gap.reason().word())
        .put("after", gap.after())
        .put("next", gap.next());
  }
}
