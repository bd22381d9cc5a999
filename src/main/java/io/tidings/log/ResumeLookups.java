package io.tidings.log;

import io.tidings.event.Position;
import io.tidings.event.Selection;
import io.vertx.core.Future;
import java.util.OptionalLong;

/** The lookups in a log that a {@link ResumeResolver} needs. Thread-safe; no method blocks. */
public interface ResumeLookups {
  /** The current bounds of the log. */
  Bounds bounds();

  /** The position before the newest entry that the selection matches; the head if there is none. */
  Future<ResumePoint> beforeNewest(Selection selection);

  /**
   * The position before the first entry of the given time or later.
   *
   * @param time in milliseconds since 1970
   */
  Future<ResumePoint> since(long time);

  /** Whether the position is one of this log, in any of its epochs, and not a publisher's id. */
  boolean owns(Position id);

  /** Checks whether a stream can resume after a position that the log {@link #owns}. */
  Future<ResumePoint> check(Position asked);

  /**
   * The offset of an entry with the publisher's id.
   *
   * @param selection preferred; if it matches no entry with the id, another entry may be found
   * @param readable matches every entry that may be found: whether others have the id must not
   *     change the result, nor how it is found
   */
  Future<OptionalLong> offsetOf(String id, Selection selection, Selection readable);

  /**
   * As {@link Entry#id(Selection)} of the first entry after the position; null if there is none.
   */
  Future<String> idAfter(Position position, Selection readable);
}
