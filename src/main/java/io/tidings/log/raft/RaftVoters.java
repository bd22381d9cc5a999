package io.tidings.log.raft;

import java.util.List;
import java.util.stream.Stream;
import org.apache.ratis.proto.RaftProtos.RaftPeerRole;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;

/**
 * This node, and the voters of its settings, each known by its address, {@code host:port}. They are
 * those of a new cluster; of one that has begun, {@link CurrentVoters} has them.
 *
 * @param cluster the cluster's name; nodes of other clusters are refused
 * @param generation of the cluster, {@link ClusterGeneration}; nodes of others are refused
 * @param self this node
 * @param all the voters of a new cluster, this node included, equal on all nodes; for an edge, some
 *     of the voters, to be asked
 * @param part what this node is
 */
public record RaftVoters(
    String cluster, long generation, String self, List<String> all, Part part) {
  /** What a node is to the cluster. */
  public enum Part {
    /** It votes, or is to be added to those who do. */
    VOTER,
    /** It only follows: a listener of Ratis. */
    EDGE
  }

  /**
   * @throws IllegalArgumentException if a voter is not among them, or an edge is
   */
  public RaftVoters {
    all = List.copyOf(all);
    if (all.contains(self) != (part == Part.VOTER)) {
      throw new IllegalArgumentException(
          self + (part == Part.VOTER ? " is not one of " : " is an edge, and one of ") + all);
    }
  }

  /** A node that votes, or is to, in the first generation of the cluster. */
  public RaftVoters(String cluster, String self, List<String> all) {
    this(cluster, self, all, Part.VOTER);
  }

  /** In the first generation of the cluster. */
  public RaftVoters(String cluster, String self, List<String> all, Part part) {
    this(cluster, ClusterGeneration.FIRST, self, all, part);
  }

  /** The same in another generation of the cluster. */
  RaftVoters in(long otherGeneration) {
    return new RaftVoters(cluster, otherGeneration, self, all, part);
  }

  /** Whether this node only follows. */
  boolean isEdge() {
    return part == Part.EDGE;
  }

  RaftGroupId groupId() {
    return RaftGroupId.valueOf(ClusterGeneration.group(cluster, generation));
  }

  RaftGroup group() {
    return group(all);
  }

  /** The cluster with these voters; an edge is in it, as a listener, which Ratis requires. */
  RaftGroup group(List<String> voters) {
    return RaftGroup.valueOf(
        groupId(),
        Stream.concat(
                peers(voters).stream(), isEdge() ? Stream.of(edge(self)) : Stream.<RaftPeer>empty())
            .toList());
  }

  static List<RaftPeer> edges(List<String> edges) {
    return edges.stream().map(RaftVoters::edge).toList();
  }

  private static RaftPeer edge(String edge) {
    return RaftPeer.newBuilder()
        .setId(edge)
        .setAddress(edge)
        .setStartupRole(RaftPeerRole.LISTENER)
        .build();
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
