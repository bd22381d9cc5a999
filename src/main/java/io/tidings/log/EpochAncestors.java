package io.tidings.log;

import io.tidings.event.Position;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The earlier epochs of a log that was restored from a backup: up to some offset the log is the one
 * that it was under them. Immutable.
 *
 * @param lastOffsets by epoch, the last offset that both have; the oldest epoch first
 */
public record EpochAncestors(Map<Long, Long> lastOffsets) {
  /** A log that began under its epoch. */
  public static final EpochAncestors NONE = new EpochAncestors(Map.of());

  public EpochAncestors {
    lastOffsets = new LinkedHashMap<>(lastOffsets);
  }

  /** The ancestors of a log that goes on under another epoch after the offset. */
  public EpochAncestors branchedAt(long epoch, long offset) {
    var more = new LinkedHashMap<Long, Long>();
    lastOffsets.forEach((ancestor, last) -> more.put(ancestor, Math.min(last, offset)));
    more.put(epoch, offset);
    return new EpochAncestors(more);
  }

  /** The last offset that the log has in common with the epoch; nothing for a foreign one. */
  OptionalLong common(long epoch) {
    return Optional.ofNullable(lastOffsets.get(epoch))
        .map(OptionalLong::of)
        .orElseGet(OptionalLong::empty);
  }

  /** Whether the position was one of the log's, under an earlier epoch. */
  boolean has(Position position) {
    return lastOffsets.containsKey(position.epoch());
  }
}
