package io.tidings.cluster;

import com.hazelcast.cluster.Address;
import com.hazelcast.instance.impl.DefaultNodeContext;
import com.hazelcast.instance.impl.Node;
import com.hazelcast.instance.impl.NodeContext;
import com.hazelcast.internal.cluster.Joiner;
import com.hazelcast.internal.cluster.impl.AbstractJoiner;
import com.hazelcast.internal.cluster.impl.SplitBrainJoinMessage;
import com.hazelcast.internal.cluster.impl.SplitBrainJoinMessage.SplitBrainMergeCheckResult;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * How the parts of a cluster that could not hear each other come together again. Hazelcast would
 * let the smaller part give up what it has, and of equal ones either; but what was taken meanwhile
 * is with the part that had a quorum, however small it is. So that one never gives up; and others
 * go over to it when they see that by Hazelcast's rule it should have come, and did not.
 *
 * <p>The only class that uses what Hazelcast keeps for itself. Called by Hazelcast on the oldest
 * node of each part.
 */
final class Reunion extends AbstractJoiner {
  /** After how many looks one goes over that by Hazelcast's rule should have been come to. */
  private static final int LOOKS = 3;

  private static final System.Logger LOG = System.getLogger(Reunion.class.getName());

  private final Joiner joiner;
  private final BooleanSupplier enough;
  private final Supplier<List<String>> missing;
  private final Map<String, Integer> seen = new HashMap<>();

  private Reunion(
      Node node, Joiner joiner, BooleanSupplier enough, Supplier<List<String>> missing) {
    super(node);
    this.joiner = joiner;
    this.enough = enough;
    this.missing = missing;
  }

  /**
   * What a Hazelcast is to be made with.
   *
   * @param enough whether this node's part has a quorum
   * @param missing the addresses of nodes that it lost sight of
   */
  static NodeContext context(BooleanSupplier enough, Supplier<List<String>> missing) {
    return new DefaultNodeContext() {
      @Override
      public Joiner createJoiner(Node node) {
        return new Joining(super.createJoiner(node), node, enough, missing);
      }
    };
  }

  @Override
  public void searchForOtherClusters() {
    if (enough.getAsBoolean()) {
      seen.clear();
      return;
    }
    joiner.searchForOtherClusters();
    for (String other : missing.get()) {
      if (comesNot(other)) {
        return;
      }
    }
  }

  /** Whether this node went over to the other one, because that does not come. */
  private boolean comesNot(String other) {
    try {
      int colon = other.lastIndexOf(':');
      var address =
          new Address(other.substring(0, colon), Integer.parseInt(other.substring(colon + 1)));
      SplitBrainJoinMessage request = node.createSplitBrainJoinMessage();
      SplitBrainMergeCheckResult result =
          sendSplitBrainJoinMessageAndCheckResponse(address, request);
      if (result != SplitBrainMergeCheckResult.REMOTE_NODE_SHOULD_MERGE) {
        return false;
      }
      if (seen.merge(other, 1, Integer::sum) < LOOKS) {
        return false;
      }
      seen.clear();
      LOG.log(System.Logger.Level.WARNING, "goes over to {0}, which has a quorum", other);
      joiner.setTargetAddress(address);
      startClusterMerge(address, request.getMemberListVersion());
      return true;
    } catch (UnknownHostException e) {
      return false; // it may be known later
    }
  }

  @Override
  public void doJoin() {
    throw new UnsupportedOperationException("joining is the other joiner's");
  }

  @Override
  public String getType() {
    return joiner.getType();
  }

  /** Joins as Hazelcast does, and comes together again by the rule above. */
  private record Joining(Joiner joiner, Reunion reunion) implements Joiner {
    Joining(Joiner joiner, Node node, BooleanSupplier enough, Supplier<List<String>> missing) {
      this(joiner, new Reunion(node, joiner, enough, missing));
    }

    @Override
    public void join() {
      joiner.join();
    }

    @Override
    public void searchForOtherClusters() {
      reunion.searchForOtherClusters();
    }

    @Override
    public long getStartTime() {
      return joiner.getStartTime();
    }

    @Override
    public void setTargetAddress(Address address) {
      joiner.setTargetAddress(address);
    }

    @Override
    public void reset() {
      joiner.reset();
    }

    @Override
    public String getType() {
      return joiner.getType();
    }

    @Override
    public void blacklist(Address address, boolean permanent) {
      joiner.blacklist(address, permanent);
    }

    @Override
    public boolean unblacklist(Address address) {
      return joiner.unblacklist(address);
    }

    @Override
    public boolean isBlacklisted(Address address) {
      return joiner.isBlacklisted(address);
    }
  }
}
