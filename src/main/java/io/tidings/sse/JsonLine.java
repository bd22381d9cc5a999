package io.tidings.sse;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.tidings.event.Event;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;

/**
 * The same pieces for those who want JSON instead of an event stream: an object a line, {@code
 * {"id","topic","type","time","retry","data"}}. Topic is a string, or an array where there are more
 * than one; position is there only where the id is the publisher's, type and retry only where the
 * event has them; data is always a string, as it was published. What the hub itself says has no
 * topic.
 *
 * @see <a href="https://github.com/ndjson/ndjson-spec">NDJSON</a>
 */
public final class JsonLine {
  /** The media type of a stream of lines. */
  public static final String MEDIA_TYPE = "application/x-ndjson";

  /** The type of a sign of life, which tells a place. */
  public static final String BEAT = "hub.beat";

  private static final JsonFactory JSON = new JsonFactory();

  private JsonLine() {}

  /**
   * An event.
   *
   * @param id the id that clients shall remember
   * @param position where it is in the log; told where the id is another one, the publisher's
   * @param time when the log took it, in milliseconds since 1970
   */
  public static Frame of(String id, String position, long time, Event event) {
    return line(
        json -> {
          json.writeStringField("id", id);
          if (!position.equals(id)) {
            json.writeStringField("position", position);
          }
          if (event.topics().size() == 1) {
            json.writeStringField("topic", event.topic());
          } else {
            json.writeFieldName("topic");
            json.writeArray(event.topics().toArray(String[]::new), 0, event.topics().size());
          }
          if (!event.type().isEmpty()) {
            json.writeStringField("type", event.type());
          }
          json.writeStringField("time", Instant.ofEpochMilli(time).toString());
          if (event.retry() != Event.NO_RETRY) {
            json.writeNumberField("retry", event.retry());
          }
          json.writeStringField("data", event.data());
        });
  }

  /** Keeps a quiet connection open, and tells up to where it was served. */
  public static Frame beat(String place) {
    return line(
        json -> {
          json.writeStringField("type", BEAT);
          json.writeStringField("id", place);
        });
  }

  /** What the hub says to one stream: its place, a type, and JSON as data. */
  static Frame said(String place, String type, String data) {
    return line(
        json -> {
          json.writeStringField("id", place);
          json.writeStringField("type", type);
          json.writeStringField("data", data);
        });
  }

  /** Tells a stream what it missed; the data are JSON. */
  public static Frame gap(String place, String data) {
    return said(place, Frame.GAP, data);
  }

  /** Tells a stream that the hub stops, and how long to wait before connecting again. */
  public static Frame drain(String place, int retryMillis) {
    return said(place, Frame.DRAIN, Frame.wait(retryMillis));
  }

  /** Tells a stream that it ends as it was asked to. */
  public static Frame close(String place) {
    return said(place, Frame.CLOSE, "{}");
  }

  interface Fields {
    void write(JsonGenerator json) throws IOException;
  }

  static Frame line(Fields fields) {
    var bytes = new ByteArrayOutputStream(256);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      fields.write(json);
      json.writeEndObject();
      json.writeRaw('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e); // there is no output that could fail
    }
    return new Frame(bytes.toByteArray());
  }
}
