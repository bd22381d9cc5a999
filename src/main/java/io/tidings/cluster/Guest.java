package io.tidings.cluster;

import com.hazelcast.config.Config;
import io.vertx.core.Vertx;
import io.vertx.spi.cluster.hazelcast.ConfigUtil;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.util.List;

/**
 * How another Vert.x application joins a cluster of hubs, to publish to them over the event bus, or
 * to hear what they relay: as a member that keeps nothing of the log.
 *
 * <pre>{@code
 * Vertx.builder()
 *     .withClusterManager(Guest.of("tidings", "10.0.0.5", List.of("10.0.0.1:5701")))
 *     .with(new VertxOptions().setEventBusOptions(new EventBusOptions().setHost("10.0.0.5")))
 *     .buildClustered();
 * }</pre>
 */
public final class Guest {
  /** As the hubs have it by default: all members must agree that one is gone. */
  private static final long SILENCE_SECONDS = 10;

  private Guest() {}

  /**
   * @param cluster the hubs' {@code cluster.name}
   * @param host the address of this machine at which the hubs reach it
   * @param members where hubs are
   * @return with which to build a {@link Vertx}
   */
  public static HazelcastClusterManager of(String cluster, String host, List<String> members) {
    Config config = ConfigUtil.loadConfig();
    config.setClusterName(cluster).setLiteMember(true);
    ClusterConfig.setProperties(config, SILENCE_SECONDS);
    var network = config.getNetworkConfig();
    network.getInterfaces().setEnabled(true).addInterface(host);
    network.getJoin().getAutoDetectionConfig().setEnabled(false);
    network.getJoin().getMulticastConfig().setEnabled(false);
    network.getJoin().getTcpIpConfig().setEnabled(true).setMembers(members);
    return new HazelcastClusterManager(config);
  }
}
