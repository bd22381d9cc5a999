package io.tidings.log.raft;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * An edge that no leader feeds asks the voters, again and again, to be added: those of the
 * configuration and of the settings, since it does not know which of them leads. Confined to the
 * supervisor's thread.
 */
final class EdgeRequest {
  private static final System.Logger LOG = System.getLogger(EdgeRequest.class.getName());
  private static final long ASK_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final CurrentVoters self;
  private final LeaderRoute route;
  private long asked = System.nanoTime() - ASK_NANOS;

  /** The voters as one of them has told; of any thread. */
  private volatile List<String> told = List.of();

  EdgeRequest(CurrentVoters self, LeaderRoute route) {
    this.self = self;
    this.route = route;
  }

  /** Called many times a second while no leader feeds this node. */
  void ask(ReplicatedState state) {
    if (System.nanoTime() - asked < ASK_NANOS) {
      return;
    }
    asked = System.nanoTime();
    long epoch = state.configured() ? state.epoch() : 0;
    Set<String> voters = new HashSet<>(self.askable());
    voters.addAll(told);
    for (String voter : voters) {
      route
          .ask(voter, MemberRequests.edge(self.self(), epoch))
          .thenAccept(answer -> VoterChange.decode(answer).ifPresent(this::answered))
          .thenCompose(answered -> route.ask(voter, MemberRequests.facts(self.self())))
          .thenAccept(answer -> told(ClusterFacts.decode(answer)))
          .exceptionally(
              failure -> {
                LOG.log(System.Logger.Level.DEBUG, voter + " is asked again", failure);
                return null;
              });
    }
  }

  private void told(Optional<ClusterFacts> facts) {
    facts.filter(known -> known.index() >= 0).ifPresent(known -> told = known.voters());
  }

  private void answered(VoterChange answer) {
    if (answer.state() == VoterChange.State.REFUSED && self.refuse(answer.reason())) {
      LOG.log(System.Logger.Level.WARNING, "this edge is not added: {0}", answer.reason());
    } else if (answer.state() == VoterChange.State.RUNNING
        || answer.state() == VoterChange.State.DONE) {
      self.refuse("");
    }
  }
}
