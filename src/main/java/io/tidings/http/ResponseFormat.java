package io.tidings.http;

import static java.util.regex.Pattern.DOTALL;

import io.tidings.fanout.WireFormat;
import io.tidings.metrics.Door;
import io.tidings.wire.JsonLine;
import io.tidings.wire.SseFrame;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The format of a response to a subscribe request, negotiated by the Accept header (RFC 9110,
 * 12.5.1).
 */
enum ResponseFormat {
  /** A stream of Server-Sent Events. */
  EVENT_STREAM(SseFrame.MEDIA_TYPE, SseFrame.CONTENT_TYPE, WireFormat.EVENT_STREAM, Door.STREAM),

  /** A stream of JSON objects, one per line (NDJSON). */
  JSON_LINES(JsonLine.MEDIA_TYPE, JsonLine.MEDIA_TYPE, WireFormat.JSON_LINES, Door.LINES),

  /** A long poll: one response with the first events that are available. */
  LONG_POLL("application/json", "application/json", WireFormat.JSON_LINES, Door.POLL);

  private static final Pattern RANGE = Pattern.compile("([^\\s;/]+/[^\\s;/]+)\\s*(;.*)?", DOTALL);
  private static final Pattern WEIGHT =
      Pattern.compile(";\\s*q\\s*=\\s*(0(?:\\.\\d{0,3})?|1(?:\\.0{0,3})?)\\s*(?:;|$)");

  // not strings, which are encoded anew for each response
  private static final CharSequence UNTOUCHED =
      HttpHeaders.createOptimized("no-cache, no-transform");
  private static final CharSequence ACCEL_BUFFERING =
      HttpHeaders.createOptimized("X-Accel-Buffering");
  private static final CharSequence NO = HttpHeaders.createOptimized("no");

  private final String mediaType;
  private final CharSequence contentType;
  private final WireFormat wire;
  private final Door door;

  ResponseFormat(String mediaType, String contentType, WireFormat wire, Door door) {
    this.mediaType = mediaType;
    this.contentType = HttpHeaders.createOptimized(contentType);
    this.wire = wire;
    this.door = door;
  }

  /** The door of requests for events in this format. */
  Door door() {
    return door;
  }

  String mediaType() {
    return mediaType;
  }

  /** The wire format of a stream in this format. */
  WireFormat wire() {
    return wire;
  }

  /** The wire format in which each event carries all its fields as JSON; JSON lines always do. */
  WireFormat envelopes() {
    return this == EVENT_STREAM ? WireFormat.ENVELOPES : wire;
  }

  /**
   * Sets the headers of a response in this format: no intermediary may cache, transform or buffer
   * it.
   */
  HttpServerResponse setHeaders(HttpServerResponse response) {
    return response
        .putHeader(HttpHeaders.CONTENT_TYPE, contentType)
        .putHeader(HttpHeaders.CACHE_CONTROL, UNTOUCHED)
        .putHeader(ACCEL_BUFFERING, NO);
  }

  /**
   * The format that the client prefers: the one with the highest weight, the first of equal weight,
   * and events if there is no valid media range. Parts that are not media ranges are ignored.
   *
   * @throws Problem 406 if the client accepts none of the formats
   */
  static ResponseFormat of(HttpServerRequest request) {
    return find(request)
        .orElseThrow(
            () ->
                Problem.of(
                    406,
                    "Accept: must allow "
                        + EVENT_STREAM.mediaType
                        + ", "
                        + JSON_LINES.mediaType
                        + " or "
                        + LONG_POLL.mediaType));
  }

  /** As {@link #of}; empty if the client accepts none of the formats. */
  static Optional<ResponseFormat> find(HttpServerRequest request) {
    List<String> given = request.headers().getAll(HttpHeaders.ACCEPT);
    if (given.size() == 1 && given.get(0).equals(EVENT_STREAM.mediaType)) {
      return Optional.of(EVENT_STREAM); // what every EventSource sends
    }
    String accept = String.join(",", given);
    var ranges = new ArrayList<Range>();
    for (String range : accept.toLowerCase(Locale.ROOT).split(",")) {
      Range.of(range.strip()).ifPresent(ranges::add);
    }
    if (ranges.isEmpty()) {
      return Optional.of(EVENT_STREAM);
    }
    return Arrays.stream(values())
        .map(format -> offer(format, ranges))
        .flatMap(Optional::stream)
        .min(
            Comparator.comparingDouble((Offer offer) -> -offer.range.weight)
                .thenComparingInt(offer -> ranges.indexOf(offer.range)))
        .map(Offer::format);
  }

  /** The most specific range decides about a format (RFC 9110, 12.5.1); empty if it excludes it. */
  private static Optional<Offer> offer(ResponseFormat format, List<Range> ranges) {
    return ranges.stream()
        .filter(range -> range.matches(format))
        .max(Comparator.comparingInt(Range::specificity))
        .filter(range -> range.weight > 0)
        .map(range -> new Offer(format, range));
  }

  /** A format, and the range that allows it. */
  private record Offer(ResponseFormat format, Range range) {}

  /**
   * A media range of an Accept header.
   *
   * @param type a media type, or one with {@code *}
   * @param weight the preference from 0 (not acceptable) to 1
   */
  private record Range(String type, double weight) {
    /** The media range; empty if the text is not one, such as {@code ;}. */
    static Optional<Range> of(String text) {
      Matcher range = RANGE.matcher(text);
      if (!range.matches()) {
        return Optional.empty();
      }
      Matcher weight = WEIGHT.matcher(range.group(2) == null ? "" : range.group(2));
      return Optional.of(
          new Range(range.group(1), weight.find() ? Double.parseDouble(weight.group(1)) : 1));
    }

    int specificity() {
      return type.equals("*/*") ? 0 : type.endsWith("/*") ? 1 : 2;
    }

    boolean matches(ResponseFormat format) {
      String group = format.mediaType.substring(0, format.mediaType.indexOf('/'));
      return type.equals(format.mediaType) || type.equals("*/*") || type.equals(group + "/*");
    }
  }
}
