package io.tidings.cluster;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Decides whether enough nodes hear each other that this one may let events be taken: of two halves
 * of a cluster that can't hear each other at most one may. Not thread-safe.
 *
 * <p>The voters are the nodes that belong together. A node that others lost sight of stays a voter
 * until it is known to have ended, or until more than half of the voters went on without it. Of two
 * equal halves the one with the oldest node goes on.
 */
final class Electorate {
  private final int quorum;

  /** From the oldest to the youngest. */
  private List<UUID> voters = List.of();

  private List<UUID> present = List.of();
  private final Set<UUID> ended = new HashSet<>();

  /**
   * @param quorum how many must be present; 0 for the rule above
   */
  Electorate(int quorum) {
    this.quorum = quorum;
  }

  /**
   * These are the nodes that hear each other now.
   *
   * @param members from the oldest to the youngest, this node among them
   */
  void present(Collection<UUID> members) {
    present = List.copyOf(members);
    settle();
  }

  /** The node has ended, and is not only out of sight. */
  void ended(UUID member) {
    ended.add(member);
    settle();
  }

  /** This node came over to others who went on without it: it counts as they do. */
  void begin(Collection<UUID> members) {
    voters = List.copyOf(members);
    present(members);
  }

  boolean enough() {
    if (quorum > 0) {
      return present.size() >= quorum;
    }
    List<UUID> there = voters.stream().filter(present::contains).toList();
    int all = voters.size();
    return all == 0
        || 2 * there.size() > all
        || (2 * there.size() == all && there.contains(voters.get(0)));
  }

  /** Those that may still be there, out of sight. */
  List<UUID> missing() {
    return voters.stream().filter(voter -> !present.contains(voter)).toList();
  }

  private void settle() {
    ended.removeAll(present);
    var remaining = new ArrayList<>(voters);
    remaining.removeAll(ended);
    voters = remaining;
    if (enough()) {
      voters = present;
    } else {
      present.stream().filter(member -> !remaining.contains(member)).forEach(remaining::add);
    }
  }
}
