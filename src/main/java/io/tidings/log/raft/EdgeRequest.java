package io.tidings.log.raft;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * An edge that does not know that it is one of the cluster's asks the voters, again and again,
 * whether it is; and to be added, while no leader feeds it. It asks those of the configuration and
 * of the settings, since it does not know which of them leads. Confined to the supervisor's thread.
 */
final class EdgeRequest {
  private static final System.Logger LOG = System.getLogger(EdgeRequest.class.getName());
  private static final long ASK_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final CurrentVoters voters;
  private final LeaderRoute route;
  private long asked = System.nanoTime() - ASK_NANOS;

  EdgeRequest(CurrentVoters voters, LeaderRoute route) {
    this.voters = voters;
    this.route = route;
  }

  /**
   * Called many times a second.
   *
   * @param fed whether a leader feeds this node
   */
  void tick(ReplicatedState state, boolean fed) {
    boolean known = fed && voters.outside().isEmpty();
    if (!voters.isEdge() || known || System.nanoTime() - asked < ASK_NANOS) {
      return;
    }
    asked = System.nanoTime();
    long epoch = state.configured() ? state.epoch() : 0;
    for (String voter : voters.askable()) {
      CompletableFuture<Void> added =
          fed ? CompletableFuture.completedFuture(null) : askToBeAdded(voter, epoch);
      added
          .thenCompose(answered -> route.facts(voter))
          .thenAccept(answer -> answer.ifPresent(this::told))
          .exceptionally(
              failure -> {
                LOG.log(System.Logger.Level.DEBUG, voter + " is asked again", failure);
                return null;
              });
    }
  }

  private CompletableFuture<Void> askToBeAdded(String voter, long epoch) {
    return route
        .ask(voter, MemberRequests.edge(voters.self(), epoch))
        .thenAccept(answer -> VoterChange.decode(answer).ifPresent(this::answered));
  }

  private void told(ClusterFacts facts) {
    if (facts.index() >= 0) {
      voters.tell(new VoterConfiguration(facts.voters(), List.of(), facts.edges(), facts.index()));
    }
  }

  private void answered(VoterChange answer) {
    if (answer.state() == VoterChange.State.REFUSED && voters.refuse(answer.reason())) {
      LOG.log(System.Logger.Level.WARNING, "this edge is not added: {0}", answer.reason());
    } else if (answer.state() == VoterChange.State.RUNNING
        || answer.state() == VoterChange.State.DONE) {
      voters.refuse("");
    }
  }
}
