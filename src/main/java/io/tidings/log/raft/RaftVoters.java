package io.tidings.log.raft;

import java.util.List;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;

/**
 * This node, and the voters of its settings, each known by its address, {@code host:port}. They are
 * those of a new cluster; of one that has begun, {@link CurrentVoters} has them.
 *
 * @param cluster the cluster's name; nodes of other clusters are refused
 * @param generation the life of the cluster, {@link ClusterGeneration}; nodes of others are refused
 * @param self this node
 * @param all the voters of a new cluster, this node included, equal on all nodes
 */
public record RaftVoters(String cluster, long generation, String self, List<String> all) {
  /**
   * @throws IllegalArgumentException if this node is not among them
   */
  public RaftVoters {
    all = List.copyOf(all);
    if (!all.contains(self)) {
      throw new IllegalArgumentException(self + " is not one of " + all);
    }
  }

  /** In the first life of the cluster. */
  public RaftVoters(String cluster, String self, List<String> all) {
    this(cluster, ClusterGeneration.FIRST, self, all);
  }

  /** The same in another life of the cluster. */
  RaftVoters in(long otherGeneration) {
    return new RaftVoters(cluster, otherGeneration, self, all);
  }

  RaftGroupId groupId() {
    return RaftGroupId.valueOf(ClusterGeneration.group(cluster, generation));
  }

  RaftGroup group() {
    return group(all);
  }

  /** The cluster with these voters. */
  RaftGroup group(List<String> voters) {
    return RaftGroup.valueOf(groupId(), peers(voters));
  }

  static List<RaftPeer> peers(List<String> voters) {
    return voters.stream().map(RaftVoters::peer).toList();
  }

  static RaftPeer peer(String voter) {
    return RaftPeer.newBuilder().setId(voter).setAddress(voter).build();
  }

  RaftPeerId selfId() {
    return RaftPeerId.valueOf(self);
  }

  String selfHost() {
    String host = self.substring(0, self.lastIndexOf(':'));
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  int selfPort() {
    return Integer.parseInt(self.substring(self.lastIndexOf(':') + 1));
  }
}
