package io.tidings.log.raft;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The voters as this node knows them: those of the settings, until there is a configuration in the
 * Raft log; between two runs of the engine, those of the last one. Whoever asks, counts or names
 * voters takes them from here. Thread-safe.
 */
final class CurrentVoters {
  private final RaftVoters initial;
  private volatile VoterConfiguration now;
  private volatile boolean joins;

  /** Why this node is not a voter and can't become one; empty otherwise. */
  private volatile String ended = "";

  CurrentVoters(RaftVoters initial, boolean joins) {
    this.initial = initial;
    this.joins = joins;
    this.now = new VoterConfiguration(joins ? List.of() : initial.all(), List.of(), -1);
  }

  String self() {
    return initial.self();
  }

  /** This node begins with nothing, and is to be added to a cluster that runs. */
  void join() {
    joins = true;
  }

  /** Whether this node was, or is, to be added. */
  boolean joins() {
    return joins;
  }

  /** The newest configuration of the present run. */
  void set(VoterConfiguration configuration) {
    now = configuration;
  }

  VoterConfiguration configuration() {
    return now;
  }

  /** All whose vote counts: first those of the settings, in their order. */
  List<String> all() {
    Comparator<String> bySettings =
        Comparator.comparingInt(
            voter ->
                initial.all().contains(voter) ? initial.all().indexOf(voter) : Integer.MAX_VALUE);
    return now.all().stream().sorted(bySettings.thenComparing(Comparator.naturalOrder())).toList();
  }

  /** The others, also those that only the settings name. */
  List<String> askable() {
    return Stream.concat(now.all().stream(), initial.all().stream())
        .distinct()
        .filter(voter -> !voter.equals(self()))
        .toList();
  }

  /** This node does not vote, and won't until it is started again. */
  void end(String reason) {
    ended = reason;
  }

  /** Why this node is not a voter, in one line; empty if it is one. */
  Optional<String> outside() {
    if (!ended.isEmpty()) {
      return Optional.of(ended);
    }
    VoterConfiguration known = now;
    if (known.current().contains(self())) {
      return Optional.empty();
    }
    return Optional.of(
        known.previous().contains(self())
            ? "this node is being removed from the voters"
            : "this node is not a voter yet: it waits for `tidings cluster voters`");
  }
}
