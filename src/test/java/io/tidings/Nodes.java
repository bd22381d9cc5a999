package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Nodes of one cluster on this machine, or hubs on one Redis, each the jar in its own process. The
 * directory of a node's log outlives its process.
 */
final class Nodes implements AutoCloseable {
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

  /** JVM options for short processes on a machine with few processors. */
  private static final List<String> BRIEF =
      List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx300m");

  /** After which a publisher asks another node. */
  private static final Duration RETRY_DELAY = Duration.ofMillis(50);

  static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();

  private final String name = "test-" + System.nanoTime();
  private final List<Integer> httpPorts = new ArrayList<>();
  private final List<Integer> clusterPorts = new ArrayList<>();
  private final List<Integer> busPorts = new ArrayList<>();
  private final List<Path> directories = new ArrayList<>();
  private final JarProcess[] processes;
  private final boolean cluster;

  /** The number of nodes that are the members of the cluster when it begins. */
  private final int initial;

  private final List<String> more;

  /** Whether the others follow without a vote. */
  private boolean edges;

  private Nodes(int count, int initial, boolean cluster, List<String> more) throws IOException {
    this.initial = initial;
    this.processes = new JarProcess[count];
    this.cluster = cluster;
    this.more = more;
    for (int i = 0; i < count; i++) {
      httpPorts.add(freePort());
      clusterPorts.add(freePort());
      busPorts.add(freePort());
      directories.add(Files.createTempDirectory("tidings-node"));
    }
  }

  /** Starts the nodes of a cluster, and waits until all are ready and connected. */
  static Nodes start(int count, String... more) throws Exception {
    return startSome(count, count, more);
  }

  /** The same with another version of the hub. */
  static Nodes startVersion(Path jar, int count, String... more) throws Exception {
    var nodes = new Nodes(count, count, true, List.of(more));
    for (int i = 0; i < count; i++) {
      nodes.start(i, jar);
    }
    for (int i = 0; i < count; i++) {
      nodes.awaitReady(i);
    }
    return nodes;
  }

  /** The same for the first of the nodes; the others are to be added. */
  static Nodes startSome(int count, int all, String... more) throws Exception {
    var nodes = new Nodes(all, count, true, List.of(more));
    for (int i = 0; i < count; i++) {
      nodes.start(i);
    }
    for (int i = 0; i < count; i++) {
      nodes.awaitReady(i);
      int node = i;
      Wait.until(
          "all nodes are known to " + i,
          () -> nodes.cluster(node).getJsonArray("nodes").size() == count);
    }
    return nodes;
  }

  /** Starts the nodes of a cluster, the last of which are edges, and waits until all are ready. */
  static Nodes startWithEdges(int count, int edges, String... more) throws Exception {
    var nodes = new Nodes(count + edges, count, true, List.of(more));
    nodes.edges = true;
    for (int i = 0; i < count + edges; i++) {
      nodes.start(i);
    }
    for (int i = 0; i < count + edges; i++) {
      nodes.awaitReady(i);
    }
    return nodes;
  }

  /** Starts hubs that are no cluster, and waits until all are ready. */
  static Nodes startHubs(int count, String... more) throws Exception {
    var nodes = new Nodes(count, count, false, List.of(more));
    for (int i = 0; i < count; i++) {
      nodes.start(i);
    }
    for (int i = 0; i < count; i++) {
      nodes.awaitReady(i);
    }
    return nodes;
  }

  static int freePort() throws IOException {
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  /** Starts or restarts a node; does not wait for it. */
  void start(int node) throws IOException {
    start(node, Path.of(JarProcess.jar()));
  }

  /** The same with another version of the hub. */
  void start(int node, Path jar) throws IOException {
    var arguments = new ArrayList<String>(List.of("--port", "" + httpPorts.get(node)));
    if (cluster) {
      arguments.add("--cluster");
      var members = new ArrayList<>(addresses(clusterPorts.subList(0, initial)));
      if (node >= initial && edges) {
        arguments.addAll(List.of("--role", "edge"));
      } else if (node >= initial) {
        members.add(address(node));
        set(arguments, "cluster.join=true");
      }
      set(arguments, "cluster.members=" + String.join(",", members));
      set(arguments, "cluster.port=" + clusterPorts.get(node));
    }
    set(arguments, "cluster.name=" + name);
    set(arguments, "cluster.node=node" + node);
    set(arguments, "cluster.hazelcast.port=" + busPorts.get(node)); // with cluster.bus alone
    set(arguments, "cluster.hazelcast.members=" + String.join(",", busMembers()));
    set(arguments, "log.dir=" + directories.get(node));
    set(arguments, "producer.keyboard=off");
    more.forEach(setting -> set(arguments, setting));
    var command = new ArrayList<String>(List.of(JAVA.toString()));
    command.addAll(BRIEF);
    command.addAll(List.of("-jar", jar.toAbsolutePath().toString()));
    command.addAll(arguments);
    processes[node] = JarProcess.startCommand(command, Map.of());
  }

  private static void set(List<String> arguments, String setting) {
    arguments.add("--set");
    arguments.add(setting);
  }

  String name() {
    return name;
  }

  int count() {
    return processes.length;
  }

  /** The addresses of the nodes on the event bus, with {@code cluster.bus=hazelcast}. */
  List<String> busMembers() {
    return addresses(busPorts);
  }

  private static List<String> addresses(List<Integer> ports) {
    return ports.stream().map(port -> "127.0.0.1:" + port).toList();
  }

  /** The address of a node in the cluster. */
  String address(int node) {
    return addresses(clusterPorts).get(node);
  }

  /** The directory of a node's log. */
  Path directory(int node) {
    return directories.get(node);
  }

  /** What a command needs to know that is run in place of a node. */
  List<String> membership(int node) {
    var arguments = new ArrayList<String>();
    set(
        arguments,
        "cluster.members=" + String.join(",", addresses(clusterPorts.subList(0, initial))));
    set(arguments, "cluster.port=" + clusterPorts.get(node));
    set(arguments, "cluster.name=" + name);
    set(arguments, "log.dir=" + directories.get(node));
    return arguments;
  }

  /** Removes the log of a node that does not run. */
  void removeLog(int node) throws IOException {
    try (Stream<Path> files = Files.walk(directories.get(node))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    Files.createDirectory(directories.get(node));
  }

  URI url(int node) {
    return URI.create("http://127.0.0.1:" + httpPorts.get(node) + "/");
  }

  int port(int node) {
    return httpPorts.get(node);
  }

  JarProcess process(int node) {
    return processes[node];
  }

  void kill(int node) throws IOException {
    processes[node].close();
  }

  /** Ends a node with SIGTERM, and waits. */
  void terminate(int node) throws IOException {
    processes[node].terminate();
    processes[node].exitCode();
    processes[node].close();
  }

  void awaitReady(int node) {
    Wait.until("node " + node + " is ready: " + processes[node], () -> status(node) == 200);
  }

  /** The status of a node's readiness; 0 if it does not answer. */
  int status(int node) {
    try {
      return get(url(node).resolve("health/ready")).statusCode();
    } catch (IOException e) {
      return 0;
    }
  }

  JsonObject cluster(int node) {
    try {
      return new JsonObject(get(url(node).resolve("cluster")).body());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Whether it is ready, and leads. */
  boolean leads(int node) {
    return status(node) == 200
        && cluster(node).getJsonArray("nodes").stream()
            .map(JsonObject.class::cast)
            .anyMatch(one -> one.getBoolean("self") && one.getBoolean("leader"));
  }

  /** Waits until one of the first nodes leads. */
  int leader(int among) {
    Wait.until("a node leads", () -> IntStream.range(0, among).anyMatch(this::leads));
    return IntStream.range(0, among).filter(this::leads).findFirst().orElseThrow();
  }

  /** Sends a signal, such as STOP. */
  void signal(String name, int node) throws Exception {
    String pid = Long.toString(process(node).pid());
    assertEquals(0, new ProcessBuilder("kill", "-" + name, pid).start().waitFor());
  }

  /** Runs the command that a user types, with a node's address; returns its exit status. */
  int voters(int by, int... target) throws IOException {
    var arguments = new ArrayList<>(List.of("cluster", "voters"));
    IntStream.of(target).mapToObj(this::address).forEach(arguments::add);
    arguments.addAll(List.of("--url", url(by).toString()));
    try (var command = JarProcess.start(arguments.toArray(String[]::new))) {
      return command.exitCode();
    }
  }

  /** Again, while a new node does not listen yet, fetches the log, or the leader changes. */
  void changeVoters(int by, int... target) {
    Wait.until(
        "the voters are changed",
        () -> {
          try {
            return voters(by, target) == 0;
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
  }

  static HttpResponse<String> get(URI url) throws IOException {
    return send(HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(5)));
  }

  static HttpResponse<String> post(URI url, String body, String... headers) throws IOException {
    var request =
        HttpRequest.newBuilder(url)
            .timeout(Duration.ofSeconds(3)) // the hub answers within two seconds
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request);
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
    try {
      return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /**
   * Publishes numbered events until it is stopped, each to random nodes until one has acknowledged
   * it.
   */
  final class Load implements AutoCloseable {
    private final String topic;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final ConcurrentHashMap<String, String> idByData = new ConcurrentHashMap<>();

    /**
     * @param topic the prefix of the publishers' topics
     * @param pause between two events of a publisher
     */
    Load(String topic, int publishers, Duration pause) {
      this.topic = topic;
      for (int p = 0; p < publishers; p++) {
        int publisher = p;
        var thread = new Thread(() -> publish(publisher, pause), "publisher-" + p);
        threads.add(thread);
        thread.start();
      }
    }

    private void publish(int publisher, Duration pause) {
      var random = new Random(publisher);
      for (int i = 0; !stopped.get(); i++) {
        String data = publisher + ":" + i;
        while (!taken(random.nextInt(count()), publisher, data)) {
          Pacing.pause(RETRY_DELAY);
        }
        Pacing.pause(pause);
      }
    }

    private boolean taken(int node, int publisher, String data) {
      try {
        URI url = url(node).resolve("events/" + topic + ".p" + publisher);
        HttpResponse<String> answer = post(url, data, "Idempotency-Key", topic + data);
        if (answer.statusCode() == 200) {
          idByData.put(data, new JsonObject(answer.body()).getString("id"));
        }
        return answer.statusCode() == 200;
      } catch (IOException e) {
        return false; // the node has ended, or hangs
      }
    }

    /** The number of events acknowledged so far. */
    int taken() {
      return idByData.size();
    }

    void awaitMore() {
      int taken = taken();
      Wait.until("publishing goes on", () -> taken() > taken + 50);
    }

    /** Stops, and returns the ids of all acknowledged events by their data. */
    ConcurrentHashMap<String, String> stop() throws InterruptedException {
      close();
      for (Thread thread : threads) {
        thread.join();
      }
      return idByData;
    }

    @Override
    public void close() {
      stopped.set(true);
    }
  }

  /** The processes of the nodes with their output. */
  @Override
  public String toString() {
    return Arrays.stream(processes).map(String::valueOf).collect(Collectors.joining("\n"));
  }

  @Override
  public void close() throws IOException {
    for (JarProcess process : processes) {
      if (process != null) {
        process.close();
      }
    }
    for (Path directory : directories) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
