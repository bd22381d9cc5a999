package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidings.Wait;
import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.Selection;
import io.tidings.log.Entry;
import io.tidings.log.Page;
import io.tidings.log.Retention;
import io.tidings.log.disk.DiskFetch;
import io.tidings.log.disk.DiskLog;
import io.tidings.metrics.Metrics;
import io.tidings.settings.CommonSettings;
import io.tidings.settings.LogSettings;
import io.tidings.settings.Settings;
import io.tidings.tls.NodeCertificates;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/** Nodes of a cluster in this process, each with its own directory and its own clock. */
final class RaftCluster implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Path directory;
  private final List<String> addresses = new ArrayList<>();

  /** The voters with which the cluster begins, as in the settings of all nodes. */
  private final List<String> initial;

  private final List<Node> nodes = new ArrayList<>();
  private Duration forget = Duration.ofHours(1);

  /** Up to which size a node's Raft log is kept for others. */
  long keepBytes = 1L << 30;

  private Optional<IntFunction<NodeCertificates>> tls = Optional.empty();

  RaftCluster(Path directory, int size) throws IOException {
    this.directory = directory;
    reserve(size);
    initial = List.copyOf(addresses);
    for (int i = 0; i < size; i++) {
      nodes.add(new Node(i));
    }
  }

  private void reserve(int size) throws IOException {
    List<ServerSocket> reserved = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      reserved.add(socket);
      addresses.add("127.0.0.1:" + socket.getLocalPort());
    }
    for (ServerSocket socket : reserved) {
      socket.close();
    }
  }

  /** A further node, which is to be added to the voters. */
  Node addNode() throws IOException {
    reserve(1);
    var node = new Node(nodes.size());
    node.joins = true;
    nodes.add(node);
    return node;
  }

  /** A node that only follows. */
  Node addEdge() throws IOException {
    Node node = addNode();
    node.joins = false;
    node.edge = true;
    return node;
  }

  /** A node that only follows, and has been opened. */
  Node startEdge() throws Exception {
    Node edge = addEdge();
    get(edge.open());
    return edge;
  }

  /** Edges that do not answer for that time are forgotten, by nodes started from now on. */
  RaftCluster forgettingAfter(Duration time) {
    forget = time;
    return this;
  }

  /** Starts all nodes that do not run, and waits for them. */
  RaftCluster start() throws Exception {
    List<Future<RaftLog>> opening = new ArrayList<>();
    for (Node node : nodes) {
      if (node.log == null) {
        opening.add(node.open());
      }
    }
    for (Future<RaftLog> log : opening) {
      get(log);
    }
    return this;
  }

  /** Nodes that are started from now on speak TLS. */
  RaftCluster withTls(IntFunction<NodeCertificates> certificates) {
    tls = Optional.of(certificates);
    return this;
  }

  /** The voters, as this node knows them. */
  RaftVoters voters(int number) {
    Node node = nodes.get(number);
    return new RaftVoters(
        "test",
        node.address(),
        node.members(),
        node.edge ? RaftVoters.Part.EDGE : RaftVoters.Part.VOTER);
  }

  /** The options of a node. */
  RaftLog.Options options(int number, Optional<NodeCertificates> certificates) {
    LogSettings settings = nodes.get(number).settings;
    var common = new SettingsInForce(nodes.get(number).common, nodes.get(number).edge);
    return new RaftLog.Options(
        voters(number),
        certificates,
        Path.of(settings.dir()),
        Duration.ofSeconds(10),
        common,
        PATIENCE,
        keepBytes,
        1L << 30,
        nodes.get(number).joins,
        forget);
  }

  Node node(int number) {
    return nodes.get(number);
  }

  List<Node> nodes() {
    return nodes;
  }

  Node leader() {
    Wait.until("a node leads", () -> nodes.stream().anyMatch(Node::leads));
    return nodes.stream().filter(Node::leads).findFirst().orElseThrow();
  }

  Node follower() {
    Node leader = leader();
    return nodes.stream().filter(node -> node != leader && node.log != null).findFirst().get();
  }

  static List<String> addresses(Node... nodes) {
    return Arrays.stream(nodes).map(Node::address).toList();
  }

  /** Publishes events with the topics {@code a.from} to {@code a.to}, without the last. */
  void publish(int from, int to) throws Exception {
    for (int i = from; i < to; i++) {
      leader().publish("a." + i, "event");
    }
  }

  /** Waits until the nodes have all that the leader has now, and nothing else. */
  void awaitLevel(Node... level) throws Exception {
    List<String> expected = leader().topics();
    for (Node node : level) {
      long newest = leader().log.bounds().newest();
      Wait.until("a node is level", () -> node.log.bounds().newest() == newest);
      assertEquals(expected, node.topics());
    }
  }

  /** Why a change of the voters is refused. */
  static String refusal(Node by, List<String> target) {
    var failure = assertThrows(ExecutionException.class, () -> get(by.log.changeVoters(target)));
    return assertInstanceOf(VotersRefused.class, failure.getCause()).getMessage();
  }

  /**
   * Makes a change again and again until it is done.
   *
   * @param refused looks at the reason each time that it is not
   */
  static void untilDone(String what, Supplier<Future<Void>> change, Consumer<Throwable> refused) {
    Wait.until(
        what,
        () -> {
          try {
            get(change.get());
            return true;
          } catch (ExecutionException e) {
            refused.accept(e.getCause());
            return false;
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
  }

  static <T> T get(Future<T> future)
      throws ExecutionException, InterruptedException, TimeoutException {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  /** Ends all nodes, at once: the engine takes up to a second for it. */
  @Override
  public void close() throws Exception {
    List<Future<Void>> closing = new ArrayList<>();
    for (Node node : nodes) {
      closing.add(node.end());
    }
    for (Future<Void> closed : closing) {
      get(closed);
    }
  }

  /** A node, and the entries that its followers received in its present life. */
  final class Node {
    private final int number;
    final List<Entry> received = new CopyOnWriteArrayList<>();
    volatile RaftLog log;
    LogSettings settings;

    /** Those of its settings that all nodes have in common. */
    CommonSettings common = CommonSettings.DEFAULT;

    boolean joins;
    boolean edge;

    /** While there is one, whoever asks the node for the time waits for it. */
    volatile CompletableFuture<Void> clockHeld = CompletableFuture.completedFuture(null);

    /** Called when the thread that watches the engine asks for the time; may throw. */
    volatile Runnable watched = () -> {};

    /** Called when its log is opened; may throw. */
    volatile Runnable opened = () -> {};

    Node(int number) {
      this.number = number;
      Path dir = directory.resolve("node" + number);
      // repetitions are recognised for longer than the clocks of the nodes differ
      settings = Settings.of(Map.of("log.dir", dir.toString())).log();
    }

    /** Keeps at most so many bytes of the log. */
    void keepLog(String bytes) {
      settings = Settings.of(Map.of("log.dir", settings.dir(), "log.keep.bytes", bytes)).log();
      common = common.with(Map.of("log.keep.bytes", bytes));
    }

    Future<RaftLog> open() {
      received.clear();
      RaftLog.Options options = options(number, tls.map(all -> all.apply(number)));
      InstantSource clock =
          () -> {
            clockHeld.join();
            if (Thread.currentThread().getName().equals("tidings-raft")) {
              watched.run();
            }
            return InstantSource.system().instant().plusSeconds(3_600L * number);
          };
      Future<RaftLog> opening =
          RaftLog.open(
              options,
              new LocalFiles(
                  (epoch, trusted) -> {
                    opened.run();
                    return DiskLog.openReplica(
                        settings, epoch, OptionalLong.of(trusted), clock, new Metrics());
                  },
                  DiskFetch.source(settings),
                  DiskFetch.target(settings, Retention.unlimited())),
              DiskLog.copyOfRecords(settings, clock),
              clock,
              new Metrics().log());
      return opening.onSuccess(
          ready -> {
            log = ready;
            ready.follow(received::addAll);
          });
    }

    String address() {
      return addresses.get(number);
    }

    /** One that is to be added lists nodes that run, since the first ones may all be gone. */
    private List<String> members() {
      var members = new LinkedHashSet<>(initial);
      if (joins || edge) {
        nodes.stream().filter(node -> node.log != null).map(Node::address).forEach(members::add);
      }
      if (edge) {
        members.remove(address());
      } else {
        members.add(address());
      }
      return List.copyOf(members);
    }

    /** The directory of its log. */
    Path directory() {
      return Path.of(settings.dir());
    }

    boolean leads() {
      RaftLog running = log;
      return running != null && running.leads();
    }

    List<Entry> publish(String topic, String... data) throws Exception {
      return get(append(topic, "", data));
    }

    Future<List<Entry>> append(String topic, String key, String... data) {
      List<Event> events = new ArrayList<>();
      for (String one : data) {
        events.add(Event.of(topic, one));
      }
      return log.append(new Publication(events, key, false));
    }

    /** The events of its log, in order. */
    List<Event> events() throws Exception {
      var events = new ArrayList<Event>();
      Position at = log.bounds().begin();
      while (at.offset() < log.bounds().newest()) {
        Page page = get(log.after(at, Selection.EVERYTHING, 1 << 20));
        page.entries().forEach(entry -> events.add(entry.event()));
        at = page.end();
      }
      return events;
    }

    /** The topics of its events, in order. */
    List<String> topics() throws Exception {
      return events().stream().map(Event::topic).toList();
    }

    /** The data of its events, in order. */
    List<String> data() throws Exception {
      return events().stream().map(Event::data).toList();
    }

    /** Of a node that does not run. */
    void deleteLog() throws IOException {
      DurableFiles.deleteAll(directory());
    }

    void stop() throws Exception {
      get(end());
    }

    private Future<Void> end() {
      RaftLog running = log;
      log = null;
      return running == null ? Future.succeededFuture() : running.close();
    }
  }
}
