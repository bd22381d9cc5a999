package io.tidings.log.raft;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;

/**
 * The voters of a cluster, each known by its address, {@code host:port}.
 *
 * @param cluster the cluster's name; nodes of other clusters are refused
 * @param self this node
 * @param all the voters, this node included, equal on all nodes
 */
public record RaftVoters(String cluster, String self, List<String> all) {
  /**
   * @throws IllegalArgumentException if this node is not among them
   */
  public RaftVoters {
    all = List.copyOf(all);
    if (!all.contains(self)) {
      throw new IllegalArgumentException(self + " is not one of " + all);
    }
  }

  RaftGroupId groupId() {
    byte[] name = ("tidings:" + cluster).getBytes(StandardCharsets.UTF_8);
    return RaftGroupId.valueOf(UUID.nameUUIDFromBytes(name));
  }

  RaftGroup group() {
    List<RaftPeer> peers =
        all.stream()
            .map(voter -> RaftPeer.newBuilder().setId(voter).setAddress(voter).build())
            .toList();
    return RaftGroup.valueOf(groupId(), peers);
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
