package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.TextRules;
import io.tidings.event.Visibility;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The encoding of an event in a record, on the disk and in a shared store. Numbers are big-endian,
 * text is UTF-8:
 *
 * <pre>
 *  0  4  retry in milliseconds, or -1
 *  4  2  number of topics; 0x8000 is added if the event is private
 *  6     the topics, the type and the id, each as two bytes of length and the text
 *     4  length of the data, then the data
 * </pre>
 *
 * <p>Methods that read require a buffer with an array, take the index at which the event begins, do
 * not change the buffer's position, and throw a {@link RuntimeException} on malformed input.
 */
public final class EventCodec {
  /** The length of the shortest event: one topic of one byte, everything else empty. */
  public static final int SHORTEST = 6 + 3 + 2 + 2 + 4;

  private static final int TOPICS = 6;

  /** The mark of a private event, in the number of its topics. */
  private static final int PRIVATE = 0x8000;

  private static final int TEXT_HEADER = 2;
  private static final int DATA_HEADER = 4;

  /** The most bytes that UTF-8 has for one char. */
  private static final int MAX_BYTES = 3;

  /** The length in chars beyond which data is measured exactly. */
  private static final int MEASURED = 64 << 10;

  private EventCodec() {}

  // ---- writing at the buffer's position

  /** An upper bound of the encoded length, not much above the actual one for large events. */
  public static int maxBytes(Event event) {
    int texts = maxBytes(event.type()) + maxBytes(event.id());
    for (String topic : event.topics()) {
      texts += maxBytes(topic);
    }
    int data = event.data().length();
    int dataBytes = data > MEASURED ? TextRules.utf8Length(event.data()) : MAX_BYTES * data;
    return TOPICS + texts + DATA_HEADER + dataBytes;
  }

  /** An upper bound of the encoded length of a text, with its length field. */
  public static int maxBytes(String text) {
    return TEXT_HEADER + MAX_BYTES * text.length();
  }

  /** Writes an event; the buffer must have {@link #maxBytes(Event)} remaining. */
  public static void put(ByteBuffer to, Event event) {
    int topics = event.topics().size() | (event.isPrivate() ? PRIVATE : 0);
    to.putInt(event.retry()).putShort((short) topics);
    event.topics().forEach(topic -> put(to, topic));
    put(to, event.type());
    put(to, event.id());
    byte[] data = event.data().getBytes(StandardCharsets.UTF_8);
    to.putInt(data.length).put(data);
  }

  /** Writes a text of at most 65,535 bytes, as two bytes of length and the text. */
  public static void put(ByteBuffer to, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    to.putShort((short) bytes.length).put(bytes);
  }

  // ---- reading at an index

  /** Decodes an event. */
  public static Event event(ByteBuffer from, int event) {
    int type = afterTopics(from, event);
    int id = afterText(from, type);
    int data = afterText(from, id);
    return new Event(
        topics(from, event),
        text(from, type),
        text(from, id),
        from.getInt(event),
        string(from, data + DATA_HEADER, from.getInt(data)),
        visibility(from, event));
  }

  /** The index after the event. */
  public static int afterEvent(ByteBuffer from, int event) {
    int data = afterText(from, afterText(from, afterTopics(from, event)));
    return data + DATA_HEADER + from.getInt(data);
  }

  /** Decodes the event's topics only. */
  public static List<String> topics(ByteBuffer from, int event) {
    int count = topicCount(from, event);
    int at = event + TOPICS;
    if (count == 1) {
      return List.of(text(from, at));
    }
    var topics = new ArrayList<String>(count);
    for (int t = 0; t < count; t++) {
      topics.add(text(from, at));
      at = afterText(from, at);
    }
    return topics;
  }

  /** Decodes only who may receive the event. */
  public static Visibility visibility(ByteBuffer from, int event) {
    boolean marked = (from.getShort(event + 4) & PRIVATE) != 0;
    return marked ? Visibility.PRIVATE : Visibility.PUBLIC;
  }

  /** Decodes the event's id only; empty if the publisher gave none. */
  public static String id(ByteBuffer from, int event) {
    return text(from, afterText(from, afterTopics(from, event)));
  }

  /** Decodes a text. */
  public static String text(ByteBuffer from, int text) {
    return string(from, text + TEXT_HEADER, length(from, text));
  }

  /** The index after the text. */
  public static int afterText(ByteBuffer from, int text) {
    return text + TEXT_HEADER + length(from, text);
  }

  private static int topicCount(ByteBuffer from, int event) {
    return from.getShort(event + 4) & ~PRIVATE & 0xffff;
  }

  private static int afterTopics(ByteBuffer from, int event) {
    int at = event + TOPICS;
    for (int t = topicCount(from, event); t > 0; t--) {
      at = afterText(from, at);
    }
    return at;
  }

  private static int length(ByteBuffer from, int text) {
    return from.getShort(text) & 0xffff;
  }

  private static String string(ByteBuffer from, int at, int length) {
    return length == 0
        ? ""
        : new String(from.array(), from.arrayOffset() + at, length, StandardCharsets.UTF_8);
  }
}
