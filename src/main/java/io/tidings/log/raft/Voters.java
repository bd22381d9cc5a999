package io.tidings.log.raft;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The nodes that vote on the log of a cluster, as this node sees them. Any thread; futures complete
 * on any thread.
 */
public interface Voters {
  /** Whether this node leads, and has applied everything before its term. */
  boolean leads();

  /** Whether this node knows a leader, and so is connected to a majority. */
  boolean connected();

  /** All voters, in the order of {@code cluster.members}. */
  List<Voter> voters();

  /** The replicated checkpoint of that name, if there is one. */
  Future<Optional<String>> checkpoint(String name);

  /**
   * Replicates a checkpoint. Names are kept for ever.
   *
   * @return fails with {@link CheckpointRefused} if there is no room for a further name, or the id
   *     is too long
   */
  Future<Void> setCheckpoint(String name, String id);

  /**
   * Asks another voter.
   *
   * @param request a text of at most some 100 KB
   * @return its answer; fails if it does not come in time
   */
  Future<String> ask(String voterId, String request);

  /** Sets what answers the requests of other voters; it must not block. */
  void answerWith(Function<String, Future<String>> answerer);

  /**
   * One of the voters.
   *
   * @param id its host and port in {@code cluster.members}
   * @param self whether it is this node
   * @param leader whether it leads, as far as this node knows
   */
  record Voter(String id, boolean self, boolean leader) {}
}
