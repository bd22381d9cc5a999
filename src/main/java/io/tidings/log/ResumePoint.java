package io.tidings.log;

import io.tidings.event.Position;
import java.util.Optional;

/**
 * What a log finds for one that resumes.
 *
 * @param after where the stream goes on; empty for the oldest entry that the log has
 * @param missing why the stream may have missed something before that
 */
public record ResumePoint(Optional<Position> after, Optional<Gap.Reason> missing) {
  /** A position after which nothing is missing. */
  public static ResumePoint at(Position position) {
    return new ResumePoint(Optional.of(position), Optional.empty());
  }

  /** A position before which something is missing. */
  public static ResumePoint gap(Position position, Gap.Reason reason) {
    return new ResumePoint(Optional.of(position), Optional.of(reason));
  }

  /** The oldest entry; something is missing before it. */
  public static ResumePoint oldest(Gap.Reason reason) {
    return new ResumePoint(Optional.empty(), Optional.of(reason));
  }

  /**
   * Where the stream begins; the id of the entry after a gap is not looked up yet.
   *
   * @param asked the position or id after which it resumes, null for none
   * @param bounds what the log has now
   */
  public StreamStart start(String asked, Bounds bounds) {
    return new StreamStart(
        after.orElseGet(bounds::begin), missing.map(reason -> new Gap(reason, asked, null)));
  }
}
