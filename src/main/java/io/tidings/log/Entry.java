package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.HeapSize;
import io.tidings.event.Position;
import io.tidings.event.TextRules;
import io.tidings.event.Topic;
import io.tidings.wire.SseFrame;

/**
 * An event and its place in the log: what is remembered.
 *
 * @param position its place
 * @param previous the offset of the entry before it, whatever its topic; who follows the log knows
 *     by it that nothing was missed
 * @param time when it was appended, in milliseconds since 1970
 * @param event what was said
 * @param frame the entry as clients get it, made once
 */
public record Entry(Position position, long previous, long time, Event event, SseFrame frame) {
  /** Itself, its position, its frame without the bytes, and a reference in the log's order. */
  private static final long OBJECT_BYTES =
      HeapSize.object(HeapSize.references(3) + 2 * Long.BYTES)
          + HeapSize.object(3 * Long.BYTES)
          + HeapSize.object(HeapSize.references(1))
          + HeapSize.references(1);

  /** A number in the index of a topic, with the room that such a list has left. */
  private static final long PLACE_BYTES = 2 * Long.BYTES;

  /** A key of an index that has one entry: a node of a hash map, a list and its array. */
  private static final long KEY_BYTES = 112;

  /**
   * An entry that carries the publisher's id to the client where there is one and it is ASCII, and
   * otherwise its position: many clients can't send another id back as they received it.
   */
  public static Entry of(Position position, long previous, long time, Event event) {
    return new Entry(position, previous, time, event, SseFrame.of(id(position, event), event));
  }

  /** The id by which clients know it. */
  public String id() {
    return id(position, event);
  }

  /**
   * How many bytes it takes in memory where it is kept: the event with its topics, id and data, its
   * frame, its position, and its places in a log's indexes. The one measure of an entry for
   * whatever keeps entries within a bound. It is worked out anew with each call, from end to end of
   * the data.
   */
  public long cost() {
    long bytes = OBJECT_BYTES + event.cost() + HeapSize.array(frame.size());
    bytes += (long) event.topics().size() * PLACE_BYTES;
    return event.id().isEmpty() ? bytes : bytes + KEY_BYTES;
  }

  /** The publisher's id where clients know the entry by another one; otherwise empty. */
  public String replacedId() {
    return TextRules.printableAscii(event.id()) ? "" : event.id();
  }

  /** Whether it is a tick of the hub's own clock. */
  public boolean ofClock() {
    return event.topic().equals(Topic.CLOCK);
  }

  public long offset() {
    return position.offset();
  }

  private static String id(Position position, Event event) {
    boolean usable = !event.id().isEmpty() && TextRules.printableAscii(event.id());
    return usable ? event.id() : position.toString();
  }
}
