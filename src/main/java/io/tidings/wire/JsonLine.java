package io.tidings.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.tidings.event.Event;
import io.tidings.event.Topic;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The same pieces for those who want JSON instead of an event stream: an object a line. Every line
 * has {@code id}, {@code topic}, {@code type}, {@code time} and {@code data}, all of them strings;
 * an event without a type is a {@code message}, as in browsers. Further topics are an array in
 * {@code topics}; {@code retry} and {@code publisher_id} (where the id is not the publisher's) are
 * there only where the event has them, {@code position} only where the id is the publisher's. What
 * the hub itself adds has the topic {@code hub} and a type {@code hub.*}.
 *
 * @see <a href="https://github.com/ndjson/ndjson-spec">NDJSON</a>
 */
public final class JsonLine {
  /** The media type of a stream of lines. */
  public static final String MEDIA_TYPE = "application/x-ndjson";

  /** The type of the last line of a stream that was opened for a certain time. */
  static final String CLOSE = "hub.close";

  private static final String MESSAGE = "message";
  private static final JsonFactory JSON = new JsonFactory();

  private JsonLine() {}

  /**
   * An event.
   *
   * @param id the id that clients shall remember
   * @param publisherId the publisher's id where that is another one; empty where it is not
   * @param position where it is in the log; written where the id is another one, the publisher's
   * @param time when the log took it, in milliseconds since 1970
   */
  public static SseFrame of(
      String id, String publisherId, String position, long time, Event event) {
    return line(
        json -> {
          json.writeStringField("id", id);
          if (!publisherId.isEmpty()) {
            json.writeStringField("publisher_id", publisherId);
          }
          if (!position.equals(id)) {
            json.writeStringField("position", position);
          }
          json.writeStringField("topic", event.topic());
          if (event.topics().size() > 1) {
            json.writeArrayFieldStart("topics");
            for (String further : event.topics().subList(1, event.topics().size())) {
              json.writeString(further);
            }
            json.writeEndArray();
          }
          json.writeStringField("type", event.type().isEmpty() ? MESSAGE : event.type());
          json.writeStringField("time", Instant.ofEpochMilli(time).toString());
          if (event.retry() != Event.NO_RETRY) {
            json.writeNumberField("retry", event.retry());
          }
          json.writeStringField("data", event.data());
        });
  }

  /**
   * What a stream begins with.
   *
   * @param place where it begins; empty where it has none to tell yet
   * @param data what the stream is, as JSON
   */
  public static SseFrame open(String place, String data) {
    return own(place, SseFrame.OPEN, data);
  }

  /** Keeps a quiet connection open, and tells up to where it was served. */
  public static SseFrame beat(String place) {
    return own(place, SseFrame.BEAT, SseFrame.NO_DATA);
  }

  /** Tells a stream what it missed; the data are JSON. */
  public static SseFrame gap(String place, String data) {
    return own(place, SseFrame.GAP, data);
  }

  /** Tells a stream that the hub stops, and how long to wait before connecting again. */
  public static SseFrame drain(String place, int retryMillis) {
    return own(place, SseFrame.DRAIN, SseFrame.wait(retryMillis));
  }

  /** Tells a stream that it ends as it was asked to. */
  public static SseFrame close(String place) {
    return own(place, CLOSE, SseFrame.NO_DATA);
  }

  /** A line of the hub's own, of now. */
  private static SseFrame own(String place, String type, String data) {
    return line(
        json -> {
          json.writeStringField("id", place);
          json.writeStringField("topic", Topic.HUB);
          json.writeStringField("type", type);
          json.writeStringField("time", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
          json.writeStringField("data", data);
        });
  }

  interface Fields {
    void write(JsonGenerator json) throws IOException;
  }

  static SseFrame line(Fields fields) {
    var bytes = new ByteArrayOutputStream(256);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      fields.write(json);
      json.writeEndObject();
      json.writeRaw('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e); // there is no output that could fail
    }
    return new SseFrame(bytes.toByteArray());
  }
}
