package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A totally ordered log of events. Thread-safe and non-blocking. Futures complete, and handlers are
 * called, on any thread; the calls of one follower do not overlap.
 */
public interface EventLog {
  /**
   * Appends the events of a publication with consecutive positions in the given order, all or none.
   * Events that were published before, by the publication's key or an event's id, are not appended
   * again.
   *
   * @param publication events, key and whether to deduplicate by the events' ids; without events it
   *     succeeds with an empty list
   * @return one entry for each event, in the order of the events; for a duplicate the entry of the
   *     earlier publication. Completes when the entries are as durable as configured. Fails with
   *     {@link io.tidings.event.InvalidEvent} if the key was used before with other events, with
   *     {@link OutcomeUnknown} if the events may have been stored, and with any other {@link
   *     LogUnavailable} if nothing was stored
   */
  Future<List<Entry>> append(Publication publication);

  /**
   * Appends events without deduplication.
   *
   * @return as of {@link #append(Publication)}
   */
  default Future<List<Entry>> append(List<Event> events) {
    return append(Publication.of(events));
  }

  /**
   * Finds the position at which a stream begins.
   *
   * @param resume the requested start
   * @param selection the selection of the stream, by which its latest entry or a publisher's id is
   *     found
   * @param readable what the stream's principal may read, which contains the selection; {@link
   *     Selection#EVERYTHING} where there are no rights. A publisher's id that only other entries
   *     have is unknown, and a gap names none of their ids. Positions of other entries are no
   *     secret
   * @return the position after which the stream begins, with a {@link Gap} if entries after the
   *     requested one are missing or if the request is unknown; fails with {@link LogUnavailable}
   *     if the log can't be read
   */
  Future<StreamStart> find(ResumeRequest resume, Selection selection, Selection readable);

  /**
   * Reads the entries after a position.
   *
   * @param position where to begin; the page has a {@link Gap} if entries after it are missing, or
   *     if it is of an unknown epoch
   * @param selection the entries to read
   * @param maxBytes the bytes of frames after which the page ends; a page has at least one entry if
   *     the scanned part of the log has one
   * @return the matching entries in order, and the end position, after which the next page begins.
   *     A page without entries may end before the head. Fails with {@link LogUnavailable} if the
   *     log can't be read
   */
  Future<Page> after(Position position, Selection selection, int maxBytes);

  /**
   * Calls the handler with all entries from now on, appended by this hub or another one, in order,
   * each once, in batches of at least one. An exception of the handler has no effect on the log.
   */
  void follow(Handler<List<Entry>> entries);

  /** The current bounds: the offset before the oldest entry, and the position of the newest. */
  Bounds bounds();

  /** The size of the retained entries: bytes, number and age. */
  LogSize size();

  /** The bytes of memory that entries occupy. */
  default long memoryBytes() {
    return size().bytes();
  }

  /**
   * The time in milliseconds by which followers lag behind other hubs' appends; 0 if they don't.
   */
  default long behindMillis() {
    return 0;
  }

  /** Whether the position belongs to this log, so that publishers must not use it as an id. */
  default boolean owns(Position id) {
    return id.epoch() == bounds().epoch();
  }

  /** The records that are kept beside the entries, each until its own time. */
  ExpiringRecords records();

  /**
   * Calls the handler with the current state, and then with every change of it.
   *
   * @return ends that; a call that has begun may still come
   */
  Runnable onState(Handler<LogState> state);

  /** Since when no majority of the cluster was reached; empty unless {@link LogState#ISOLATED}. */
  default Optional<Instant> isolatedSince() {
    return Optional.empty();
  }

  /** The result of opening the log, in one line; empty if there is nothing to report. */
  default String report() {
    return "";
  }

  /**
   * Completes pending appends and releases the log's resources.
   *
   * @return completes when acknowledged entries are as durable as the log makes them; fails if
   *     closing failed
   */
  Future<Void> close();
}
