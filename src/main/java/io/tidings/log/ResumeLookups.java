package io.tidings.log;

import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.vertx.core.Future;
import java.util.OptionalLong;

/** The lookups in a log that a {@link ResumeResolver} needs. Thread-safe; no method blocks. */
public interface ResumeLookups {
  /** The current bounds of the log. */
  Bounds bounds();

  /** The position before the newest entry that the filter matches; the head if there is none. */
  Future<ResumePoint> beforeNewest(Filter filter);

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
   * @param filter preferred; if it matches no entry with the id, another entry may be found
   * @param readable matches every entry that may be found: whether others have the id must not
   *     change the result, nor how it is found
   */
  Future<OptionalLong> offsetOf(String id, Filter filter, Filter readable);

  /** As {@link Entry#id(Filter)} of the first entry after the position; null if there is none. */
  Future<String> idAfter(Position position, Filter readable);
}
