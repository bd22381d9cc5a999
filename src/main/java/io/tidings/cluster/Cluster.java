package io.tidings.cluster;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.config.Config;
import com.hazelcast.config.MergePolicyConfig;
import com.hazelcast.config.RingbufferConfig;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent;
import com.hazelcast.map.IMap;
import com.hazelcast.spi.merge.DiscardMergePolicy;
import io.tidings.bus.Bookmarks;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;

/**
 * This node and the others, held together by Hazelcast. Any thread; what changes is told on a
 * thread of its own.
 */
public final class Cluster {
  /** The ring in which the shared log is. */
  static final String RING = "tidings";

  private static final System.Logger LOG = System.getLogger(Cluster.class.getName());

  /** Says what it does at every step; kept here, for its level would be forgotten with it. */
  private static final Logger HAZELCASTS = Logger.getLogger("com.hazelcast");

  /** The member attributes with a node's name, and with what it can do for all. */
  static final String NODE = "tidings.node";

  private static final String LEAVING = "tidings.leaving";
  private static final String BOOKMARKS = "tidings.bookmarks";
  static final String DUTIES = "tidings.duties";
  private static final int PROBE_MILLIS = 500;
  private static final long LOOK_MILLIS = 100;
  private final Settings.Cluster settings;
  private final Settings.Log.Ring ring;
  private final Duration age;
  private final Attention attention;
  private final HazelcastClusterManager manager;
  private final Electorate electorate;
  private final String host;
  private final Map<UUID, InetSocketAddress> addresses = new LinkedHashMap<>();
  private final List<Runnable> watchers = new CopyOnWriteArrayList<>();
  private final List<Runnable> mergeWatchers = new CopyOnWriteArrayList<>();
  private final OwnThread thread = new OwnThread("tidings-cluster");

  private HazelcastInstance hazelcast;
  private Vertx vertx;
  private MessageConsumer<String> leaving;
  private volatile boolean enough = true;
  private volatile boolean merging;
  private volatile boolean settled = true;

  private Cluster(Settings all, String node) {
    this.settings = all.cluster();
    this.ring = all.log().ring();
    this.age = all.log().keep().age();
    this.attention = new Attention(settings.silence());
    this.electorate = new Electorate(settings.quorum());
    this.host = ClusterConfig.host(settings);
    Config config = ClusterConfig.of(all, host, node);
    this.manager = new HazelcastClusterManager(config);
  }

  /**
   * A node that has not joined yet.
   *
   * @param node what it is called, where the settings don't tell
   */
  public static Cluster of(Settings settings, String node) {
    HAZELCASTS.setLevel(Level.SEVERE);
    System.setProperty("hazelcast.logging.type", "jdk");
    String set = settings.cluster().node();
    return new Cluster(settings, set.equals(Settings.AUTO) ? node : set);
  }

  /** With which Vert.x is to be built. */
  public HazelcastClusterManager manager() {
    return manager;
  }

  /** Where the event bus of this node listens. */
  public EventBusOptions eventBus() {
    return new EventBusOptions().setHost(host).setPort(settings.busPort());
  }

  /** It has joined, with that Vert.x. */
  public Future<Cluster> joined(Vertx built) {
    vertx = built;
    hazelcast = manager.getHazelcastInstance();
    hazelcast
        .getCluster()
        .addMembershipListener(
            new MembershipListener() {
              @Override
              public void memberAdded(MembershipEvent event) {
                thread.run(() -> added(event.getMember()));
              }

              @Override
              public void memberRemoved(MembershipEvent event) {
                settled = false;
                thread.run(() -> removed(event.getMember()));
              }
            });
    hazelcast.getLifecycleService().addLifecycleListener(this::lifecycle);
    thread.run(this::begin);
    thread.every(LOOK_MILLIS, this::watch);
    built.setPeriodic(LOOK_MILLIS, look -> attention.look());
    leaving = built.eventBus().consumer(LEAVING);
    leaving.handler(
        message -> {
          UUID member = UUID.fromString(message.body());
          thread.run(() -> changed(() -> electorate.ended(member)));
        });
    return leaving
        .completion()
        .compose(listens -> built.executeBlocking(this::defineRing))
        .map(this);
  }

  /**
   * For all nodes, for any of them may get to keep the ring, also one that is no hub and knows
   * nothing of it; nodes that do not agree about it are told so.
   */
  private Cluster defineRing() {
    var merge = new MergePolicyConfig().setPolicy(DiscardMergePolicy.class.getName());
    hazelcast
        .getConfig()
        .addRingBufferConfig(
            new RingbufferConfig(RING)
                .setCapacity(ring.capacity())
                .setBackupCount(ring.backups())
                .setTimeToLiveSeconds((int) age.toSeconds())
                .setMergePolicyConfig(merge));
    return this;
  }

  /** Things that one node does for all. */
  public enum Duty {
    HUB,
    PRODUCER
  }

  /**
   * Whether this node is the one that does it for all: the oldest of those that can. A node that
   * was held up, so that the others may have given it up, is none until it must have heard of that.
   */
  public boolean leads(Duty duty) {
    if (!enough() || !attention.undivided()) {
      return false;
    }
    for (Member member : hazelcast.getCluster().getMembers()) {
      if (String.valueOf(member.getAttribute(DUTIES)).contains(duty.name())) {
        return member.localMember();
      }
    }
    return false;
  }

  /** Bookmarks that all nodes know. */
  public Bookmarks bookmarks() {
    IMap<String, String> map = hazelcast.getMap(BOOKMARKS);
    return new Bookmarks() {
      @Override
      public Future<Optional<String>> read(String name) {
        return Future.fromCompletionStage(map.getAsync(name)).map(Optional::ofNullable);
      }

      @Override
      public Future<Void> write(String name, String id) {
        return Future.fromCompletionStage(map.setAsync(name, id));
      }
    };
  }

  HazelcastInstance hazelcast() {
    return hazelcast;
  }

  /** Whether this node hears enough of the others to let events be taken. */
  boolean enough() {
    return enough && !merging;
  }

  /** Whether what the nodes keep has all the copies that it shall have. */
  boolean settled() {
    return settled;
  }

  /** Is called, on any thread, whenever {@link #enough} or {@link #settled} may have changed. */
  void onChange(Runnable watcher) {
    watchers.add(watcher);
  }

  /**
   * Is called, before anything of it happens, when this node goes over to others that went on
   * without it, and again when it has: what the nodes keep is then what the others had.
   */
  void onMerge(Runnable watcher) {
    mergeWatchers.add(watcher);
  }

  /** The nodes that there are, the oldest first. */
  public List<Node> nodes() {
    return hazelcast.getCluster().getMembers().stream().map(Cluster::node).toList();
  }

  /** This node's id. */
  String id() {
    return hazelcast.getCluster().getLocalMember().getUuid().toString();
  }

  /** Whether this node hears enough of the others to let events be taken, for people. */
  public boolean quorum() {
    return enough();
  }

  /** Which nodes there are, in one line. */
  public String report() {
    List<Node> nodes = nodes();
    String list =
        nodes.stream()
            .map(node -> node.name() + (node.here() ? " (this one)" : "") + " at " + node.address())
            .collect(Collectors.joining(", "));
    return settings.name() + ", nodes " + nodes.size() + ": " + list;
  }

  /** A node of the cluster. */
  public record Node(String id, String name, String address, boolean here) {}

  private static Node node(Member member) {
    InetSocketAddress address = member.getSocketAddress();
    String place = address.getHostString() + ":" + address.getPort();
    String name = member.getAttribute(NODE);
    return new Node(
        member.getUuid().toString(), name == null ? place : name, place, member.localMember());
  }

  /** Tells the others that this node ends, so that nobody waits for it. */
  public Future<Void> leave() {
    vertx.eventBus().publish(LEAVING, hazelcast.getCluster().getLocalMember().getUuid().toString());
    thread.end();
    return leaving.unregister();
  }

  private void begin() {
    for (Member member : hazelcast.getCluster().getMembers()) {
      addresses.put(member.getUuid(), member.getSocketAddress());
    }
    changed(() -> electorate.begin(members()));
  }

  private void added(Member member) {
    addresses.put(member.getUuid(), member.getSocketAddress());
    LOG.log(System.Logger.Level.INFO, "{0} joined; there are {1}", node(member).name(), names());
    changed(() -> electorate.present(members()));
  }

  private void removed(Member member) {
    LOG.log(
        System.Logger.Level.WARNING, "{0} is gone; there are {1}", node(member).name(), names());
    changed(() -> electorate.present(members()));
    probe();
  }

  private List<String> names() {
    return nodes().stream().map(Node::name).toList();
  }

  private List<UUID> members() {
    return hazelcast.getCluster().getMembers().stream()
        .filter(member -> !member.isLiteMember()) // which keep nothing
        .map(Member::getUuid)
        .toList();
  }

  private void lifecycle(LifecycleEvent event) {
    switch (event.getState()) {
      case MERGING -> {
        merging = true;
        mergeWatchers.forEach(Runnable::run);
      }
      case MERGED, MERGE_FAILED ->
          thread.run(
              () -> {
                addresses.clear();
                begin();
                merging = false;
                LOG.log(System.Logger.Level.WARNING, "back with the others: {0}", names());
                mergeWatchers.forEach(Runnable::run);
                watchers.forEach(Runnable::run);
              });
      default -> {
        // starting and stopping are known
      }
    }
  }

  private void changed(Runnable change) {
    boolean before = enough;
    change.run();
    enough = electorate.enough();
    if (before != enough) {
      LOG.log(
          System.Logger.Level.WARNING,
          enough
              ? "enough nodes hear each other again"
              : "too few nodes hear each other: nothing is taken here");
    }
    watchers.forEach(Runnable::run);
  }

  /** Looks at what changes without an event. */
  private void watch() {
    try {
      if (!settled && hazelcast.getPartitionService().isClusterSafe()) {
        settled = true;
        watchers.forEach(Runnable::run);
      }
      if (!enough) {
        probe();
      }
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "can't look at the cluster now", e);
    }
  }

  /** A node whose port nobody listens on any more has ended; one that can't be reached may live. */
  private void probe() {
    for (UUID member : electorate.missing()) {
      InetSocketAddress address = addresses.get(member);
      if (address != null && refused(address)) {
        changed(() -> electorate.ended(member));
      }
    }
  }

  private static boolean refused(InetSocketAddress address) {
    try (var socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(address.getHostString(), address.getPort()), PROBE_MILLIS);
      return false;
    } catch (ConnectException e) {
      return e.getMessage() != null && e.getMessage().contains("refused");
    } catch (IOException e) {
      return false;
    }
  }
}
