package io.tidings.wire;

import io.tidings.event.Event;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A piece of a {@code text/event-stream}, as bytes: whole lines, ended by an empty one. The only
 * class that knows the format. Immutable, whoever has its bytes must not write to them.
 *
 * @see <a
 *     href="https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation">HTML,
 *     9.2.6</a>
 */
public final class SseFrame {
  /** The media type of what frames are made of. */
  public static final String MEDIA_TYPE = "text/event-stream";

  /** The same for a response: without the charset some clients read Latin-1. */
  public static final String CONTENT_TYPE = MEDIA_TYPE + "; charset=utf-8";

  /** The type of a stream's first event. */
  public static final String OPEN = "hub.open";

  /** The type of the event that tells an idle stream its new position. */
  public static final String BEAT = "hub.beat";

  /** The type of the event that tells of a loss. */
  public static final String GAP = "hub.gap";

  /** The type of the last event of a stream that ends because the hub stops. */
  public static final String DRAIN = "hub.drain";

  /** The type of the only event of a stream that can't be opened for now. */
  public static final String BUSY = "hub.busy";

  /** The type of the last event of a stream that was opened for a certain time. */
  public static final String CLOSE = "close";

  /**
   * The data of events that mean all they mean by their type: many clients drop a block without.
   */
  static final String NO_DATA = "{}";

  private static final byte[] ID = ascii("id: ");
  private static final byte[] EVENT = ascii("event: ");
  private static final byte[] RETRY = ascii("retry: ");
  private static final byte[] DATA = ascii("data: ");
  private static final byte[] NONE = {};

  private final byte[] bytes;

  /**
   * @param bytes whole lines; nobody writes to them any more
   */
  SseFrame(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * The frame of an event. A standard parser gives back type and data as they were, but for the
   * ends of lines in the data, which all become LF. The id comes last: some clients take a block
   * whose end is missing, because the connection was cut, for a whole one.
   *
   * @param id the id that clients shall remember: the event's own or the log's
   */
  public static SseFrame of(String id, Event event) {
    return of(id, event, utf8(event.data()));
  }

  /**
   * The frame of an event in an envelope: its data are the event as a line of JSON.
   *
   * @param line the event as {@link JsonLine} has it
   */
  public static SseFrame enveloped(String id, Event event, SseFrame line) {
    return of(id, event, Arrays.copyOf(line.bytes, line.bytes.length - 1));
  }

  private static SseFrame of(String id, Event event, byte[] data) {
    byte[] idBytes = utf8(id);
    byte[] type = event.type().isEmpty() ? NONE : utf8(event.type());
    byte[] retry = event.retry() == Event.NO_RETRY ? NONE : ascii(Integer.toString(event.retry()));
    var to = new Lines(new byte[size(idBytes, type, retry, data)]);
    if (type.length > 0) {
      to.field(EVENT, type);
    }
    if (retry.length > 0) {
      to.field(RETRY, retry);
    }
    to.data(data);
    to.field(ID, idBytes);
    to.end();
    return new SseFrame(to.bytes);
  }

  /**
   * What a stream begins with. It has data, as all that moves a client's last id must: many clients
   * ignore an id that comes without.
   *
   * @param retryMillis how long to wait before connecting again; 0 to leave that to the client
   * @param id the position where the stream begins; empty where it has none to tell yet
   * @param json what the stream is
   */
  public static SseFrame open(long retryMillis, String id, String json) {
    return text(retry(retryMillis) + own(OPEN, id, json));
  }

  /** Keeps an idle connection open, and tells the position up to which it was served. */
  public static SseFrame beat(String id) {
    return text(own(BEAT, id, NO_DATA));
  }

  /**
   * Keeps an idle connection open, and completes no block: an empty line after it would make an
   * empty message in some clients.
   */
  public static SseFrame comment() {
    return text(":\n");
  }

  /** Tells a stream what it missed; the data are JSON. */
  public static SseFrame gap(String id, String json) {
    return text(own(GAP, id, json));
  }

  /** Tells a stream that the hub stops, and how long to wait before connecting again. */
  public static SseFrame drain(String id, int retryMillis) {
    return text(retry(retryMillis) + own(DRAIN, id, wait(retryMillis)));
  }

  /**
   * Tells that the stream can't be opened for now, and how long to wait before connecting again.
   */
  public static SseFrame busy(int retryMillis, String json) {
    return text(retry(retryMillis) + own(BUSY, "", json));
  }

  /** How long a client shall wait, as JSON. */
  static String wait(int retryMillis) {
    return "{\"retry\":" + retryMillis + "}";
  }

  /** Tells a stream that it ends as it was asked to. */
  public static SseFrame close() {
    return text(own(CLOSE, "", NO_DATA));
  }

  /** A block of the hub's own; an id that is empty is none, for it would take the client's away. */
  private static String own(String type, String id, String json) {
    String idLine = id.isEmpty() ? "" : "id: " + id + "\n";
    return "event: " + type + "\ndata: " + json + "\n" + idLine + "\n";
  }

  private static String retry(long millis) {
    return millis > 0 ? "retry: " + millis + "\n" : "";
  }

  /** How many bytes it has. */
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
    // every end of a line becomes one LF and another "data: "; of a CRLF only the LF is counted
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

  /** Fills an array of the right size, line by line. */
  private static final class Lines {
    private final byte[] bytes;
    private int at;

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
      bytes[at++] = '\n';
    }

    private void line(byte[] data, int from, int to) {
      put(DATA, 0, DATA.length);
      put(data, from, to);
      end();
    }

    private void put(byte[] from, int start, int end) {
      System.arraycopy(from, start, bytes, at, end - start);
      at += end - start;
    }
  }
}
