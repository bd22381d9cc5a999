package io.tidings.http;

import io.tidings.event.InvalidEvent;
import io.tidings.event.TextRules;
import io.tidings.settings.DurationFormat;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The query parameters of a request, strictly decoded. Invalid percent-encoding or UTF-8 is
 * rejected and not replaced, so that different ids or topics cannot become equal.
 *
 * @see <a href="https://url.spec.whatwg.org/#urlencoded-parsing">URL, 5.1</a>
 */
final class QueryParameters {
  /** The id after which a stream resumes. */
  static final String LAST_EVENT_ID = "last_event_id";

  /** The same, as event-source-polyfill names it. */
  static final String POLYFILL_LAST_EVENT_ID = "lastEventId";

  /** Parameters that are never rejected: an id that cannot be decoded results in a gap. */
  private static final Set<String> LENIENT = Set.of(LAST_EVENT_ID, POLYFILL_LAST_EVENT_ID);

  private final Map<String, List<String>> values = new LinkedHashMap<>();

  private QueryParameters() {}

  /**
   * @param query the part after the question mark; null if there is none
   * @throws InvalidEvent naming the parameter that cannot be decoded
   */
  static QueryParameters parse(String query) {
    var parsed = new QueryParameters();
    if (query != null && !query.isEmpty()) {
      for (String pair : query.split("&")) {
        if (!pair.isEmpty()) {
          parsed.add(pair);
        }
      }
    }
    return parsed;
  }

  private void add(String pair) {
    int equals = pair.indexOf('=');
    String name = equals < 0 ? pair : pair.substring(0, equals);
    String value = equals < 0 ? "" : pair.substring(equals + 1);
    String decodedName = decode("query", name.replace('+', ' '));
    values
        .computeIfAbsent(decodedName, first -> new ArrayList<>())
        .add(
            LENIENT.contains(decodedName)
                ? decodeLeniently(value.replace('+', ' '))
                : decode(decodedName, value.replace('+', ' ')));
  }

  /** The decoded text, or the encoded one if it cannot be decoded; no entry has that as its id. */
  private static String decodeLeniently(String encoded) {
    try {
      return decode("id", encoded);
    } catch (InvalidEvent e) {
      return encoded;
    }
  }

  Set<String> names() {
    return values.keySet();
  }

  /** All values of the parameter, in order. */
  List<String> all(String name) {
    return values.getOrDefault(name, List.of());
  }

  /**
   * The value of the parameter.
   *
   * @throws InvalidEvent if it is given more than once
   */
  Optional<String> single(String name) {
    List<String> given = all(name);
    if (given.size() > 1) {
      throw new InvalidEvent(name, "must not be given twice");
    }
    return given.stream().findFirst();
  }

  /**
   * The value of the parameter as a duration.
   *
   * @throws InvalidEvent if it is not a duration, or given more than once
   */
  Optional<Duration> duration(String name) {
    return single(name).map(text -> duration(name, text));
  }

  /**
   * Parses a duration.
   *
   * @param field its name, for the error
   */
  static Duration duration(String field, String text) {
    try {
      return DurationFormat.parse(text);
    } catch (IllegalArgumentException e) {
      throw new InvalidEvent(field, e.getMessage());
    }
  }

  /**
   * Decodes percent-encoding. Each character that is not encoded is one byte, as Vert.x reads the
   * request line as ISO-8859-1.
   *
   * @param field its name, for the error
   */
  static String decode(String field, String encoded) {
    var bytes = new ByteArrayOutputStream(encoded.length());
    for (int i = 0; i < encoded.length(); i++) {
      char c = encoded.charAt(i);
      if (c != '%') {
        bytes.writeBytes(
            c <= 0xff ? new byte[] {(byte) c} : String.valueOf(c).getBytes(StandardCharsets.UTF_8));
        continue;
      }
      bytes.write(digit(field, encoded, i + 1) << 4 | digit(field, encoded, i + 2));
      i += 2;
    }
    return TextRules.utf8(field, bytes.toByteArray());
  }

  private static int digit(String field, String encoded, int index) {
    int digit = index < encoded.length() ? Character.digit(encoded.charAt(index), 16) : -1;
    if (digit < 0) {
      throw new InvalidEvent(field, "must have two hexadecimal digits after each %");
    }
    return digit;
  }
}
