package io.tidings.log.raft;

import io.tidings.log.Peers;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/**
 * The nodes that vote on the log of a cluster, as this node sees them. Any thread; futures complete
 * on any thread.
 */
public interface Voters extends Peers {
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
   * One of the voters.
   *
   * @param id its host and port in {@code cluster.members}
   * @param self whether it is this node
   * @param leader whether it leads, as far as this node knows
   */
  record Voter(String id, boolean self, boolean leader) {}
}
