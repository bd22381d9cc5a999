package io.tidings.cluster;

import com.hazelcast.config.Config;
import io.vertx.core.Vertx;
import io.vertx.spi.cluster.hazelcast.ConfigUtil;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.util.List;

/**
 * Lets another Vert.x application join a cluster of hubs, to publish over the event bus or to
 * receive what the hubs relay, as a member that stores nothing of the log.
 *
 * <pre>{@code
 * Vertx.builder()
 *     .withClusterManager(Guest.of("tidings", "10.0.0.5", List.of("10.0.0.1:5701")))
 *     .with(new VertxOptions().setEventBusOptions(new EventBusOptions().setHost("10.0.0.5")))
 *     .buildClustered();
 * }</pre>
 */
public final class Guest {
  /** The hubs' default; all members must remove a silent member after the same time. */
  private static final long SILENCE_SECONDS = 10;

  private Guest() {}

  /**
   * @param cluster the hubs' {@code cluster.name}
   * @param host the address of this machine at which the hubs reach it
   * @param members the addresses of hubs
   * @return the cluster manager with which to build a {@link Vertx}
   */
  public static HazelcastClusterManager of(String cluster, String host, List<String> members) {
    Config config = ConfigUtil.loadConfig();
    config.setClusterName(cluster).setLiteMember(true);
    HazelcastConfig.setProperties(config, SILENCE_SECONDS);
    var network = config.getNetworkConfig();
    network.getInterfaces().setEnabled(true).addInterface(host);
    network.getJoin().getAutoDetectionConfig().setEnabled(false);
    network.getJoin().getMulticastConfig().setEnabled(false);
    network.getJoin().getTcpIpConfig().setEnabled(true).setMembers(members);
    return new HazelcastClusterManager(config);
  }
}
