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

/** How Hazelcast is set up for a node, and at which address. */
final class ClusterConfig {
  private static final System.Logger LOG = System.getLogger(ClusterConfig.class.getName());

  /**
   * Hazelcast logs each of its steps; a field, since a logger without a reference loses its level.
   */
  private static final Logger HAZELCAST = Logger.getLogger("com.hazelcast");

  /** After how many seconds without a sign of life a member is given up. */
  private static final String SILENCE = "hazelcast.max.no.heartbeat.seconds";

  private static final String LOCALHOST = "127.0.0.1";

  /** Where Vert.x looks for its id of the node. */
  private static final String VERTX_NODE = "__vertx.nodeId";

  /** An address for documentation (RFC 5737), which is nobody's. */
  private static final String ANYWHERE = "203.0.113.1";

  private static final Map<String, String> PROPERTIES =
      Map.ofEntries(
          Map.entry("hazelcast.phone.home.enabled", "false"),
          Map.entry("hazelcast.shutdownhook.enabled", "false"),
          Map.entry("hazelcast.socket.bind.any", "false"),
          Map.entry("hazelcast.wait.seconds.before.join", "0"),
          Map.entry("hazelcast.heartbeat.interval.seconds", "1"),
          Map.entry("hazelcast.merge.first.run.delay.seconds", "5"),
          Map.entry("hazelcast.merge.next.run.delay.seconds", "3"),
          Map.entry("hazelcast.operation.call.timeout.millis", "15000"),
          // an append of which it is not known whether the backups have it must fail, not be made
          // twice
          Map.entry("hazelcast.operation.fail.on.indeterminate.state", "true"),
          // few things are kept: with fewer parts they are sooner where they belong
          Map.entry("hazelcast.partition.count", "31"));

  private ClusterConfig() {}

  /**
   * @param host the address for the others
   * @param node what the node is called
   */
  static Config of(Settings all, String host, String node) {
    ClusterSettings settings = all.cluster();
    Settings.Role role = all.role();
    Config config = ConfigUtil.loadConfig();
    config.setClusterName(settings.name());
    config.setInstanceName("tidings-" + UUID.randomUUID());
    config.getMemberAttributeConfig().setAttribute(VERTX_NODE, UUID.randomUUID().toString());
    setProperties(config, Math.max(2, settings.silence().toSeconds()));
    var duties = new ArrayList<String>();
    if (role.hub()) {
      duties.add(Cluster.Duty.HUB.name());
    }
    if (role.producer()) {
      duties.add(Cluster.Duty.PRODUCER.name());
    }
    config
        .getMemberAttributeConfig()
        .setAttribute(Cluster.NODE, node)
        .setAttribute(Cluster.DUTIES, String.join(" ", duties));
    config.setLiteMember(!role.hub());
    network(config.getNetworkConfig(), settings, host);
    return config;
  }

  /**
   * Sets the properties of Hazelcast that all members must have.
   *
   * @param silence seconds without a sign of life after which a member is given up
   */
  static void setProperties(Config config, long silence) {
    PROPERTIES.forEach(config::setProperty);
    config.setProperty(SILENCE, Long.toString(silence));
  }

  /** Lets Hazelcast log nothing but failures, by java.util.logging. */
  static void logOnlyFailures() {
    System.setProperty("hazelcast.logging.type", "jdk");
    HAZELCAST.setLevel(Level.SEVERE);
  }

  private static void network(NetworkConfig network, ClusterSettings settings, String host) {
    network.setPort(settings.port()).setPortAutoIncrement(true);
    network.getInterfaces().setEnabled(true).addInterface(host);
    network.setPublicAddress(host);
    JoinConfig join = network.getJoin();
    join.getAutoDetectionConfig().setEnabled(false);
    var members = new ArrayList<>(settings.members());
    if (!settings.dns().equals(Settings.NONE)) {
      members.add(settings.dns()); // Hazelcast asks for all of its addresses, whenever it looks
    }
    join.getMulticastConfig().setEnabled(members.isEmpty());
    join.getTcpIpConfig().setEnabled(!members.isEmpty()).setMembers(members);
  }

  /** The address for the others: as it was set, or as good a guess as there is. */
  static String host(ClusterSettings settings) {
    if (!settings.host().equals(Settings.AUTO)) {
      return settings.host();
    }
    boolean local =
        !settings.members().isEmpty()
            && settings.members().stream().allMatch(ClusterConfig::isLoopback);
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

  /** The address with which this machine would go out, or else one of the others that it has. */
  private static String firstAddress() {
    try (var socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(ANYWHERE, 9)); // sends nothing, but is routed
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
      LOG.log(System.Logger.Level.DEBUG, "no address but the loopback's", e);
      return LOCALHOST;
    }
  }
}
