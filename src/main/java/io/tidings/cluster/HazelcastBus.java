package io.tidings.cluster;

import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import io.tidings.settings.ClusterSettings;
import io.tidings.settings.Loopback;
import io.tidings.settings.Settings;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.util.List;
import java.util.stream.Collectors;

/**
 * This process as a member of a Hazelcast cluster, by which the event buses of several processes
 * are one. It carries messages of applications, and tells who is there; nothing of the log depends
 * on it. Any thread.
 */
public final class HazelcastBus {
  private static final System.Logger LOG = System.getLogger(HazelcastBus.class.getName());

  private final ClusterSettings settings;
  private final String host;
  private final HazelcastInstance hazelcast;
  private final HazelcastClusterManager manager;

  private HazelcastBus(Settings all, String node) {
    this.settings = all.cluster();
    this.host = BusAddress.of(settings.hazelcast());
    this.hazelcast = Hazelcast.newHazelcastInstance(HazelcastConfig.of(all, host, node));
    this.manager = new HazelcastClusterManager(hazelcast);
    hazelcast.getCluster().addMembershipListener(new MembershipLog());
  }

  /**
   * Joins the other members. Blocks until it has.
   *
   * @param node the node's name
   */
  public static HazelcastBus join(Settings settings, String node) {
    HazelcastConfig.logOnlyFailures();
    return new HazelcastBus(settings, node);
  }

  /** The cluster manager with which Vert.x has to be built. */
  public HazelcastClusterManager manager() {
    return manager;
  }

  /** Where the event bus of this process listens. */
  public EventBusOptions eventBus() {
    return new EventBusOptions().setHost(host).setPort(settings.hazelcast().eventbus());
  }

  /** Whether it listens on the loopback interface only, so all its members are on this machine. */
  public boolean onThisMachine() {
    return Loopback.isHost(host);
  }

  /** The members, the oldest first. */
  List<BusMember> members() {
    return hazelcast.getCluster().getMembers().stream().map(BusMember::of).toList();
  }

  /** Lists the members in one line. */
  public String report() {
    List<BusMember> members = members();
    return settings.name()
        + ", members "
        + members.size()
        + ": "
        + members.stream()
            .map(one -> one.name() + (one.self() ? " (this one)" : "") + " at " + one.address())
            .collect(Collectors.joining(", "));
  }

  /** Leaves, after Vert.x was closed. Blocks. */
  public void close() {
    hazelcast.shutdown();
  }

  private String names() {
    return members().stream().map(BusMember::name).collect(Collectors.joining(", "));
  }

  private final class MembershipLog implements MembershipListener {
    @Override
    public void memberAdded(MembershipEvent event) {
      LOG.log(
          System.Logger.Level.INFO,
          "{0} joined the event bus; members: {1}",
          BusMember.of(event.getMember()).name(),
          names());
    }

    @Override
    public void memberRemoved(MembershipEvent event) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} left the event bus; members: {1}",
          BusMember.of(event.getMember()).name(),
          names());
    }
  }
}
