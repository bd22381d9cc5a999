package io.tidings.log.redis;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;

/**
 * How the lives of a shared log hang together, as one hub has seen them: when it finds that the
 * store is not what it was, the log goes on under a new epoch, but up to some offset it is the
 * same. Not thread-safe.
 */
final class EpochHistory {
  private static final int MOST = 64;
  private static final long NOTHING = -1;

  private final Deque<Branch> branches = new ArrayDeque<>();

  /**
   * @param last the offset up to which the two are the same; empty where nothing is
   */
  void add(long before, OptionalLong last, long after) {
    branches.add(new Branch(before, last.orElse(NOTHING), after));
    if (branches.size() > MOST) {
      branches.remove();
    }
  }

  /**
   * How much of what was heard in one epoch belongs to another one too.
   *
   * @param offset up to where it was heard
   * @return the offset; negative where there is nothing in common, as far as is known
   */
  long common(long epoch, long offset, long now) {
    long at = epoch;
    long common = offset;
    for (Branch branch : branches) {
      if (branch.before == at) {
        common = Math.min(common, branch.last);
        at = branch.after;
      }
    }
    return at == now ? common : NOTHING;
  }

  private record Branch(long before, long last, long after) {}
}
