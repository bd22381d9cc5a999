package io.tidings.log.raft;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Asks the other nodes, before the engine is started, what they know of the cluster and of this
 * node: whether it may take part with what is in its directory, and with which voters it begins. A
 * node that nobody answers begins with its settings: that is how a new cluster begins. Blocks, for
 * a second at most, or ten with an empty directory.
 */
final class StartCheck {
  private static final long ANSWER_MILLIS = 1_000;

  /** With an empty directory: a voter that begins anew because it was not told is a danger. */
  private static final long EMPTY_ANSWER_MILLIS = 10_000;

  static final String EMPTIED =
      "%s is a voter of this cluster, whose log.dir was lost or emptied: it has acknowledged events, and may have voted, and does not know it any more. Give it a copy of another voter's log (docs/cluster.md), or start it at another address with cluster.join=true, and replace it: tidings cluster voters ...";
  private static final String OLDER =
      "%s has a log.dir that is older than the one it had: it has acknowledged events that are not in it (its Raft log ends at %d, and did not before %d). Give it a copy of another voter's log (docs/cluster.md), or start it at another address with cluster.join=true, and replace it: tidings cluster voters ...";
  static final String OTHER_CLUSTER =
      "%s has the log of another cluster in its log.dir (epoch %d, the others have %d): start it with an empty one, or with another cluster.name";
  static final String IS_VOTER =
      "%s is a voter of this cluster: an edge needs an address of its own, by cluster.host and cluster.port";
  private static final String IS_EDGE =
      "%s is an edge of this cluster: start it with --role edge, or at another address (another port is enough)";
  private static final String REMOVED =
      "this node is not a voter of the cluster any more; the voters are %s. Stop it; to add it again, empty its log.dir and start it with cluster.join=true";

  private static final String TOO_OLD =
      "this version can't take part: the cluster's log has commands of kind %d, and it knows those up to %d. Start a newer one; the log in log.dir stays as it is";

  private final RaftLog.Options options;
  private final CurrentVoters voters;
  private final VoterClient others;

  /** What the others know; empty if nobody answers. */
  record Known(List<ClusterFacts> facts) {
    /** The answer with the newest configuration. */
    Optional<ClusterFacts> newest() {
      return facts.stream().max(Comparator.comparingLong(ClusterFacts::index));
    }

    /** An epoch of the cluster's log that is not this one; 0 if nobody says one. */
    long epochOtherThan(long own) {
      return facts.stream()
          .mapToLong(ClusterFacts::epoch)
          .filter(epoch -> epoch != 0 && epoch != own)
          .findFirst()
          .orElse(0);
    }

    String life() {
      return facts.stream()
          .map(ClusterFacts::life)
          .filter(life -> !life.isEmpty())
          .findFirst()
          .orElse("");
    }

    /** The highest kind of command that a node must know. */
    int requiredKind() {
      return facts.stream().mapToInt(one -> one.kinds().required()).max().orElse(0);
    }

    long match() {
      return facts.stream().mapToLong(ClusterFacts::match).max().orElse(-1);
    }
  }

  StartCheck(RaftLog.Options options, CurrentVoters voters, VoterClient others) {
    this.options = options;
    this.voters = voters;
    this.others = others;
  }

  /** Asks all other nodes, at once. One that refuses the connection does not make it wait. */
  Known ask() throws IOException {
    return ask(NodeLife.isEmpty(options.groupDirectory()) ? EMPTY_ANSWER_MILLIS : ANSWER_MILLIS);
  }

  private Known ask(long millis) {
    List<CompletableFuture<Optional<ClusterFacts>>> answers = new ArrayList<>();
    for (String other : others()) {
      answers.add(
          others
              .ask(other, MemberRequests.facts(voters.self()))
              .orTimeout(millis, TimeUnit.MILLISECONDS)
              .thenApply(ClusterFacts::decode)
              .exceptionally(failure -> Optional.empty()));
    }
    return new Known(
        answers.stream().map(CompletableFuture::join).flatMap(Optional::stream).toList());
  }

  private List<String> others() {
    return Stream.concat(
            StoredVoters.of(options.groupDirectory()).stream(), voters.askable().stream())
        .distinct()
        .filter(voter -> !voter.equals(voters.self()))
        .toList();
  }

  /**
   * The voters with which Ratis begins if it has stored none: none for a node that is to be added,
   * but for an edge. None while they change, either: with those of both configurations as one, it
   * could become a leader that no majority of the old one has elected.
   *
   * @throws NodeRefused if the node must not take part
   */
  List<String> initial(Known known, NodeLife life) throws NodeRefused {
    if (known.requiredKind() > Command.KNOWN_KIND) {
      throw new NodeRefused(TOO_OLD.formatted(known.requiredKind(), Command.KNOWN_KIND));
    }
    Optional<ClusterFacts> cluster = known.newest().filter(facts -> facts.epoch() != 0);
    boolean member = cluster.filter(facts -> facts.voters().contains(voters.self())).isPresent();
    boolean other = !known.life().isEmpty() && !known.life().equals(life.id());
    checkPart(cluster);
    if (member && life.emptied() && other) {
      throw new NodeRefused(EMPTIED.formatted(voters.self()));
    }
    if (member) {
      return cluster.get().changing() ? List.of() : cluster.get().voters();
    }
    if (voters.isEdge()) {
      return known.newest().map(ClusterFacts::voters).orElse(options.voters().all());
    }
    return options.join() || cluster.isPresent() ? List.of() : options.voters().all();
  }

  private void checkPart(Optional<ClusterFacts> cluster) throws NodeRefused {
    List<String> others =
        cluster.map(facts -> voters.isEdge() ? facts.voters() : facts.edges()).orElse(List.of());
    if (others.contains(voters.self())) {
      throw new NodeRefused((voters.isEdge() ? IS_VOTER : IS_EDGE).formatted(voters.self()));
    }
  }

  /**
   * @throws NodeRefused if the log is that of another cluster
   */
  void checkEpoch(Known known, ReplicatedState state) throws NodeRefused {
    long other = known.epochOtherThan(state.epoch());
    if (state.configured() && other != 0) {
      throw new NodeRefused(OTHER_CLUSTER.formatted(voters.self(), state.epoch(), other));
    }
  }

  /**
   * Of the same life only: one that began with a copy of another voter's has to catch up.
   *
   * @param last the last index of the Raft log in the directory
   * @throws NodeRefused if this node has had more
   */
  void checkEnd(Known known, NodeLife life, long last) throws NodeRefused {
    if (known.life().equals(life.id()) && known.match() > last) {
      throw new NodeRefused(OLDER.formatted(voters.self(), last, known.match()));
    }
  }

  /** Why the engine is not to be started again: others have removed this node. Asks them. */
  Optional<String> removed(VoterConfiguration own) {
    if (voters.isEdge()) {
      return Optional.empty(); // it asks to be added again
    }
    if (own.index() >= 0 && !own.current().contains(voters.self()) && !own.changing()) {
      return Optional.of(REMOVED.formatted(VoterRules.text(own.current())));
    }
    return ask(ANSWER_MILLIS)
        .newest()
        .filter(facts -> facts.index() > own.index() && !facts.voters().contains(voters.self()))
        .map(facts -> REMOVED.formatted(VoterRules.text(facts.voters())));
  }
}
