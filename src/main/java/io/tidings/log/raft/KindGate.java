package io.tidings.log.raft;

import io.tidings.log.LogUnavailable;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Lets a command of a kind above {@link Command#ASSUMED_KIND} be written only when every node of
 * the cluster knows it, so that versions can be mixed while the nodes are upgraded. What a node
 * knows is what it answers now; of one that does not answer, what it has stated last ({@link
 * KindRecord}); of one that never did, {@link Command#ASSUMED_KIND}. Once a kind was written, no
 * node is asked about it any more. Thread-safe; does not block.
 */
final class KindGate {
  private static final System.Logger LOG = System.getLogger(KindGate.class.getName());
  private static final long ANSWER_MILLIS = 1_000;

  private final LeaderRoute route;
  private final VoterClient others;

  /**
   * What a node knows.
   *
   * @param stated in the replicated state
   * @param answered now; empty if it does not answer
   */
  private record Knowledge(String node, int stated, Optional<Integer> answered) {
    int kind() {
      return answered.orElse(stated);
    }
  }

  KindGate(LeaderRoute route, VoterClient others) {
    this.route = route;
    this.others = others;
  }

  /**
   * Checks whether commands of a kind may be written.
   *
   * @return completes with the replica when it has applied everything that was committed before the
   *     call; fails with {@link CommandRefused} if a node does not know the kind, and as {@link
   *     LeaderRoute#caughtUp}
   */
  Future<Replica> require(int kind) {
    return route
        .caughtUp()
        .compose(
            replica ->
                replica.state().kind() >= kind
                    ? Future.succeededFuture(replica)
                    : Future.fromCompletionStage(ask(replica))
                        .map(
                            all -> {
                              record(all);
                              requireAll(all, kind);
                              return replica;
                            }));
  }

  private static void requireAll(List<Knowledge> all, int kind) {
    List<String> old =
        all.stream().filter(one -> one.kind() < kind).map(Knowledge::node).sorted().toList();
    if (!old.isEmpty()) {
      throw new CommandRefused(
          VoterRules.text(old)
              + (old.size() == 1 ? " runs" : " run")
              + " a version that does not know this: upgrade all nodes first");
    }
  }

  private CompletableFuture<List<Knowledge>> ask(Replica replica) {
    List<CompletableFuture<Knowledge>> all = new ArrayList<>();
    for (String node : nodes()) {
      int stated = KindRecord.stated(replica.checkpoints(), node);
      all.add(answer(node).thenApply(answered -> new Knowledge(node, stated, answered)));
    }
    return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
        .thenApply(done -> all.stream().map(CompletableFuture::join).toList());
  }

  /**
   * All that have the log.
   *
   * @throws LogUnavailable while the engine is started again: nobody may be taken to know a kind
   *     because nobody was asked
   */
  List<String> nodes() {
    VoterConfiguration known =
        route
            .run()
            .orElseThrow(() -> new LogUnavailable("the Raft engine is started again", null))
            .node()
            .voters()
            .configuration();
    return Stream.concat(known.all().stream(), known.edges().stream()).toList();
  }

  private CompletableFuture<Optional<Integer>> answer(String node) {
    if (node.equals(route.self())) {
      return CompletableFuture.completedFuture(Optional.of(Command.KNOWN_KIND));
    }
    return others
        .ask(node, MemberRequests.facts(route.self()))
        .orTimeout(ANSWER_MILLIS, TimeUnit.MILLISECONDS)
        .thenApply(
            text ->
                Optional.of(
                    ClusterFacts.decode(text)
                        .map(facts -> facts.kinds().known())
                        .orElse(Command.ASSUMED_KIND)))
        .exceptionally(failure -> Optional.empty());
  }

  /** A node that went back to an older version does not state that itself. */
  private void record(List<Knowledge> all) {
    for (Knowledge one : all) {
      if (one.kind() < one.stated) {
        route
            .submit(KindRecord.statement(one.node, one.kind()))
            .onFailure(
                e ->
                    LOG.log(
                        System.Logger.Level.DEBUG, "what {0} knows is not stored", one.node, e));
      }
    }
  }
}
