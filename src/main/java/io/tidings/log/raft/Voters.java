package io.tidings.log.raft;

import io.tidings.log.Peers;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The nodes of a cluster, those that vote on its log and the edges, as this node sees them. Any
 * thread; futures complete on any thread.
 */
public interface Voters extends Peers {
  /** Whether this node leads, and has applied everything before its term. */
  boolean leads();

  /** Whether this node knows a leader, and so is connected to a majority. */
  boolean connected();

  /**
   * All voters by the newest configuration; while they change, the old and the new ones. Those of
   * {@code cluster.members} come first, in their order.
   */
  List<Voter> voters();

  /** The nodes that only follow, this one included if it does. */
  List<Voter> edges();

  /** All nodes: the voters first. */
  default List<Voter> nodes() {
    return Stream.concat(voters().stream(), edges().stream()).toList();
  }

  /** How far the nodes are, as this node knows. */
  Status status();

  /** Why this node is neither a voter nor an edge, in one line; empty if it is one of these. */
  Optional<String> outside();

  /** How far this node is that fetches the log from another one; empty if it does not. */
  default Optional<String> fetching() {
    return Optional.empty();
  }

  /**
   * Changes the voters, by way of the leader.
   *
   * @param target the ids of those who are to vote
   * @return completes when the change is complete; fails with {@link VotersRefused} if nothing was
   *     changed, with {@link io.tidings.log.OutcomeUnknown} if that is not known
   */
  Future<Void> changeVoters(List<String> target);

  /** The settings that all nodes have in common. */
  SettingsInForce settings();

  /**
   * Changes some of them, all or none; repeating that is safe.
   *
   * @param changes by name, as they are written in settings
   * @return completes when they are changed; fails with {@link io.tidings.settings.InvalidSetting},
   *     {@link CommandRefused} or {@link io.tidings.log.LogUnavailable} if nothing was changed,
   *     with {@link io.tidings.log.OutcomeUnknown} if that is not known
   */
  Future<Void> changeSettings(Map<String, ?> changes);

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
   * How far the nodes are.
   *
   * @param term of this node; -1 while its engine is started again
   * @param committed the highest index of the Raft log that it knows to be committed
   * @param commits the same of each node, as far as this node knows
   * @param target the voters to which they are being changed; empty if they are not
   */
  record Status(long term, long committed, Map<String, Long> commits, List<String> target) {
    public Status {
      commits = Map.copyOf(commits);
      target = List.copyOf(target);
    }
  }

  /**
   * One of the nodes.
   *
   * @param id its host and port
   * @param self whether it is this node
   * @param leader whether it leads, as far as this node knows
   */
  record Voter(String id, boolean self, boolean leader) {}
}
