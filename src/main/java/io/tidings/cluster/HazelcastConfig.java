package io.tidings.cluster;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.NetworkConfig;
import io.tidings.settings.ClusterSettings;
import io.tidings.settings.Settings;
import io.vertx.spi.cluster.hazelcast.ConfigUtil;
import java.util.ArrayList;
import java.util.Map;
import java.util.UUID;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The configuration of Hazelcast for a member. */
final class HazelcastConfig {
  /** Hazelcast logs every step. A field, since a logger without a reference loses its level. */
  private static final Logger HAZELCAST = Logger.getLogger("com.hazelcast");

  /** After how many seconds without a heartbeat a member is removed. */
  private static final String SILENCE = "hazelcast.max.no.heartbeat.seconds";

  /** The member attribute from which Vert.x reads its node id. */
  private static final String VERTX_NODE = "__vertx.nodeId";

  private static final Map<String, String> PROPERTIES =
      Map.of(
          "hazelcast.phone.home.enabled", "false",
          "hazelcast.shutdownhook.enabled", "false",
          "hazelcast.socket.bind.any", "false",
          "hazelcast.wait.seconds.before.join", "0",
          "hazelcast.heartbeat.interval.seconds", "1",
          "hazelcast.merge.first.run.delay.seconds", "5",
          "hazelcast.merge.next.run.delay.seconds", "3",
          "hazelcast.operation.call.timeout.millis", "15000",
          // little is stored: fewer partitions are migrated sooner
          "hazelcast.partition.count", "31");

  private HazelcastConfig() {}

  /**
   * @param host the address that other members connect to
   * @param node the node's name
   */
  static Config of(Settings all, String host, String node) {
    ClusterSettings.Hazelcast settings = all.cluster().hazelcast();
    Config config = ConfigUtil.loadConfig();
    config.setClusterName(all.cluster().name());
    config.setInstanceName("tidings-" + UUID.randomUUID());
    setProperties(config, Math.max(2, settings.silence().toSeconds()));
    config
        .getMemberAttributeConfig()
        .setAttribute(VERTX_NODE, UUID.randomUUID().toString())
        .setAttribute(BusMember.NAME, node)
        .setAttribute(BusMember.ROLE, all.role().name());
    config.setLiteMember(!all.role().hub());
    network(config.getNetworkConfig(), settings, host);
    return config;
  }

  /**
   * Sets the properties of Hazelcast that all members must have.
   *
   * @param silence seconds without a heartbeat after which a member is removed
   */
  static void setProperties(Config config, long silence) {
    PROPERTIES.forEach(config::setProperty);
    config.setProperty(SILENCE, Long.toString(silence));
  }

  /** Makes Hazelcast log failures only, by java.util.logging. */
  static void logOnlyFailures() {
    System.setProperty("hazelcast.logging.type", "jdk");
    HAZELCAST.setLevel(Level.SEVERE);
  }

  private static void network(
      NetworkConfig network, ClusterSettings.Hazelcast settings, String host) {
    network.setPort(settings.port()).setPortAutoIncrement(true);
    network.getInterfaces().setEnabled(true).addInterface(host);
    network.setPublicAddress(host);
    JoinConfig join = network.getJoin();
    join.getAutoDetectionConfig().setEnabled(false);
    var members = new ArrayList<>(settings.members());
    if (!settings.dns().equals(Settings.NONE)) {
      members.add(
          settings.dns()); // Hazelcast resolves all addresses of the name at every attempt to join
    }
    join.getMulticastConfig().setEnabled(members.isEmpty());
    join.getTcpIpConfig().setEnabled(!members.isEmpty()).setMembers(members);
  }
}
