package io.tidings.log.raft;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds out, before the engine is started, in which generation of the cluster this node takes part:
 * that of its directory, or with an empty one that of the nodes which answer. A node whose cluster
 * was recovered without it is refused. On a thread of its own, which ends with the answer.
 */
final class GenerationCheck {
  private static final System.Logger LOG = System.getLogger(GenerationCheck.class.getName());
  private static final long RETRY_MILLIS = 1_000;
  private static final String RECOVERED =
      "%s has the log of a cluster that was recovered without it: %s belongs to the cluster that was recovered at %s, under a new epoch. What only this node has is not part of it. Keep a copy of its log.dir if that may matter, empty it, start with cluster.join=true, and add it: tidings cluster voters ... (docs/cluster.md)";
  private static final String EDGE_OF_RECOVERED =
      "%s is an edge with the log of a cluster that was recovered: %s belongs to the cluster that was recovered at %s, under a new epoch. Empty its log.dir and start it again";
  private static final String LEFT =
      "%s runs with the log from before this cluster was recovered (at %s), which is another cluster now: stop it, or clients that reach it receive and publish what this one never has";

  private final RaftLog.Options options;
  private final RaftVoters voters;

  private GenerationCheck(RaftLog.Options options) {
    this.options = options;
    this.voters = options.voters();
  }

  /**
   * Completes with the options in the right generation; fails with {@link NodeRefused}, or if the
   * directory can't be used.
   */
  static CompletableFuture<RaftLog.Options> start(RaftLog.Options options) {
    var found = new CompletableFuture<RaftLog.Options>();
    var check = new GenerationCheck(options);
    Runnable task =
        () -> {
          try {
            found.complete(options.in(check.find()));
          } catch (IOException | RuntimeException e) {
            found.completeExceptionally(e);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            found.completeExceptionally(e);
          }
        };
    EngineThread.daemon(task, "tidings-raft-begin").start();
    return found;
  }

  private long find() throws IOException, InterruptedException {
    Path directory = options.raftDirectory();
    RecoveryPlan.requireNone(directory);
    OwnAddress.await(voters.selfHost());
    OptionalLong own = ClusterGeneration.stored(directory, voters.cluster());
    List<String> others = others(own);
    if (others.isEmpty()) {
      return own.orElse(ClusterGeneration.FIRST);
    }
    try (var peers = new PeerGenerations(voters, options.tls())) {
      peers.warmUp();
      Map<String, Long> known = peers.ask(others);
      if (own.isEmpty() && (options.join() || voters.isEdge())) {
        known = awaitAny(peers, others, known);
      }
      long generation = own.orElseGet(newest(known)::getValue);
      check(generation, known);
      return generation;
    }
  }

  private List<String> others(OptionalLong own) {
    Stream<String> stored =
        own.isEmpty()
            ? Stream.empty()
            : StoredVoters.of(options.in(own.getAsLong()).groupDirectory()).stream();
    return Stream.concat(stored, voters.all().stream())
        .distinct()
        .filter(node -> !node.equals(voters.self()))
        .toList();
  }

  /** A node that is to be added has to know to what, and so has an edge. */
  private Map<String, Long> awaitAny(
      PeerGenerations peers, List<String> others, Map<String, Long> first)
      throws InterruptedException {
    Map<String, Long> known = first;
    if (known.isEmpty()) {
      LOG.log(
          System.Logger.Level.INFO,
          "waiting for a node of the cluster that this one is to be added to: {0}",
          String.join(", ", others));
    }
    var wait = new LongWait(System::nanoTime);
    while (known.isEmpty()) {
      Thread.sleep(RETRY_MILLIS);
      known = peers.ask(others);
      if (known.isEmpty()) {
        wait.silent()
            .ifPresent(
                minutes -> LOG.log(System.Logger.Level.WARNING, LongWait.text(others, minutes)));
      }
    }
    return known;
  }

  private static Map.Entry<String, Long> newest(Map<String, Long> known) {
    Optional<Map.Entry<String, Long>> newest =
        known.entrySet().stream().max(Map.Entry.comparingByValue(Comparator.naturalOrder()));
    return newest.orElse(Map.entry("", ClusterGeneration.FIRST));
  }

  /** Why a node takes no part, as the others' generations tell; empty if it may. */
  static Optional<String> refusal(RaftVoters node, Map<String, Long> known) {
    Map.Entry<String, Long> newest = newest(known);
    return newest.getValue() <= node.generation()
        ? Optional.empty()
        : Optional.of(
            (node.isEdge() ? EDGE_OF_RECOVERED : RECOVERED)
                .formatted(
                    node.self(), newest.getKey(), ClusterGeneration.begun(newest.getValue())));
  }

  private void check(long generation, Map<String, Long> known) throws NodeRefused {
    Optional<String> refusal = refusal(voters.in(generation), known);
    if (refusal.isPresent()) {
      throw new NodeRefused(refusal.get());
    }
    String left =
        known.entrySet().stream()
            .filter(node -> node.getValue() < generation)
            .map(Map.Entry::getKey)
            .collect(Collectors.joining(", "));
    if (!left.isEmpty()) {
      LOG.log(
          System.Logger.Level.WARNING, LEFT.formatted(left, ClusterGeneration.begun(generation)));
    }
  }
}
