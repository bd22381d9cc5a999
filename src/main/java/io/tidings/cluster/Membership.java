package io.tidings.cluster;

import com.hazelcast.cluster.Member;
import com.hazelcast.core.HazelcastInstance;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The members of the cluster as Hazelcast lists them, the oldest first, with their names and
 * duties, which are member attributes. Any thread.
 */
final class Membership {
  /** The member attribute with a node's name. */
  static final String NAME = "tidings.node";

  /** The member attribute with the node's duties, separated by spaces. */
  static final String DUTIES = "tidings.duties";

  private final HazelcastInstance hazelcast;

  Membership(HazelcastInstance hazelcast) {
    this.hazelcast = hazelcast;
  }

  Member local() {
    return hazelcast.getCluster().getLocalMember();
  }

  int size() {
    return hazelcast.getCluster().getMembers().size();
  }

  List<Cluster.Node> nodes() {
    return hazelcast.getCluster().getMembers().stream().map(Membership::node).toList();
  }

  List<String> names() {
    return nodes().stream().map(Cluster.Node::name).toList();
  }

  /** The addresses of the hubs; other members store nothing. */
  List<String> hubs() {
    return hazelcast.getCluster().getMembers().stream()
        .filter(member -> has(member, Cluster.Duty.HUB))
        .map(Membership::address)
        .toList();
  }

  /** Whether this node is the oldest that has the duty. */
  boolean leads(Cluster.Duty duty) {
    for (Member member : hazelcast.getCluster().getMembers()) {
      if (has(member, duty)) {
        return member.localMember();
      }
    }
    return false;
  }

  /** Lists the nodes in one line. */
  String report() {
    List<Cluster.Node> nodes = nodes();
    return "nodes "
        + nodes.size()
        + ": "
        + nodes.stream()
            .map(node -> node.name() + (node.self() ? " (this one)" : "") + " at " + node.address())
            .collect(Collectors.joining(", "));
  }

  static Cluster.Node node(Member member) {
    String name = member.getAttribute(NAME);
    String address = address(member);
    return new Cluster.Node(
        member.getUuid().toString(),
        name == null ? address : name,
        address,
        member.localMember(),
        has(member, Cluster.Duty.HUB));
  }

  static String address(Member member) {
    return member.getAddress().getHost() + ":" + member.getAddress().getPort();
  }

  private static boolean has(Member member, Cluster.Duty duty) {
    return String.valueOf(member.getAttribute(DUTIES)).contains(duty.name());
  }
}
