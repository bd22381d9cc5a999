package io.tidings.settings;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The section {@code cluster}: whether this process is a node of a cluster, and of which; and
 * whether it has an event bus with other processes.
 *
 * @param name nodes with the same name form one cluster, and one event bus
 * @param node the name of this node; {@link Settings#AUTO} for its host name and HTTP port
 * @param members all members of a new cluster, this one included, the same on every node; of a
 *     cluster that runs, this node and some that it can ask
 * @param host the host of this node in the list; {@link Settings#AUTO} to detect it; of an edge,
 *     its own
 * @param port the port of this node in the list; 0 if the host suffices; of an edge, its own
 * @param join whether this node is to be added to a cluster that runs: it has no vote until it is
 * @param edge of the nodes that only follow
 * @param fetch how what this node lacks is fetched from others
 * @param isolated after how long without a leader this node lets its clients go to others
 * @param tls between the nodes
 */
public record ClusterSettings(
    Kind kind,
    String name,
    String node,
    List<Member> members,
    String host,
    int port,
    boolean join,
    Edge edge,
    Fetch fetch,
    Duration isolated,
    NodeTls tls,
    Bus bus,
    Hazelcast hazelcast) {

  /** How the nodes agree on the log. */
  public enum Kind {
    NONE,
    RAFT
  }

  /**
   * The nodes that only follow, as their leader sees them.
   *
   * @param forget after which time without an answer they are not nodes any more
   */
  public record Edge(Duration forget) {
    private static Edge read(SettingValues values) {
      return new Edge(
          values.duration("cluster.edge.forget", Duration.ofHours(1), Duration.ofDays(7)));
    }
  }

  /**
   * How a node fetches what it lacks from another one.
   *
   * @param rate in bytes a second
   */
  public record Fetch(long rate) {
    private static Fetch read(SettingValues values) {
      return new Fetch(
          values.bytes(
              "cluster.fetch.rate", 64 * ByteSize.MIB, 64 * ByteSize.KIB, 16 * ByteSize.GIB));
    }
  }

  /** What connects the event buses of several processes. */
  public enum Bus {
    NONE,
    HAZELCAST
  }

  /**
   * The event bus that is clustered by Hazelcast.
   *
   * @param members the addresses of other members; empty for discovery by multicast
   * @param dns a host name that resolves to the addresses of all members, such as a Kubernetes
   *     headless service; {@link Settings#NONE}
   * @param host the address on which the other members reach this one; {@link Settings#AUTO} to
   *     detect it
   * @param port the first port to try for Hazelcast
   * @param eventbus the port of the event bus; 0 for any free port
   * @param silence how long a member may be silent before it is removed
   */
  public record Hazelcast(
      List<String> members, String dns, String host, int port, int eventbus, Duration silence) {
    private static final Pattern MEMBER =
        Pattern.compile("[\\w.-]+(:\\d{1,5})?|\\[[\\da-fA-F:.]+](:\\d{1,5})?");
    private static final String MEMBER_RULE =
        "must be a list of hosts, or hosts and ports such as node1:5701";

    private static Hazelcast read(SettingValues values) {
      return new Hazelcast(
          values.strings("cluster.hazelcast.members", MEMBER, MEMBER_RULE),
          values.string("cluster.hazelcast.dns", Settings.NONE),
          values.string("cluster.hazelcast.host", Settings.AUTO),
          values.integer("cluster.hazelcast.port", 5_701, 1, 65_535),
          values.integer("cluster.hazelcast.eventbus", 0, 0, 65_535),
          values.duration(
              "cluster.hazelcast.silence", Duration.ofSeconds(10), Duration.ofHours(1)));
    }
  }

  static ClusterSettings read(SettingValues values) {
    return new ClusterSettings(
        values.choice("cluster.kind", Kind.NONE, Kind.class),
        values.string("cluster.name", "tidings"),
        values.string("cluster.node", Settings.AUTO),
        members(values),
        values.string("cluster.host", Settings.AUTO),
        values.integer("cluster.port", 0, 0, 65_535),
        values.flag("cluster.join", false),
        Edge.read(values),
        Fetch.read(values),
        values.duration("cluster.isolated", Duration.ofSeconds(10), Duration.ofHours(1)),
        NodeTls.read(values),
        values.choice("cluster.bus", Bus.NONE, Bus.class),
        Hazelcast.read(values));
  }

  private static List<Member> members(SettingValues values) {
    List<Member> members = values.list("cluster.members", "[]", Member::parse);
    var ids = new HashSet<String>();
    for (Member member : members) {
      if (!ids.add(member.id())) {
        throw InvalidSetting.of("cluster.members", member.id(), "must be listed once");
      }
    }
    return members;
  }

  /** Whether this process is a node of a cluster that has one log. */
  public boolean raft() {
    return kind == Kind.RAFT;
  }

  /** Whether the event bus reaches other processes. */
  public boolean hasBus() {
    return bus != Bus.NONE;
  }
}
