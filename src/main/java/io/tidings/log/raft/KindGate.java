package io.tidings.log.raft;

import io.tidings.log.LogUnavailable;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Lets a command of a kind above {@link Command#ASSUMED_KIND} be written only when every node of
 * the cluster knows it, so that versions can be mixed while the nodes are upgraded. What a node
 * knows is what it answers now; of one that does not answer, what it has stated last ({@link
 * KindRecord}); of one that never did, as an edge, what the first version knew that had such nodes.
 * Once a kind was written, no node is asked about it any more. Thread-safe; does not block.
 */
final class KindGate {
  private static final System.Logger LOG = System.getLogger(KindGate.class.getName());
  private static final long ANSWER_MILLIS = 1_000;

  /** What the first version knew that had edges. */
  private static final int EDGE_KIND = 8;

  private final LeaderRoute route;
  private final VoterClient others;

  /**
   * What a node knows.
   *
   * @param stated in the replicated state; empty if it has stated nothing
   * @param answered now; empty if it does not answer
   * @param assumed what every node of its kind knows
   */
  private record Knowledge(
      String node, Optional<Integer> stated, Optional<Integer> answered, int assumed) {
    int kind() {
      return answered.or(() -> stated).orElse(assumed);
    }

    boolean silent() {
      return answered.isEmpty() && stated.isEmpty();
    }

    boolean wentBack() {
      return stated.filter(known -> kind() < known).isPresent();
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
    List<Knowledge> old = all.stream().filter(one -> one.kind() < kind).toList();
    if (!old.isEmpty()) {
      List<String> known = names(old.stream().filter(one -> !one.silent()));
      List<String> silent = names(old.stream().filter(Knowledge::silent));
      throw new CommandRefused(
          Stream.of(
                  refusal(known, " runs", " run", " a version that does not know this"),
                  refusal(
                      silent, " has", " have", " never said to know this, and can't be asked now"))
              .flatMap(Optional::stream)
              .collect(Collectors.joining("; ", "", ": start and upgrade all nodes first")));
    }
  }

  private static List<String> names(Stream<Knowledge> nodes) {
    return nodes.map(Knowledge::node).sorted().toList();
  }

  private static Optional<String> refusal(
      List<String> nodes, String one, String several, String rest) {
    return nodes.isEmpty()
        ? Optional.empty()
        : Optional.of(VoterRules.text(nodes) + (nodes.size() == 1 ? one : several) + rest);
  }

  private CompletableFuture<List<Knowledge>> ask(Replica replica) {
    VoterConfiguration known = nodes();
    List<CompletableFuture<Knowledge>> all = new ArrayList<>();
    known.all().forEach(one -> all.add(ask(one, Command.ASSUMED_KIND, replica)));
    known.edges().forEach(one -> all.add(ask(one, EDGE_KIND, replica)));
    return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
        .thenApply(done -> all.stream().map(CompletableFuture::join).toList());
  }

  /**
   * All that have the log.
   *
   * @throws LogUnavailable while the engine is started again: nobody may be taken to know a kind
   *     because nobody was asked
   */
  VoterConfiguration nodes() {
    return route
        .run()
        .orElseThrow(() -> new LogUnavailable("the Raft engine is started again", null))
        .node()
        .voters()
        .configuration();
  }

  private CompletableFuture<Knowledge> ask(String node, int assumed, Replica replica) {
    Optional<Integer> stated = KindRecord.stated(replica.checkpoints(), node);
    return answer(node).thenApply(answered -> new Knowledge(node, stated, answered, assumed));
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
      if (one.wentBack()) {
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
