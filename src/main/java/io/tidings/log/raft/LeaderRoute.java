package io.tidings.log.raft;

import io.tidings.log.LogUnavailable;
import io.vertx.core.Future;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The way to the leader: through the current run of the engine if this node leads, otherwise to
 * another voter. Thread-safe.
 */
final class LeaderRoute implements Proposer.Router, Closeable {
  private final RaftVoters voters;
  private final VoterClient others;

  /** Null while the engine is started again. Set on the supervisor's thread. */
  private volatile EngineRun run;

  LeaderRoute(RaftVoters voters, VoterClient others) {
    this.voters = voters;
    this.others = others;
  }

  void use(EngineRun current) {
    run = current;
  }

  /** There is none from now on, until another run is used. */
  void useNone() {
    run = null;
  }

  /** The current run; empty while the engine is started again. */
  Optional<EngineRun> run() {
    return Optional.ofNullable(run);
  }

  /** Whether this is the current run. */
  boolean uses(EngineRun one) {
    return run == one;
  }

  /** The leader as this node knows it; this node only when it can take commands. */
  @Override
  public Optional<String> leader() {
    return run().flatMap(current -> current.node().leader());
  }

  /** This node. */
  String self() {
    return voters.self();
  }

  boolean isSelf(Optional<String> leader) {
    return leader.equals(Optional.of(voters.self()));
  }

  @Override
  public CompletableFuture<Void> submit(String leader, byte[] command) {
    if (!leader.equals(voters.self())) {
      return others.submit(leader, command);
    }
    return run()
        .map(current -> current.node().submit(command))
        .orElseGet(
            () ->
                CompletableFuture.failedFuture(new IllegalStateException("the engine has ended")));
  }

  /** Asks another node, whatever its role. */
  CompletableFuture<String> ask(String node, String request) {
    return others.ask(node, request);
  }

  /** What another node knows of the cluster; empty if it does not say. */
  CompletableFuture<Optional<ClusterFacts>> facts(String node) {
    return ask(node, MemberRequests.facts(voters.self())).thenApply(ClusterFacts::decode);
  }

  /** Submits a command to the leader, if there is one. */
  Future<Void> submit(Command command) {
    return leader()
        .map(to -> Future.fromCompletionStage(submit(to, command.encode())))
        .orElseGet(() -> Future.failedFuture(notConnected(null)));
  }

  /**
   * Completes with the replica when it has applied everything that was committed before the call.
   */
  Future<Replica> caughtUp() {
    EngineRun now = run;
    if (now == null) {
      return Future.failedFuture(
          new LogUnavailable("the Raft engine has ended and is started again", null));
    }
    return Future.fromCompletionStage(now.caughtUp().thenApply(nothing -> now.replica()))
        .recover(failure -> Future.failedFuture(notConnected(failure)));
  }

  /** Closes the way to the other voters. */
  @Override
  public void close() throws IOException {
    others.close();
  }

  private static LogUnavailable notConnected(Throwable cause) {
    return new LogUnavailable("no majority of the cluster's nodes can be reached", cause);
  }
}
