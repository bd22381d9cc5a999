package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.ResumeRequest;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.util.List;

/**
 * The hub's ordered memory. One order, many readers. May be called on any thread; futures may
 * complete, and handlers may be called, on any thread, but followers hear one batch after the
 * other.
 */
public interface EventLog {
  /**
   * Gives the events their places, next to each other and in the given order, all of them or none;
   * but what was published before, by the publication's key or an event's id, is not taken again.
   *
   * @return their entries, or those that the same publication got before, when as durable as
   *     configured; fails with {@link io.tidings.event.InvalidEvent} where the key was given before
   *     with other events, and otherwise where the log is not {@link LogState#UP}
   */
  Future<List<Entry>> append(Publication publication);

  /** Appends events that are taken whenever they are published. */
  default Future<List<Entry>> append(List<Event> events) {
    return append(Publication.of(events));
  }

  /**
   * Finds the place from which a stream wants to hear.
   *
   * @return the place, with a gap where there is no such place any more or never was
   */
  Future<StreamStart> find(ResumeRequest resume, Filter what);

  /**
   * Reads on from a position.
   *
   * @param position of this log's epoch, or there is a gap
   * @param maxBytes how many bytes of frames are enough; a page has one entry at least, if there is
   *     one
   * @return the entries that come next for the filter, in order
   */
  Future<Page> after(Position position, Filter what, int maxBytes);

  /** Hands over every entry from now on, appended here or on another node, in order, each once. */
  void follow(Handler<List<Entry>> entries);

  /** What the log has now. */
  Bounds bounds();

  /** How much that is. */
  LogSize size();

  /** How many bytes the entries take that are in memory. */
  default long memoryBytes() {
    return size().bytes();
  }

  /**
   * For how many milliseconds followers have been behind what others appended; 0 where they are
   * not.
   */
  default long behindMillis() {
    return 0;
  }

  /** Whether the place is one that the log gives, or may give, to an entry; publishers can't. */
  default boolean makes(Position id) {
    return id.epoch() == bounds().epoch();
  }

  /** Tells the state now, and then every change of it. */
  void onState(Handler<LogState> state);

  /** What was found and done when it was opened, in one line; empty where that is nothing. */
  default String report() {
    return "";
  }

  /** Gives back what the log holds; what was acknowledged is safe before it completes. */
  Future<Void> close();
}
