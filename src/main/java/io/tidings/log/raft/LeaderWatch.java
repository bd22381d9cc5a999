package io.tidings.log.raft;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Watches, on the leader, for what Ratis does not cure itself: a follower that is there and is not
 * fed any more (an appender that failed is not started again, RATIS-2499), and a leader that can't
 * apply. The leadership is handed on then; a new leader feeds all. Confined to the thread that
 * ticks.
 */
final class LeaderWatch {
  /** How long a follower may not progress. */
  private static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** How long the leader may not apply: nobody's publications are answered. */
  private static final long NOT_APPLYING_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** How long a cure has time, so that nodes do not pass the leadership around. */
  private static final long CURE_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** After which time another voter is tried, if the leadership could not be handed on. */
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(3);

  private final Leadership leadership;
  private final LongSupplier nanoTime;
  private final Map<String, Progress> progress = new HashMap<>();
  private Optional<Long> notApplyingSince = Optional.empty();
  private Optional<Long> curedAt = Optional.empty();

  /** The voter to which the leadership was handed on last; empty for none. */
  private String successor = "";

  /** Those to whom it could not be handed on since this node leads; others come before them. */
  private final Set<String> refused = new HashSet<>();

  /** What the leader can do. */
  interface Leadership {
    /** Has another voter elected. */
    void handOn(String successor);

    /** Ends this leadership though no follower can take it: an election decides. */
    void restart(String reason);
  }

  /**
   * A follower as the leader sees it.
   *
   * @param match the index up to which it has the leader's log
   * @param fed whether anything sends to it
   * @param answers whether it has answered lately, and the leader has the log that it needs
   */
  record Follower(String id, long match, boolean fed, boolean answers) {}

  private record Progress(long match, long sinceNanos) {}

  LeaderWatch(Leadership leadership, LongSupplier nanoTime) {
    this.leadership = leadership;
    this.nanoTime = nanoTime;
  }

  /** This node does not lead. */
  void follow() {
    progress.clear();
    refused.clear();
    notApplyingSince = Optional.empty();
  }

  /**
   * This node leads.
   *
   * @param applies whether it can apply what is committed
   * @param committed the highest index that is committed
   */
  void lead(boolean applies, long committed, List<Follower> followers) {
    long now = nanoTime.getAsLong();
    notApplyingSince = applies ? Optional.empty() : notApplyingSince.or(() -> Optional.of(now));
    boolean stalled =
        notApplyingSince.filter(since -> now - since >= NOT_APPLYING_NANOS).isPresent();
    boolean unfed = false;
    for (Follower follower : followers) {
      unfed |= isStalled(follower, committed, now);
    }
    if (!stalled && !unfed || curedAt.filter(at -> now - at < CURE_NANOS).isPresent()) {
      return;
    }
    Optional<Follower> best =
        followers.stream()
            .filter(follower -> follower.fed && follower.answers)
            .filter(follower -> !isStalled(follower, committed, now))
            .max(
                Comparator.comparing((Follower follower) -> !refused.contains(follower.id))
                    .thenComparingLong(Follower::match));
    if (best.isPresent()) {
      curedAt = Optional.of(now);
      successor = best.get().id;
      leadership.handOn(successor);
    } else if (unfed) {
      curedAt = Optional.of(now);
      leadership.restart("a voter that answers gets no entries");
    }
  }

  /** The leadership could not be handed on, and stays here. */
  void handOnFailed() {
    if (!refused.add(successor)) {
      refused.clear(); // all were tried
    }
    curedAt = curedAt.map(at -> Math.min(at, nanoTime.getAsLong() + RETRY_NANOS - CURE_NANOS));
  }

  private boolean isStalled(Follower follower, long committed, long now) {
    Progress last = progress.get(follower.id);
    boolean level = follower.fed && follower.match >= committed;
    boolean gone = follower.fed && !follower.answers;
    if (last == null || last.match != follower.match || level || gone) {
      last = new Progress(follower.match, now);
      progress.put(follower.id, last);
    }
    return now - last.sinceNanos >= STALLED_NANOS;
  }
}
