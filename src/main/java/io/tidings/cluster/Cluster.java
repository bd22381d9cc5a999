package io.tidings.cluster;

import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.config.Config;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent;
import io.tidings.bus.Checkpoints;
import io.tidings.log.redis.SerialExecutor;
import io.tidings.settings.ClusterSettings;
import io.tidings.settings.LogSettings;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * This node and the others, connected by Hazelcast. Any thread; changes are handled on a thread of
 * its own.
 */
public final class Cluster {
  /** The name of the ring that stores the shared log. */
  static final String RING = "tidings";

  private static final System.Logger LOG = System.getLogger(Cluster.class.getName());
  private static final String CHECKPOINTS = "tidings.checkpoints";
  private static final long TICK_MILLIS = 100;

  private final ClusterSettings settings;
  private final LogSettings.Ring ring;
  private final Duration maxAge;
  private final PauseDetector pauses;
  private final String host;
  private final HazelcastInstance hazelcast;
  private final HazelcastClusterManager manager;
  private final Membership membership;
  private final SerialExecutor thread = new SerialExecutor("tidings-cluster");

  /** For calls that block while nodes hang. */
  private final SerialExecutor blocking = new SerialExecutor("tidings-cluster-blocking");

  private final Quorum quorum = new Quorum(thread, this::changed);
  private final List<Runnable> watchers = new CopyOnWriteArrayList<>();
  private final List<Runnable> lossHandlers = new CopyOnWriteArrayList<>();
  private volatile boolean merging;
  private volatile boolean replicated = true;
  private final AtomicLong losses = new AtomicLong();

  /** The number of members when {@link #quorum} was last updated. */
  private volatile int knownMembers;

  private Cluster(Settings all, String node) {
    this.settings = all.cluster();
    this.ring = all.log().ring();
    this.maxAge = all.log().keep().age();
    this.pauses = new PauseDetector(settings.silence(), System::nanoTime);
    this.host = ClusterConfig.host(settings);
    Config config = ClusterConfig.of(all, host, node);
    this.hazelcast = new Reunion(this::hasQuorum, quorum::missing).start(config);
    this.manager = new HazelcastClusterManager(hazelcast);
    this.membership = new Membership(hazelcast);
  }

  /**
   * Joins the other nodes. Blocks until it has.
   *
   * @param node the node's name, unless the settings have one
   */
  public static Cluster of(Settings settings, String node) {
    ClusterConfig.logOnlyFailures();
    Reunion.logOnlyFailures();
    String configured = settings.cluster().node();
    return new Cluster(settings, configured.equals(Settings.AUTO) ? node : configured);
  }

  /** The cluster manager with which Vert.x has to be built. */
  public HazelcastClusterManager manager() {
    return manager;
  }

  /** Where the event bus of this node listens. */
  public EventBusOptions eventBus() {
    return new EventBusOptions().setHost(host).setPort(settings.busPort());
  }

  /** Starts to exchange the quorum, with the Vert.x that was built with {@link #manager}. */
  public Future<Cluster> joined(Vertx vertx) {
    Duration calm = settings.silence().plusSeconds(2);
    String self = Membership.address(membership.local());
    quorum.init(vertx, membership, new Electorate(self, settings.quorum(), calm));
    listenToHazelcast();
    thread.run(
        () -> {
          knownMembers = membership.size();
          quorum.begin();
        });
    thread.every(TICK_MILLIS, quorum::tick);
    blocking.every(TICK_MILLIS, this::checkOthers);
    pauses.start();
    vertx.setPeriodic(TICK_MILLIS, timer -> pauses.tick());
    return quorum
        .listen()
        .compose(listening -> vertx.executeBlocking(this::addRingConfig))
        .map(this);
  }

  private void listenToHazelcast() {
    hazelcast
        .getCluster()
        .addMembershipListener(
            new MembershipListener() {
              @Override
              public void memberAdded(MembershipEvent event) {
                thread.run(() -> added(Membership.node(event.getMember())));
              }

              @Override
              public void memberRemoved(MembershipEvent event) {
                losses.incrementAndGet();
                replicated = false;
                thread.run(() -> removed(Membership.node(event.getMember())));
              }
            });
    hazelcast.getLifecycleService().addLifecycleListener(this::lifecycle);
    int ringsPartition = hazelcast.getPartitionService().getPartition(RING).getPartitionId();
    hazelcast
        .getPartitionService()
        .addPartitionLostListener(
            lost -> {
              if (lost.getPartitionId() == ringsPartition
                  && lost.getLostBackupCount() >= ring.backups()) {
                lossHandlers.forEach(Runnable::run);
              }
            });
  }

  /** Hazelcast distributes the configuration. Blocks until it has. */
  private Config addRingConfig() {
    return hazelcast.getConfig().addRingBufferConfig(ClusterConfig.ring(RING, ring, maxAge));
  }

  /** A task that one node performs for the whole cluster. */
  public enum Duty {
    HUB,
    PRODUCER
  }

  /** Whether this node performs the duty: it has a quorum, and is the oldest that can. */
  public boolean leads(Duty duty) {
    return hasQuorum() && membership.leads(duty);
  }

  /** Checkpoints that all nodes share. */
  public Checkpoints checkpoints() {
    return new SharedCheckpoints(hazelcast.getMap(CHECKPOINTS));
  }

  HazelcastInstance hazelcast() {
    return hazelcast;
  }

  /**
   * Whether this node is connected to enough others to accept events and to answer for the log.
   * False after the process was suspended, until it must have learned whether the others removed
   * it.
   */
  public boolean hasQuorum() {
    return quorum.reached() && !merging && pauses.upToDate();
  }

  /** Whether all data has its backups, as far as this node knows. */
  boolean replicated() {
    return replicated && membership.size() == knownMembers;
  }

  /** Adds a handler for possible changes of {@link #hasQuorum} and {@link #replicated}. */
  void onChange(Runnable watcher) {
    watchers.add(watcher);
  }

  /**
   * Adds a handler for the possible loss or replacement of the nodes' data. When this node joins
   * another part of the cluster, which continued without it, the handler is called before and
   * afterwards.
   */
  void onPossibleLoss(Runnable handler) {
    lossHandlers.add(handler);
  }

  /** The nodes, the oldest first. */
  public List<Node> nodes() {
    return membership.nodes();
  }

  /** This node's id. */
  String id() {
    return membership.local().getUuid().toString();
  }

  /** This node's name. */
  public String name() {
    return Membership.node(membership.local()).name();
  }

  /** Lists the nodes in one line. */
  public String report() {
    return settings.name() + ", " + membership.report();
  }

  /**
   * A node of the cluster.
   *
   * @param here whether it is this one
   * @param hub whether it is a hub, and not a producer or a guest
   */
  public record Node(String id, String name, String address, boolean self, boolean hub) {}

  /** Announces that this node leaves, so that no other waits for it. */
  public Future<Void> leave() {
    quorum.announceLeaving();
    thread.end();
    blocking.end();
    return quorum.stop();
  }

  /** Shuts Hazelcast down, after Vert.x was closed. Blocks. */
  public void close() {
    hazelcast.shutdown();
  }

  private void added(Node node) {
    LOG.log(System.Logger.Level.INFO, "{0} joined; members: {1}", node.name(), membership.names());
    membersChanged();
  }

  private void removed(Node node) {
    LOG.log(System.Logger.Level.WARNING, "{0} left; members: {1}", node.name(), membership.names());
    membersChanged();
    blocking.run(quorum::probeMissing);
  }

  private void membersChanged() {
    knownMembers = membership.size();
    quorum.membersChanged();
  }

  private void lifecycle(LifecycleEvent event) {
    switch (event.getState()) {
      case MERGING -> {
        merging = true;
        lossHandlers.forEach(Runnable::run);
      }
      case MERGED, MERGE_FAILED -> thread.run(this::merged);
      default -> {
        // starting and stopping are not handled
      }
    }
  }

  /** This node has joined another part of the cluster, or failed to. */
  private void merged() {
    knownMembers = membership.size();
    quorum.joinedOthers();
    merging = false;
    LOG.log(System.Logger.Level.WARNING, "connected to the others again: {0}", membership.names());
    lossHandlers.forEach(Runnable::run);
    changed();
  }

  private void changed() {
    watchers.forEach(Runnable::run);
  }

  /** Checks the backups and probes missing nodes. Blocks. */
  private void checkOthers() {
    try {
      long before = losses.get();
      if (!replicated
          && hazelcast.getPartitionService().isClusterSafe()
          && losses.get() == before) {
        replicated = true;
        changed();
      }
      quorum.probeMissing();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "the cluster could not be checked", e);
    }
  }
}
