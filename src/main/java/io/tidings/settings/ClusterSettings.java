package io.tidings.settings;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The section {@code cluster}: whether this process is a node of a cluster, and of which.
 *
 * @param name nodes with the same name form one cluster
 * @param node the name of this node; {@link Settings#AUTO} for its address
 * @param members the addresses of the other nodes; empty for discovery by multicast
 * @param dns a host name that resolves to the addresses of all nodes, such as a Kubernetes headless
 *     service; {@link Settings#NONE}
 * @param host the address on which the other nodes reach this one; {@link Settings#AUTO} to detect
 *     it
 * @param port the first port to try for Hazelcast
 * @param busPort the port of the event bus; 0 for any free port
 * @param quorum how many connected nodes publishing needs; 0 for a majority of the last known nodes
 * @param silence how long a node may be silent before it is removed from the cluster
 */
public record ClusterSettings(
    Kind kind,
    String name,
    String node,
    List<String> members,
    String dns,
    String host,
    int port,
    int busPort,
    int quorum,
    Duration silence) {
  private static final Pattern MEMBER =
      Pattern.compile("[\\w.-]+(:\\d{1,5})?|\\[[\\da-fA-F:.]+](:\\d{1,5})?");
  private static final String MEMBER_RULE =
      "must be a list of hosts, or hosts and ports such as node1:5701";

  /** The cluster manager. */
  public enum Kind {
    NONE,
    HAZELCAST
  }

  static ClusterSettings read(SettingValues values) {
    return new ClusterSettings(
        values.choice("cluster.kind", Kind.NONE, Kind.class),
        values.string("cluster.name", "tidings"),
        values.string("cluster.node", Settings.AUTO),
        values.strings("cluster.members", MEMBER, MEMBER_RULE),
        values.string("cluster.dns", Settings.NONE),
        values.string("cluster.host", Settings.AUTO),
        values.integer("cluster.port", 5_701, 1, 65_535),
        values.integer("cluster.bus.port", 0, 0, 65_535),
        values.integer("cluster.quorum", 0, 0, 1_000),
        values.duration("cluster.silence", Duration.ofSeconds(10), Duration.ofHours(1)));
  }

  public boolean on() {
    return kind != Kind.NONE;
  }
}
