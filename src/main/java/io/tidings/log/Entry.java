package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.HeapSize;
import io.tidings.event.Position;
import io.tidings.event.Selection;
import io.tidings.event.TextRules;
import io.tidings.event.Topic;
import io.tidings.wire.SseFrame;

/**
 * An event with its position in the log.
 *
 * @param position the epoch and offset
 * @param previous the offset of the entry before it, of any topic, by which a follower detects
 *     missing entries; of an entry read from the store of a shared log, that of the record before
 *     it, which need not be an entry, or the start of the log if that was removed
 * @param time when it was appended, in milliseconds since 1970
 * @param event the event as published
 * @param frame the SSE frame of the entry, encoded once for all subscribers
 */
public record Entry(Position position, long previous, long time, Event event, SseFrame frame) {
  /** The bytes of the entry, its position, its frame without content, and a reference to it. */
  private static final long OBJECT_BYTES =
      HeapSize.object(HeapSize.references(3) + 2 * Long.BYTES)
          + HeapSize.object(3 * Long.BYTES)
          + HeapSize.object(HeapSize.references(1))
          + HeapSize.references(1);

  /** The bytes of a number in a topic's index, with the spare capacity of such a list. */
  private static final long INDEX_BYTES = 2 * Long.BYTES;

  /** The bytes of an index key with one entry: a node of a hash map, a list and its array. */
  private static final long KEY_BYTES = 112;

  /**
   * Creates an entry. Its id for clients is the publisher's id if there is one in ASCII, otherwise
   * its position: many clients can't send other ids back unchanged.
   */
  public static Entry of(Position position, long previous, long time, Event event) {
    return new Entry(position, previous, time, event, SseFrame.of(id(position, event), event));
  }

  /** The id that clients receive. */
  public String id() {
    return id(position, event);
  }

  /**
   * The id for a receiver who may read only what the selection matches, and must not learn a
   * publisher's id of another entry: then it is the position.
   */
  public String id(Selection readable) {
    return readable.matches(event) ? id() : position.toString();
  }

  /**
   * The bytes of memory that the entry occupies: the event with its topics, id and data, the frame,
   * the position, and its share of a log's indexes. All memory bounds on entries use this measure.
   * Each call computes it again, in time proportional to the length of the data.
   */
  public long cost() {
    long bytes = OBJECT_BYTES + event.cost() + HeapSize.array(frame.size());
    bytes += (long) event.topics().size() * INDEX_BYTES;
    return event.id().isEmpty() ? bytes : bytes + KEY_BYTES;
  }

  /** The publisher's id if clients receive another one instead; otherwise empty. */
  public String replacedId() {
    return TextRules.printableAscii(event.id()) ? "" : event.id();
  }

  /** Whether it is a tick of the hub's clock topic. */
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
