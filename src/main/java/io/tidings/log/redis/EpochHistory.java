package io.tidings.log.redis;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;

/**
 * The changes of epoch of a shared log, as one hub has seen them. When the store was replaced or
 * has lost records, the log continues under a new epoch; up to some offset the two epochs have the
 * same entries. Not thread-safe.
 */
final class EpochHistory {
  private static final int MAX_CHANGES = 64;
  private static final long NONE = -1;

  private final Deque<Change> changes = new ArrayDeque<>();

  /**
   * @param lastCommon the offset up to which both epochs are the same; empty if they share nothing
   */
  void add(long before, OptionalLong lastCommon, long after) {
    changes.add(new Change(before, lastCommon.orElse(NONE), after));
    if (changes.size() > MAX_CHANGES) {
      changes.remove();
    }
  }

  /**
   * Up to which offset the entries of one epoch are also those of another.
   *
   * @param offset the position reached in {@code epoch}
   * @param other the later epoch
   * @return at most {@code offset}; negative if nothing is known to be common
   */
  long common(long epoch, long offset, long other) {
    long at = epoch;
    long common = offset;
    for (Change change : changes) {
      if (change.before == at) {
        common = Math.min(common, change.lastCommon);
        at = change.after;
      }
    }
    return at == other ? common : NONE;
  }

  private record Change(long before, long lastCommon, long after) {}
}
