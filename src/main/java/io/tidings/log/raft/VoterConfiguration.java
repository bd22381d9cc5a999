package io.tidings.log.raft;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The voters and the edges by the newest configuration in a node's Raft log.
 *
 * @param current those who vote, or will when the change is complete
 * @param previous while the configuration changes, those who voted before and still do; otherwise
 *     empty
 * @param edges those who only follow
 * @param index of the configuration in the Raft log; -1 for the one from the settings
 */
record VoterConfiguration(
    List<String> current, List<String> previous, List<String> edges, long index) {
  VoterConfiguration {
    current = List.copyOf(current);
    previous = List.copyOf(previous);
    edges = List.copyOf(edges);
  }

  /** All whose vote counts. */
  List<String> all() {
    return Stream.concat(current.stream(), previous.stream()).distinct().toList();
  }

  /** Whether a change of the voters is not complete. */
  boolean changing() {
    return !settled() && !Set.copyOf(current).equals(new HashSet<>(previous));
  }

  /** Whether no change is under way, be it of voters or of edges. */
  boolean settled() {
    return previous.isEmpty();
  }
}
