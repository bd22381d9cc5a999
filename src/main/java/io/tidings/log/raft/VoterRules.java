package io.tidings.log.raft;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which sets of voters a cluster may change to, and in which steps.
 *
 * <p>Each step is one change by joint consensus, in which most of the new set must be voters
 * already. Ratis requires that (RATIS-1912): a leader that ends just after it has stored a change
 * to voters who do not know it yet could not be elected again, nor could they. So a single node
 * becomes one of three in two steps, each of one new voter. The two voters between them are a state
 * of some milliseconds; they are refused as a target, since they stop when either of them does.
 */
final class VoterRules {
  private static final int MAX_VOTERS = 9;

  private VoterRules() {}

  /**
   * The steps from a set to another, the last of which is the target; none if they are equal.
   *
   * @throws VotersRefused if it may not be the target
   */
  static List<List<String>> steps(List<String> current, List<String> target) {
    check(target);
    if (Set.copyOf(current).equals(Set.copyOf(target))) {
      return List.of();
    }
    List<String> kept = target.stream().filter(current::contains).toList();
    List<String> added = target.stream().filter(voter -> !current.contains(voter)).toList();
    if (kept.isEmpty()) {
      throw new VotersRefused("at least one voter must stay, of " + text(current));
    }
    if (current.size() == 1 && added.size() == 2) {
      var two = new ArrayList<>(kept);
      two.add(added.get(0));
      return List.of(List.copyOf(two), List.copyOf(target));
    }
    if (added.size() >= kept.size()) {
      throw new VotersRefused(
          "most of the new voters must be voters already, and "
              + text(added)
              + (added.size() == 1 ? " is not" : " are not")
              + ": change the voters in several steps");
    }
    return List.of(List.copyOf(target));
  }

  private static void check(List<String> target) {
    var seen = new HashSet<String>();
    for (String voter : target) {
      if (!seen.add(voter)) {
        throw new VotersRefused(voter + " must be listed once");
      }
    }
    if (target.isEmpty() || target.size() > MAX_VOTERS) {
      throw new VotersRefused("a cluster has from 1 to " + MAX_VOTERS + " voters");
    }
    if (target.size() == 2) {
      throw new VotersRefused(
          "two voters stop when either of them does, so they are worse than one: name three, or one");
    }
  }

  static String text(List<String> voters) {
    return String.join(", ", voters);
  }
}
