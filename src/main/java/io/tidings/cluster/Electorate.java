package io.tidings.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Decides whether enough nodes hear each other that this one may let events be taken: of the parts
 * of a cluster that can't hear each other at most one may. Not thread-safe.
 *
 * <p>The voters are the nodes, by their addresses, that belong together; more than half of them are
 * enough, or just half with the oldest of them. Which nodes are voters is decided by the oldest
 * that is present, the chair, and told to the others with a version: who joined counts at once; who
 * surely ended counts no more; who is only out of sight still counts until the others have gone on
 * without it, and without another loss, for so long that they must have noticed if they had lost
 * sight of each other too. A node that joins, or comes back, does not know the voters until it is
 * told.
 */
final class Electorate {
  private final String self;
  private final int quorum;
  private final long calmNanos;
  private long version;

  /** Whether it knows the voters, and not only who they were. */
  private boolean knows;

  /** From the oldest to the youngest. */
  private List<String> voters = List.of();

  private List<String> present = List.of();
  private final Set<String> ended = new HashSet<>();
  private long lastLoss;

  /**
   * @param self this node's address
   * @param quorum how many must be present; 0 for the rule above
   * @param calm after which it is certain that those who are present hear each other
   */
  Electorate(String self, int quorum, Duration calm) {
    this.self = self;
    this.quorum = quorum;
    this.calmNanos = calm.toNanos();
  }

  /** This node was the first: it alone is the cluster. */
  void found() {
    version = 1;
    voters = List.of(self);
    present = voters;
    knows = true;
  }

  /** This node came to others, who may have gone on without it: it waits to be told. */
  void doubt() {
    version = 0;
    knows = false;
  }

  /**
   * These nodes hear each other now.
   *
   * @param members from the oldest to the youngest, this node among them
   * @param nanos the time
   */
  void present(List<String> members, long nanos) {
    if (!members.containsAll(present)) {
      lastLoss = nanos;
    }
    present = List.copyOf(members);
    ended.removeAll(present);
    settle(nanos);
  }

  /** The node has ended, and is not only out of sight. */
  void ended(String member, long nanos) {
    if (!present.contains(member)) {
      ended.add(member);
      settle(nanos);
    }
  }

  /** Somebody who is present told of the voters. */
  void told(long itsVersion, List<String> itsVoters, long nanos) {
    if (itsVersion > version) {
      version = itsVersion;
      voters = List.copyOf(itsVoters);
      knows = true;
      settle(nanos);
    }
  }

  long version() {
    return version;
  }

  List<String> voters() {
    return voters;
  }

  boolean enough() {
    if (quorum > 0) {
      return present.size() >= quorum;
    } else if (!knows) {
      return false;
    }
    int all = voters.size();
    List<String> there = voters.stream().filter(present::contains).toList();
    return 2 * there.size() > all
        || (all > 0 && 2 * there.size() == all && there.contains(voters.get(0)));
  }

  /** Those that may still be there, out of sight. */
  List<String> missing() {
    return voters.stream().filter(voter -> !present.contains(voter)).toList();
  }

  /** To be called from time to time, for what only time decides. */
  void settle(long nanos) {
    if (!chair()) {
      return;
    }
    var remaining = new ArrayList<>(voters);
    remaining.removeAll(ended);
    if (!knows && present.size() == 1 && present.containsAll(remaining)) {
      found(); // of all that it knew there is none left who could have gone on
      return;
    } else if (!knows) {
      return;
    }
    decide(remaining);
    if (!enough()) {
      return;
    }
    if (nanos - lastLoss > calmNanos) {
      remaining.retainAll(present);
    }
    present.stream().filter(member -> !remaining.contains(member)).forEach(remaining::add);
    decide(remaining);
  }

  private void decide(List<String> now) {
    if (!now.equals(voters)) {
      voters = List.copyOf(now);
      version++;
    }
  }

  /** The oldest voter that is present; where there is none, whoever is. */
  private boolean chair() {
    return present.stream()
        .filter(voters::contains)
        .findFirst()
        .or(() -> present.stream().findFirst())
        .filter(self::equals)
        .isPresent();
  }
}
