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
import io.tidings.bus.Checkpoints;
import io.tidings.bus.ConsumerRegistration;
import io.tidings.log.redis.SerialExecutor;
import io.tidings.settings.ClusterSettings;
import io.tidings.settings.LogSettings;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * This node and the others, held together by Hazelcast. Any thread; what changes is told on a
 * thread of its own.
 */
public final class Cluster {
  /** The ring in which the shared log is. */
  static final String RING = "tidings";

  private static final System.Logger LOG = System.getLogger(Cluster.class.getName());

  /** The member attributes with a node's name, and with what it can do for all. */
  static final String NODE = "tidings.node";

  private static final String VOTES = "tidings.votes";
  private static final String BOOKMARKS = "tidings.checkpoints";
  static final String DUTIES = "tidings.duties";
  private static final int PROBE_MILLIS = 500;
  private static final long TELL_NANOS = 1_000_000_000L;
  private static final long LOOK_MILLIS = 100;
  private final ClusterSettings settings;
  private final LogSettings.Ring ring;
  private final Duration age;
  private final PauseDetector attention;
  private final String host;
  private final HazelcastInstance hazelcast;
  private final HazelcastClusterManager manager;
  private final Electorate electorate;
  private final List<Runnable> watchers = new CopyOnWriteArrayList<>();
  private final List<Runnable> doubters = new CopyOnWriteArrayList<>();
  private final SerialExecutor thread = new SerialExecutor("tidings-cluster");

  /** For what may have to wait for nodes that hang. */
  private final SerialExecutor looker = new SerialExecutor("tidings-cluster-look");

  private Vertx vertx;
  private MessageConsumer<JsonObject> votes;
  private volatile List<String> missing = List.of();
  private volatile boolean enough;
  private boolean wasEnough;
  private volatile boolean merging;
  private volatile boolean settled = true;
  private final AtomicLong losses = new AtomicLong();
  private volatile int members;
  private long lastTold;

  /** Nodes that said that they end. */
  private final Set<String> leavers = new HashSet<>();

  private Cluster(Settings all, String node) {
    this.settings = all.cluster();
    this.ring = all.log().ring();
    this.age = all.log().keep().age();
    this.attention = new PauseDetector(settings.silence());
    this.host = ClusterConfig.host(settings);
    Config config = ClusterConfig.of(all, host, node);
    this.hazelcast = new Reunion(this::enough, () -> missing).start(config);
    this.manager = new HazelcastClusterManager(hazelcast);
    Duration calm = settings.silence().plusSeconds(2);
    this.electorate = new Electorate(address(local()), settings.quorum(), calm);
  }

  /**
   * Joins the others. Blocks until it has.
   *
   * @param node what it is called, where the settings don't tell
   */
  public static Cluster of(Settings settings, String node) {
    ClusterConfig.logOnlyFailures();
    Reunion.logOnlyFailures();
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
                losses.incrementAndGet();
                settled = false;
                thread.run(() -> removed(event.getMember()));
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
                doubters.forEach(Runnable::run);
              }
            });
    thread.run(this::begin);
    thread.every(LOOK_MILLIS, this::watch);
    looker.every(LOOK_MILLIS, this::look);
    attention.begin();
    built.setPeriodic(LOOK_MILLIS, look -> attention.look());
    return ConsumerRegistration.<JsonObject>of(
            built, VOTES, message -> thread.run(() -> told(message.body())))
        .onSuccess(hears -> votes = hears)
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

  /** Whether this node is the one that does it for all: the oldest of those that can. */
  public boolean leads(Duty duty) {
    if (!enough()) {
      return false;
    }
    for (Member member : hazelcast.getCluster().getMembers()) {
      if (can(member, duty)) {
        return member.localMember();
      }
    }
    return false;
  }

  /** Bookmarks that all nodes know. */
  public Checkpoints checkpoints() {
    IMap<String, String> map = hazelcast.getMap(BOOKMARKS);
    return new Checkpoints() {
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

  private Member local() {
    return hazelcast.getCluster().getLocalMember();
  }

  HazelcastInstance hazelcast() {
    return hazelcast;
  }

  /**
   * Whether this node hears enough of the others to let events be taken, and to say what there is.
   * A node that was held up, so that the others may have given it up, does not know before it must
   * have heard of that.
   */
  public boolean enough() {
    return enough && !merging && attention.undivided();
  }

  /** Whether what the nodes keep has all the copies that it shall have, as far as is known. */
  boolean settled() {
    return settled && hazelcast.getCluster().getMembers().size() == members;
  }

  /** Is called, on any thread, whenever {@link #enough} or {@link #settled} may have changed. */
  void onChange(Runnable watcher) {
    watchers.add(watcher);
  }

  /**
   * Is called when what the nodes keep may have been lost, or replaced: when this node goes over to
   * others that went on without it, before anything of it happens, and again when it has.
   */
  void onDoubt(Runnable doubter) {
    doubters.add(doubter);
  }

  /** The nodes that there are, the oldest first. */
  public List<Node> nodes() {
    return hazelcast.getCluster().getMembers().stream().map(Cluster::node).toList();
  }

  /** This node's id. */
  String id() {
    return local().getUuid().toString();
  }

  /** What this node is called. */
  public String name() {
    return node(local()).name();
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

  /**
   * A node of the cluster.
   *
   * @param here whether it is this one
   * @param hub whether it is a hub, and not a producer or a guest
   */
  public record Node(String id, String name, String address, boolean here, boolean hub) {}

  private static Node node(Member member) {
    String name = member.getAttribute(NODE);
    String address = address(member);
    return new Node(
        member.getUuid().toString(),
        name == null ? address : name,
        address,
        member.localMember(),
        can(member, Duty.HUB));
  }

  private static String address(Member member) {
    return member.getAddress().getHost() + ":" + member.getAddress().getPort();
  }

  /** Tells the others that this node ends, so that nobody waits for it. */
  public Future<Void> leave() {
    vertx.eventBus().publish(VOTES, new JsonObject().put("ends", address(local())));
    thread.end();
    looker.end();
    return votes.unregister();
  }

  /** Ends what is left, once Vert.x is closed. Blocks. */
  public void close() {
    hazelcast.shutdown();
  }

  /** Finds out whom it came to; the oldest of all hubs has come to nobody. */
  private void begin() {
    List<String> hubs = hubs();
    if (!hubs.isEmpty() && hubs.get(0).equals(address(local()))) {
      electorate.found();
    } else {
      electorate.doubt();
    }
    present();
  }

  /** It went over to others, or tried to. */
  private void merged() {
    electorate.doubt();
    present();
    merging = false;
    LOG.log(System.Logger.Level.WARNING, "back with the others: {0}", names());
    doubters.forEach(Runnable::run);
    watchers.forEach(Runnable::run);
  }

  private void present() {
    members = hazelcast.getCluster().getMembers().size();
    changed(() -> electorate.present(hubs(), System.nanoTime()));
  }

  private void added(Member member) {
    LOG.log(System.Logger.Level.INFO, "{0} joined; there are {1}", node(member).name(), names());
    present();
  }

  private void removed(Member member) {
    LOG.log(
        System.Logger.Level.WARNING, "{0} is gone; there are {1}", node(member).name(), names());
    present();
    looker.run(this::probe);
  }

  private List<String> names() {
    return nodes().stream().map(Node::name).toList();
  }

  /**
   * The addresses of hubs, the oldest first; others that take part keep nothing, or know nothing.
   */
  private List<String> hubs() {
    return hazelcast.getCluster().getMembers().stream()
        .filter(member -> can(member, Duty.HUB))
        .map(Cluster::address)
        .toList();
  }

  private static boolean can(Member member, Duty duty) {
    return String.valueOf(member.getAttribute(DUTIES)).contains(duty.name());
  }

  private void lifecycle(LifecycleEvent event) {
    switch (event.getState()) {
      case MERGING -> {
        merging = true;
        doubters.forEach(Runnable::run);
      }
      case MERGED, MERGE_FAILED -> thread.run(this::merged);
      default -> {
        // starting and stopping are known
      }
    }
  }

  private void changed(Runnable change) {
    boolean before = enough;
    long version = electorate.version();
    change.run();
    enough = electorate.enough();
    missing = electorate.missing();
    if (electorate.version() != version) {
      tell();
    }
    if (before != enough && wasEnough) {
      LOG.log(
          System.Logger.Level.WARNING,
          enough
              ? "enough nodes hear each other again"
              : "too few nodes hear each other: nothing is taken here");
    }
    wasEnough |= enough;
    watchers.forEach(Runnable::run);
  }

  /** Tells who the voters are; or, where this node does not know, asks. */
  private void tell() {
    lastTold = System.nanoTime();
    var voters = new JsonArray(electorate.voters());
    vertx
        .eventBus()
        .publish(
            VOTES, new JsonObject().put("version", electorate.version()).put("voters", voters));
  }

  private void told(JsonObject message) {
    String ends = message.getString("ends");
    if (ends != null) {
      leavers.add(ends);
      return;
    }
    long version = message.getLong("version");
    if (version == 0 && electorate.version() > 0) {
      tell();
    } else if (version > electorate.version()) {
      List<String> voters =
          message.getJsonArray("voters").stream().map(String.class::cast).toList();
      changed(() -> electorate.told(version, voters, System.nanoTime()));
    }
  }

  /** Looks at what changes without an event. */
  private void watch() {
    long now = System.nanoTime();
    for (String leaver : List.copyOf(leavers)) {
      if (!hubs().contains(leaver)) {
        leavers.remove(leaver);
        changed(() -> electorate.ended(leaver, now));
      }
    }
    long before = electorate.version();
    electorate.settle(now);
    if (electorate.version() != before || electorate.enough() != enough) {
      changed(this::tell);
    }
    if (electorate.version() == 0 || now - lastTold > TELL_NANOS) {
      tell();
    }
  }

  /** Looks at what may take its time. */
  private void look() {
    try {
      long before = losses.get();
      if (!settled && hazelcast.getPartitionService().isClusterSafe() && losses.get() == before) {
        settled = true;
        watchers.forEach(Runnable::run);
      }
      probe();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "can't look at the cluster now", e);
    }
  }

  /** A node whose port nobody listens on any more has ended; one that can't be reached may live. */
  private void probe() {
    for (String member : missing) {
      if (refused(member)) {
        thread.run(() -> changed(() -> electorate.ended(member, System.nanoTime())));
      }
    }
  }

  private static boolean refused(String address) {
    int colon = address.lastIndexOf(':');
    String host = address.substring(0, colon);
    int port = Integer.parseInt(address.substring(colon + 1));
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), PROBE_MILLIS);
      return false;
    } catch (ConnectException e) {
      return e.getMessage() != null && e.getMessage().contains("refused");
    } catch (IOException e) {
      return false;
    }
  }
}
