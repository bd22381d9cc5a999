package io.tidings.cluster;

import com.hazelcast.cluster.Address;
import com.hazelcast.config.Config;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.instance.impl.DefaultNodeContext;
import com.hazelcast.instance.impl.HazelcastInstanceFactory;
import com.hazelcast.instance.impl.Node;
import com.hazelcast.instance.impl.NodeContext;
import com.hazelcast.internal.cluster.Joiner;
import com.hazelcast.internal.cluster.impl.MulticastJoiner;
import com.hazelcast.internal.cluster.impl.SplitBrainJoinMessage;
import com.hazelcast.internal.cluster.impl.SplitBrainJoinMessage.SplitBrainMergeCheckResult;
import com.hazelcast.internal.cluster.impl.TcpIpJoiner;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * How the parts of a cluster that could not hear each other come together again. Hazelcast would
 * let the smaller part give up what it has, and of equal ones either; but what was taken meanwhile
 * is with the part that had a quorum, however small it is. So that one never gives up; and others
 * go over to it when they see that by Hazelcast's rule it should have come, and did not.
 *
 * <p>The only class that uses internal classes of Hazelcast, see {@code InternalApisTest}. Called
 * by one thread of Hazelcast, on the oldest node of each part.
 */
final class Reunion {
  /** After how many looks one goes over that by Hazelcast's rule should have been come to. */
  private static final int LOOKS = 3;

  private static final System.Logger LOG = System.getLogger(Reunion.class.getName());

  /** What Hazelcast's joiners say, they say under the names of the classes below. */
  private static final List<Logger> JOINERS =
      List.of(
          Logger.getLogger(ByAddresses.class.getName()),
          Logger.getLogger(ByMulticast.class.getName()));

  private final BooleanSupplier enough;
  private final Supplier<List<String>> missing;
  private final Map<String, Integer> seen = new HashMap<>();

  /** Whether this node has begun to go over to another. */
  private volatile boolean goesOver;

  /**
   * @param enough whether this node's part has a quorum
   * @param missing the addresses of nodes that it lost sight of
   */
  Reunion(BooleanSupplier enough, Supplier<List<String>> missing) {
    this.enough = enough;
    this.missing = missing;
  }

  /** Lets Hazelcast's joiners log nothing but failures. */
  static void logOnlyFailures() {
    JOINERS.forEach(joiner -> joiner.setLevel(Level.SEVERE));
  }

  /** Starts a Hazelcast whose parts come together in this way. Blocks until it has joined. */
  HazelcastInstance start(Config config) {
    return HazelcastInstanceFactory.newHazelcastInstance(
        config, config.getInstanceName(), context());
  }

  private NodeContext context() {
    return new DefaultNodeContext() {
      @Override
      public Joiner createJoiner(Node node) {
        boolean multicast =
            node.getConfig().getNetworkConfig().getJoin().getMulticastConfig().isEnabled();
        return multicast ? new ByMulticast(node) : new ByAddresses(node);
      }
    };
  }

  /** What Hazelcast's joiners do, of which this one decides when. */
  private interface Steps {
    void searchAsHazelcastDoes();

    SplitBrainMergeCheckResult check(Address other, SplitBrainJoinMessage request);

    void goOver(Address other, int version);
  }

  private void search(Node node, Steps steps) {
    if (enough.getAsBoolean()) {
      seen.clear();
      return;
    }
    goesOver = false;
    steps.searchAsHazelcastDoes();
    if (goesOver) {
      return; // whom it asked now would take it for one that wants to leave again
    }
    for (String other : missing.get()) {
      SplitBrainJoinMessage request = node.createSplitBrainJoinMessage();
      Address address = address(other);
      if (address != null
          && steps.check(address, request) == SplitBrainMergeCheckResult.REMOTE_NODE_SHOULD_MERGE
          && seen.merge(other, 1, Integer::sum) >= LOOKS) {
        seen.clear();
        LOG.log(System.Logger.Level.WARNING, "goes over to {0}, which has a quorum", other);
        steps.goOver(address, request.getMemberListVersion());
        return;
      }
    }
  }

  /** The address; null where its host is not known now. */
  private static Address address(String text) {
    int colon = text.lastIndexOf(':');
    try {
      return new Address(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
    } catch (UnknownHostException e) {
      return null;
    }
  }

  // Hazelcast knows its joiners by their classes, so there must be one below each

  private final class ByAddresses extends TcpIpJoiner implements Steps {
    ByAddresses(Node node) {
      super(node);
    }

    @Override
    public void searchForOtherClusters() {
      search(node, this);
    }

    @Override
    public void searchAsHazelcastDoes() {
      super.searchForOtherClusters();
    }

    @Override
    public SplitBrainMergeCheckResult check(Address other, SplitBrainJoinMessage request) {
      return sendSplitBrainJoinMessageAndCheckResponse(other, request);
    }

    @Override
    public void goOver(Address other, int version) {
      setTargetAddress(other);
      startClusterMerge(other, version);
    }

    @Override
    protected void startClusterMerge(Address target, int version) {
      goesOver = true;
      super.startClusterMerge(target, version);
    }
  }

  private final class ByMulticast extends MulticastJoiner implements Steps {
    ByMulticast(Node node) {
      super(node);
    }

    @Override
    public void searchForOtherClusters() {
      search(node, this);
    }

    @Override
    public void searchAsHazelcastDoes() {
      super.searchForOtherClusters();
    }

    @Override
    public SplitBrainMergeCheckResult check(Address other, SplitBrainJoinMessage request) {
      return sendSplitBrainJoinMessageAndCheckResponse(other, request);
    }

    @Override
    public void goOver(Address other, int version) {
      setTargetAddress(other);
      startClusterMerge(other, version);
    }

    @Override
    protected void startClusterMerge(Address target, int version) {
      goesOver = true;
      super.startClusterMerge(target, version);
    }
  }
}
