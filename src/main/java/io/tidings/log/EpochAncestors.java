package io.tidings.log;

import io.tidings.event.Position;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The earlier epochs of a log that was restored from a backup, with the offsets up to which their
 * entries are the same as in the current epoch. Immutable.
 *
 * @param lastOffsets the last common offset by epoch, the oldest epoch first
 */
public record EpochAncestors(Map<Long, Long> lastOffsets) {
  /** The ancestors of a log that was never restored. */
  public static final EpochAncestors NONE = new EpochAncestors(Map.of());

  public EpochAncestors {
    lastOffsets = new LinkedHashMap<>(lastOffsets);
  }

  /** The ancestors of the log after it changes from the epoch to another one at the offset. */
  public EpochAncestors branchedAt(long epoch, long offset) {
    var more = new LinkedHashMap<Long, Long>();
    lastOffsets.forEach((ancestor, last) -> more.put(ancestor, Math.min(last, offset)));
    more.put(epoch, offset);
    return new EpochAncestors(more);
  }

  /** The last offset that is the same in the epoch; empty for an epoch of another log. */
  OptionalLong common(long epoch) {
    return Optional.ofNullable(lastOffsets.get(epoch))
        .map(OptionalLong::of)
        .orElseGet(OptionalLong::empty);
  }

  /** Whether the position belongs to an earlier epoch of the log. */
  boolean has(Position position) {
    return lastOffsets.containsKey(position.epoch());
  }
}
