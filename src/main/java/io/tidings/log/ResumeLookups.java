package io.tidings.log;

import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.vertx.core.Future;
import java.util.OptionalLong;

/** What a {@link ResumeResolver} looks up in a log, on any thread. None of these blocks. */
public interface ResumeLookups {
  /** What the log has now. */
  Bounds bounds();

  /** The position before the newest entry of the filter; the log's end where it has none. */
  Future<ResumePoint> beforeNewest(Filter what);

  /**
   * The position before the first entry that is as young as that.
   *
   * @param time in milliseconds since 1970
   */
  Future<ResumePoint> since(long time);

  /** Whether the position is one of this log, of whatever epoch, and not a publisher's id. */
  boolean makes(Position id);

  /** Checks whether a stream can go on after a position that the log {@link #makes}. */
  Future<ResumePoint> check(Position asked);

  /**
   * The offset of an entry with the publisher's id.
   *
   * @param what the filter; an entry of another one may be found where this one has none
   */
  Future<OptionalLong> offsetOf(String id, Filter what);

  /** The id of the first entry after the position, null for none. */
  Future<String> idAfter(Position position);
}
