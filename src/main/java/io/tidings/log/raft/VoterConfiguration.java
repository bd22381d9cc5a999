package io.tidings.log.raft;

import java.util.List;
import java.util.stream.Stream;

/**
 * The voters by the newest configuration in a node's Raft log.
 *
 * @param current those who vote, or will when the change is complete
 * @param previous while the voters change, those who vote besides; otherwise empty
 * @param index of the configuration in the Raft log; -1 for the one from the settings
 */
record VoterConfiguration(List<String> current, List<String> previous, long index) {
  VoterConfiguration {
    current = List.copyOf(current);
    previous = List.copyOf(previous);
  }

  /** All whose vote counts. */
  List<String> all() {
    return Stream.concat(current.stream(), previous.stream()).distinct().toList();
  }

  /** Whether a change is not complete. */
  boolean changing() {
    return !previous.isEmpty();
  }
}
