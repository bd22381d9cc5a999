package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Topic;
import io.tidings.sse.Frame;

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
public record Entry(Position position, long previous, long time, Event event, Frame frame) {
  /**
   * An entry that carries the publisher's id, where there is one, to the client, or else its
   * position.
   */
  public static Entry of(Position position, long previous, long time, Event event) {
    return new Entry(position, previous, time, event, Frame.of(id(position, event), event));
  }

  /** The id by which clients know it. */
  public String id() {
    return id(position, event);
  }

  /** Whether it is a tick of the hub's own clock. */
  public boolean ofClock() {
    return event.topic().equals(Topic.CLOCK);
  }

  public long offset() {
    return position.offset();
  }

  private static String id(Position position, Event event) {
    return event.id().isEmpty() ? position.toString() : event.id();
  }
}
