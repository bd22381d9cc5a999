package io.tidings.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.tidings.event.Event;
import io.tidings.event.Topic;
import io.tidings.event.Visibility;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Frames of a stream in NDJSON: one JSON object per line. Every line has {@code id}, {@code topic},
 * {@code type}, {@code time} and {@code data}, all of them strings; an event without a type is a
 * {@code message}, as in browsers. Further topics are an array in {@code topics}; {@code private},
 * {@code retry} and {@code publisher_id} (if the id is not the publisher's) are present only if the
 * event has them, {@code position} only if the id is the publisher's. The hub's own lines have the
 * topic {@code hub} and a type {@code hub.*}.
 *
 * @see <a href="https://github.com/ndjson/ndjson-spec">NDJSON</a>
 */
public final class JsonLine {
  /** The media type of a stream of lines. */
  public static final String MEDIA_TYPE = "application/x-ndjson";

  /** The type of the last line of a stream with a limited duration. */
  static final String CLOSE = "hub.close";

  private static final String MESSAGE = "message";
  private static final JsonFactory JSON = new JsonFactory();

  private JsonLine() {}

  /**
   * The line of an event.
   *
   * @param id the id by which clients resume
   * @param publisherId the publisher's id if {@code id} is another; otherwise empty
   * @param position the event's position; written if {@code id} is the publisher's
   * @param time when it was appended, in milliseconds since 1970
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
          if (event.isPrivate()) {
            json.writeBooleanField(Visibility.MARK, true);
          }
          json.writeStringField("data", event.data());
        });
  }

  /**
   * The first line of a stream.
   *
   * @param position where it begins; empty if that is not known yet
   * @param data the description of the stream, as JSON
   */
  public static SseFrame open(String position, String data) {
    return hubLine(position, SseFrame.OPEN, data);
  }

  /** Keeps an idle connection open, and carries the position up to which it was served. */
  public static SseFrame beat(String position) {
    return hubLine(position, SseFrame.BEAT, SseFrame.NO_DATA);
  }

  /** Reports entries that the stream missed; data is JSON. */
  public static SseFrame gap(String position, String data) {
    return hubLine(position, SseFrame.GAP, data);
  }

  /** Reports that newer entries may be on other nodes; data is JSON. */
  public static SseFrame stale(String data) {
    return hubLine("", SseFrame.STALE, data);
  }

  /** Tells which rights the stream has; data is JSON. */
  public static SseFrame auth(String data) {
    return hubLine("", SseFrame.AUTH, data);
  }

  /** Tells who is present at a topic; data is JSON. */
  public static SseFrame presence(String data) {
    return hubLine("", SseFrame.PRESENCE, data);
  }

  /** Ends a stream whose rights have ended; data is JSON. */
  public static SseFrame end(String position, String data) {
    return hubLine(position, SseFrame.END, data);
  }

  /** Reports that the hub ends the stream before its time, and the delay before reconnecting. */
  public static SseFrame drain(String position, int retryMillis) {
    return hubLine(position, SseFrame.DRAIN, SseFrame.retryJson(retryMillis));
  }

  /** Ends a stream whose requested duration has passed. */
  public static SseFrame close(String position) {
    return hubLine(position, CLOSE, SseFrame.NO_DATA);
  }

  /** A line of the hub's own, with the current time. */
  private static SseFrame hubLine(String position, String type, String data) {
    return line(
        json -> {
          json.writeStringField("id", position);
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
      throw new UncheckedIOException(e); // not possible: the output is an array
    }
    return new SseFrame(bytes.toByteArray());
  }
}
