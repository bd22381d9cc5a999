package io.tidings.log.raft;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The voters as this node knows them: those of the settings, until there is a configuration in the
 * Raft log, or another node has told an edge which one that is; between two runs of the engine,
 * those of the last one. Whoever asks, counts or names voters takes them from here. Thread-safe.
 */
final class CurrentVoters {
  private final RaftVoters initial;
  private volatile VoterConfiguration now;

  /** What another node has told this edge; -1 is its index if none has. */
  private volatile VoterConfiguration told = none(List.of());

  private volatile boolean joins;

  /** Why this node takes no part and can't; empty otherwise. */
  private volatile String ended = "";

  /** Why the leader does not add this edge; empty otherwise. */
  private volatile String refusal = "";

  CurrentVoters(RaftVoters initial, boolean joins) {
    this.initial = initial;
    this.joins = joins || initial.isEdge();
    this.now = none(this.joins ? List.of() : initial.all());
  }

  private static VoterConfiguration none(List<String> assumed) {
    return new VoterConfiguration(assumed, List.of(), List.of(), -1);
  }

  String self() {
    return initial.self();
  }

  /** This node begins with nothing, and is to be added to a cluster that runs. */
  void join() {
    joins = true;
  }

  /** Whether this node only follows. */
  boolean isEdge() {
    return initial.isEdge();
  }

  /** Whether this node was, or is, to be added. */
  boolean joins() {
    return joins;
  }

  /** The newest configuration of the present run. */
  void set(VoterConfiguration configuration) {
    now = configuration;
  }

  /**
   * Another node has told this edge the cluster's configuration. The edge's own Raft log has none
   * if the edge has fetched what comes before, and the leader knew it already.
   */
  void tell(VoterConfiguration configuration) {
    told = configuration;
    if (configuration.edges().contains(self())) {
      refusal = "";
    }
  }

  VoterConfiguration configuration() {
    VoterConfiguration own = now;
    return own.index() >= 0 || told.index() < 0 ? own : told;
  }

  /** All whose vote counts: first those of the settings, in their order. */
  List<String> all() {
    Comparator<String> bySettings =
        Comparator.comparingInt(
            voter ->
                initial.all().contains(voter) ? initial.all().indexOf(voter) : Integer.MAX_VALUE);
    return configuration().all().stream()
        .sorted(bySettings.thenComparing(Comparator.naturalOrder()))
        .toList();
  }

  /** The nodes that only follow, this one included if it does. */
  List<String> edges() {
    return Stream.concat(
            configuration().edges().stream(), isEdge() ? Stream.of(self()) : Stream.<String>empty())
        .distinct()
        .sorted()
        .toList();
  }

  /** The other voters, also those that only the settings name, or another node has told. */
  List<String> askable() {
    return Stream.of(now.all(), told.all(), initial.all())
        .flatMap(List::stream)
        .distinct()
        .filter(voter -> !voter.equals(self()))
        .toList();
  }

  /**
   * This edge is not added by the leader; until it is.
   *
   * @param reason empty if it is
   * @return whether that is news
   */
  boolean refuse(String reason) {
    boolean news = !reason.equals(refusal);
    refusal = reason;
    return news;
  }

  /** This node takes no part, and won't until it is started again. */
  void end(String reason) {
    ended = reason;
  }

  /** Why this node is neither a voter nor an edge, in one line; empty if it is one of these. */
  Optional<String> outside() {
    if (!ended.isEmpty()) {
      return Optional.of(ended);
    }
    VoterConfiguration known = configuration();
    if (isEdge()) {
      return known.index() >= 0 && known.edges().contains(self()) && refusal.isEmpty()
          ? Optional.empty()
          : Optional.of(
              refusal.isEmpty()
                  ? "this edge is not known to the leader yet: it asks to be added"
                  : refusal);
    }
    if (known.current().contains(self())) {
      return Optional.empty();
    }
    return Optional.of(
        known.previous().contains(self())
            ? "this node is being removed from the voters"
            : "this node is not a voter yet: it waits for `tidings cluster voters`");
  }
}
