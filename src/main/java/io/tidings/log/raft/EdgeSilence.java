package io.tidings.log.raft;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Which edges have not answered for long, as their leader sees them. One that fetches the log does
 * not answer by its engine, and is there. Confined to the thread that ticks.
 */
final class EdgeSilence {
  private final long mostNanos;
  private final Predicate<String> fetches;
  private final LongSupplier nanoTime;

  /** When each edge was there last while this node led. */
  private final Map<String, Long> present = new HashMap<>();

  /**
   * @param mostNanos after which time without an answer an edge is forgotten
   * @param fetches whether an edge has told lately that it fetches the log
   */
  EdgeSilence(long mostNanos, Predicate<String> fetches, LongSupplier nanoTime) {
    this.mostNanos = mostNanos;
    this.fetches = fetches;
    this.nanoTime = nanoTime;
  }

  /** The edges to forget; each is returned again only after the same time. */
  List<String> forgotten(Collection<LeaderWatch.Follower> edges) {
    long now = nanoTime.getAsLong();
    present.keySet().retainAll(edges.stream().map(LeaderWatch.Follower::id).toList());
    return edges.stream().filter(edge -> isGone(edge, now)).map(LeaderWatch.Follower::id).toList();
  }

  private boolean isGone(LeaderWatch.Follower edge, long now) {
    boolean gone =
        !edge.answers()
            && !fetches.test(edge.id())
            && now - present.computeIfAbsent(edge.id(), id -> now) >= mostNanos;
    if (gone || edge.answers() || fetches.test(edge.id())) {
      present.put(edge.id(), now);
    }
    return gone;
  }

  /** This node does not lead. */
  void follow() {
    present.clear();
  }
}
