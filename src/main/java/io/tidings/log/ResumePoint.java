package io.tidings.log;

import io.tidings.event.Position;
import java.util.Optional;

/**
 * The result of looking up where a stream resumes.
 *
 * @param after the position after which the stream resumes; empty for the oldest entry of the log
 * @param missing why the stream may have missed entries before that, if it may
 */
public record ResumePoint(Optional<Position> after, Optional<Gap.Reason> missing) {
  /** A position with no entries missing before it. */
  public static ResumePoint at(Position position) {
    return new ResumePoint(Optional.of(position), Optional.empty());
  }

  /** A position with entries missing before it. */
  public static ResumePoint gap(Position position, Gap.Reason reason) {
    return new ResumePoint(Optional.of(position), Optional.of(reason));
  }

  /** The oldest entry, with entries missing before it. */
  public static ResumePoint oldest(Gap.Reason reason) {
    return new ResumePoint(Optional.empty(), Optional.of(reason));
  }

  /**
   * The start of the stream, without the id of the entry after a gap.
   *
   * @param requested the position or id of the request; null if it had none
   * @param bounds the current bounds of the log
   */
  public StreamStart start(String requested, Bounds bounds) {
    return new StreamStart(
        after.orElseGet(bounds::begin), missing.map(reason -> new Gap(reason, requested, null)));
  }
}
