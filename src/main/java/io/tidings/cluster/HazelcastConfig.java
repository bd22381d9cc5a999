package io.tidings.cluster;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.NetworkConfig;
import io.tidings.settings.ClusterSettings;
import io.tidings.settings.Settings;
import io.vertx.spi.cluster.hazelcast.ConfigUtil;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Map;
import java.util.UUID;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The configuration of Hazelcast for a member, and the address that it announces. */
final class HazelcastConfig {
  private static final System.Logger LOG = System.getLogger(HazelcastConfig.class.getName());

  /** Hazelcast logs every step. A field, since a logger without a reference loses its level. */
  private static final Logger HAZELCAST = Logger.getLogger("com.hazelcast");

  /** After how many seconds without a heartbeat a member is removed. */
  private static final String SILENCE = "hazelcast.max.no.heartbeat.seconds";

  private static final String LOCALHOST = "127.0.0.1";

  /** The member attribute from which Vert.x reads its node id. */
  private static final String VERTX_NODE = "__vertx.nodeId";

  /** An address for documentation (RFC 5737), which no host has. */
  private static final String UNASSIGNED = "203.0.113.1";

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

  /** The address that other nodes connect to: as configured, otherwise a guess. */
  static String host(ClusterSettings.Hazelcast settings) {
    if (!settings.host().equals(Settings.AUTO)) {
      return settings.host();
    }
    boolean local =
        !settings.members().isEmpty()
            && settings.members().stream().allMatch(HazelcastConfig::isLoopback);
    return local ? LOCALHOST : firstAddress();
  }

  private static boolean isLoopback(String member) {
    try {
      String name = member.replaceFirst(":\\d+$", "").replaceAll("[\\[\\]]", "");
      return InetAddress.getByName(name).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** The source address of the default route, otherwise another address of this machine. */
  private static String firstAddress() {
    try (var socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(UNASSIGNED, 9)); // sends nothing, but selects a route
      InetAddress address = socket.getLocalAddress();
      if (address instanceof Inet4Address && !address.isAnyLocalAddress()) {
        return address.getHostAddress();
      }
      return NetworkInterface.networkInterfaces()
          .flatMap(NetworkInterface::inetAddresses)
          .filter(Inet4Address.class::isInstance)
          .filter(other -> !other.isLoopbackAddress() && !other.isLinkLocalAddress())
          .findFirst()
          .map(InetAddress::getHostAddress)
          .orElse(LOCALHOST);
    } catch (IOException | UncheckedIOException e) {
      LOG.log(System.Logger.Level.DEBUG, "no address except loopback", e);
      return LOCALHOST;
    }
  }
}
