package io.tidings.log.raft;

import io.vertx.core.Future;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The requests between the nodes of a cluster that are about its members, and their answers. A node
 * of a version that does not know them answers with an empty text. Any thread; does not block.
 */
final class MemberRequests {
  private static final String FACTS = "raft-facts ";
  private static final String CHANGE = "raft-voters ";
  private static final String STATE = "raft-change ";
  private static final String EDGE = "raft-edge ";

  private final LeaderRoute route;
  private final VoterChanges changes;
  private final EdgeChanges edges;

  MemberRequests(LeaderRoute route, VoterChanges changes, EdgeChanges edges) {
    this.route = route;
    this.changes = changes;
    this.edges = edges;
  }

  /** Asks for {@link ClusterFacts}. */
  static String facts(String asker) {
    return FACTS + asker;
  }

  /** Asks a leader to change the voters; it answers with a {@link VoterChange}. */
  static String change(List<String> target) {
    return CHANGE + String.join(" ", target);
  }

  /** Asks how far a change is. */
  static String state(String id) {
    return STATE + id;
  }

  /**
   * Asks a leader to have an edge follow; it answers with a {@link VoterChange}.
   *
   * @param epoch of the log that the edge has; 0 if it has none
   */
  static String edge(String edge, long epoch) {
    return EDGE + edge + " " + epoch;
  }

  /** Answers a request; empty if it is not one of these. */
  Optional<Future<String>> answer(String request) {
    if (request.startsWith(FACTS)) {
      return Optional.of(known(request.substring(FACTS.length())));
    } else if (request.startsWith(CHANGE)) {
      List<String> target = List.of(request.substring(CHANGE.length()).split(" "));
      return Optional.of(Future.succeededFuture(changes.begin(target).encode()));
    } else if (request.startsWith(STATE)) {
      return Optional.of(
          Future.succeededFuture(changes.find(request.substring(STATE.length())).encode()));
    } else if (request.startsWith(EDGE)) {
      String[] words = request.substring(EDGE.length()).split(" ");
      return Optional.of(
          Future.succeededFuture(edges.add(words[0], Long.parseLong(words[1])).encode()));
    }
    return Optional.empty();
  }

  private Future<String> known(String asker) {
    Optional<EngineRun> run = route.run();
    if (run.isEmpty()) {
      return Future.failedFuture("the engine is started again");
    }
    try {
      return Future.succeededFuture(facts(run.get(), asker).encode());
    } catch (IOException e) {
      return Future.failedFuture(e);
    }
  }

  private static ClusterFacts facts(EngineRun run, String asker) throws IOException {
    VoterConfiguration voters = run.node().voters().configuration();
    ReplicatedState state = run.replica().state();
    long match =
        run.node().leads()
            ? run.node().voters().followers().stream()
                .filter(follower -> follower.id().equals(asker))
                .mapToLong(LeaderWatch.Follower::match)
                .findFirst()
                .orElse(-1)
            : -1;
    return new ClusterFacts(
        state.configured() ? state.epoch() : 0,
        run.node().votesOnly() ? -1 : voters.index(),
        run.node().votesOnly() || voters.changing(),
        run.node().votes() && (run.node().leads() || run.node().leader().isPresent()),
        voters.all(),
        voters.edges(),
        state.checkpoints().find(NodeLife.checkpoint(asker)).orElse(""),
        match,
        new ClusterFacts.Kinds(Command.KNOWN_KIND, state.kind()));
  }
}
