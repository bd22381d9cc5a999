package io.tidings.wire;

import io.tidings.event.Event;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A frame of a {@code text/event-stream}, in bytes: whole lines, ended by an empty one. The only
 * class that knows the format. Immutable: callers must not write to its bytes.
 *
 * @see <a
 *     href="https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation">HTML,
 *     9.2.6</a>
 */
public final class SseFrame {
  /** The media type of the format. */
  public static final String MEDIA_TYPE = "text/event-stream";

  /** The content type of responses: without the charset some clients decode Latin-1. */
  public static final String CONTENT_TYPE = MEDIA_TYPE + "; charset=utf-8";

  /** The type of a stream's first event. */
  public static final String OPEN = "hub.open";

  /** The type of the event that carries the new position of an idle stream. */
  public static final String BEAT = "hub.beat";

  /** The type of the event that reports a loss. */
  public static final String GAP = "hub.gap";

  /** The type of the event that reports that newer entries may be on other nodes. */
  public static final String STALE = "hub.stale";

  /** The type of the event that tells which rights the stream has, and until when. */
  public static final String AUTH = "hub.auth";

  /** The type of the event that tells who is present at a topic. */
  public static final String PRESENCE = "hub.presence";

  /** The type of the last event of a stream whose rights have ended. */
  public static final String END = "hub.end";

  /** The type of the last event of a stream that the hub ends before its time. */
  public static final String DRAIN = "hub.drain";

  /** The type of the only event of a stream that can't be opened at present. */
  public static final String BUSY = "hub.busy";

  /** The type of the last event of a stream with a limited duration. */
  public static final String CLOSE = "close";

  /** The data of events without content: many clients drop a block without data. */
  static final String NO_DATA = "{}";

  private static final byte[] ID = ascii("id: ");
  private static final byte[] EVENT = ascii("event: ");
  private static final byte[] RETRY = ascii("retry: ");
  private static final byte[] DATA = ascii("data: ");
  private static final byte[] NONE = {};

  private final byte[] bytes;

  /**
   * @param bytes whole lines; the caller must not write to them afterwards
   */
  SseFrame(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * The frame of an event. A standard parser returns type and data unchanged, except that all line
   * ends in the data become LF. The id comes last: some clients dispatch a block that was truncated
   * by a lost connection, and without its id they resume before it.
   *
   * @param id the id by which clients resume: the publisher's or the position
   */
  public static SseFrame of(String id, Event event) {
    return of(id, event, utf8(event.data()));
  }

  /**
   * The frame of an event in an envelope: its data is the event as a line of JSON.
   *
   * @param line the event as a {@link JsonLine}
   */
  public static SseFrame enveloped(String id, Event event, SseFrame line) {
    return of(id, event, Arrays.copyOf(line.bytes, line.bytes.length - 1));
  }

  private static SseFrame of(String id, Event event, byte[] data) {
    byte[] idBytes = utf8(id);
    byte[] type = event.type().isEmpty() ? NONE : utf8(event.type());
    byte[] retry = event.retry() == Event.NO_RETRY ? NONE : ascii(Integer.toString(event.retry()));
    var lines = new Lines(new byte[size(idBytes, type, retry, data)]);
    if (type.length > 0) {
      lines.field(EVENT, type);
    }
    if (retry.length > 0) {
      lines.field(RETRY, retry);
    }
    lines.data(data);
    lines.field(ID, idBytes);
    lines.end();
    return new SseFrame(lines.bytes);
  }

  /**
   * The first event of a stream. It has data, since many clients ignore the id of a block without.
   *
   * @param retryMillis the client's reconnection delay; 0 to leave it to the client
   * @param id the position at which the stream begins; empty if that is not known yet
   * @param json the description of the stream
   */
  public static SseFrame open(long retryMillis, String id, String json) {
    return text(retry(retryMillis) + hubBlock(OPEN, id, json));
  }

  /** Keeps an idle connection open, and carries the position up to which it was served. */
  public static SseFrame beat(String id) {
    return text(hubBlock(BEAT, id, NO_DATA));
  }

  /**
   * Keeps an idle connection open without completing a block: some clients would dispatch an empty
   * message after an empty line.
   */
  public static SseFrame comment() {
    return text(":\n");
  }

  /** Reports entries that the stream missed; data is JSON. */
  public static SseFrame gap(String id, String json) {
    return text(hubBlock(GAP, id, json));
  }

  /** Reports that newer entries may be on other nodes; data is JSON. Leaves the client's id. */
  public static SseFrame stale(String json) {
    return text(hubBlock(STALE, "", json));
  }

  /** Tells which rights the stream has; data is JSON. Leaves the client's id. */
  public static SseFrame auth(String json) {
    return text(hubBlock(AUTH, "", json));
  }

  /** Tells who is present at a topic; data is JSON. Leaves the client's id. */
  public static SseFrame presence(String json) {
    return text(hubBlock(PRESENCE, "", json));
  }

  /** Ends a stream whose rights have ended; data is JSON. */
  public static SseFrame end(String id, String json) {
    return text(hubBlock(END, id, json));
  }

  /** Reports that the hub ends the stream before its time, and the delay before reconnecting. */
  public static SseFrame drain(String id, int retryMillis) {
    return text(retry(retryMillis) + hubBlock(DRAIN, id, retryJson(retryMillis)));
  }

  /** Reports that the stream can't be opened at present, and the delay before reconnecting. */
  public static SseFrame busy(int retryMillis, String json) {
    return text(retry(retryMillis) + hubBlock(BUSY, "", json));
  }

  /** The reconnection delay, as JSON. */
  static String retryJson(int retryMillis) {
    return "{\"retry\":" + retryMillis + "}";
  }

  /** Ends a stream whose requested duration has passed. */
  public static SseFrame close() {
    return text(hubBlock(CLOSE, "", NO_DATA));
  }

  /** A block of the hub's own. An empty id is omitted: it would reset the client's last id. */
  private static String hubBlock(String type, String id, String json) {
    String idLine = id.isEmpty() ? "" : "id: " + id + "\n";
    return "event: " + type + "\ndata: " + json + "\n" + idLine + "\n";
  }

  private static String retry(long millis) {
    return millis > 0 ? "retry: " + millis + "\n" : "";
  }

  /** The number of bytes. */
  public int size() {
    return bytes.length;
  }

  /** The bytes themselves, not a copy. */
  public byte[] bytes() {
    return bytes;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SseFrame frame && Arrays.equals(bytes, frame.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static int size(byte[] id, byte[] type, byte[] retry, byte[] data) {
    int size = ID.length + id.length + 1;
    size += type.length == 0 ? 0 : EVENT.length + type.length + 1;
    size += retry.length == 0 ? 0 : RETRY.length + retry.length + 1;
    // each line end becomes one LF and another "data: "; a CRLF is counted at its LF
    for (int i = 0; i < data.length; i++) {
      if (data[i] == '\n') {
        size += DATA.length;
      } else if (data[i] == '\r') {
        size += crlf(data, i) ? -1 : DATA.length;
      }
    }
    return size + DATA.length + data.length + 2;
  }

  private static boolean crlf(byte[] data, int cr) {
    return cr + 1 < data.length && data[cr + 1] == '\n';
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static SseFrame text(String text) {
    return new SseFrame(utf8(text));
  }

  /** Fills an array of the exact size, line by line. */
  private static final class Lines {
    private final byte[] bytes;
    private int position;

    Lines(byte[] bytes) {
      this.bytes = bytes;
    }

    void field(byte[] name, byte[] value) {
      put(name, 0, name.length);
      put(value, 0, value.length);
      end();
    }

    void data(byte[] data) {
      int from = 0;
      for (int i = 0; i < data.length; i++) {
        if (data[i] == '\n' || data[i] == '\r') {
          line(data, from, i);
          i += data[i] == '\r' && crlf(data, i) ? 1 : 0;
          from = i + 1;
        }
      }
      line(data, from, data.length);
    }

    void end() {
      bytes[position++] = '\n';
    }

    private void line(byte[] data, int from, int to) {
      put(DATA, 0, DATA.length);
      put(data, from, to);
      end();
    }

    private void put(byte[] from, int start, int end) {
      System.arraycopy(from, start, bytes, position, end - start);
      position += end - start;
    }
  }
}
