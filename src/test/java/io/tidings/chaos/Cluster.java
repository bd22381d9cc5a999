package io.tidings.chaos;

import io.tidings.Pacing;
import io.tidings.Wait;
import io.tidings.http.TestTokens;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The nodes of a run with their network and disks. */
final class Cluster implements AutoCloseable {
  /** What the nodes are to each other. */
  enum Kind {
    /** Voters of one log. */
    CLUSTER,
    /** Nothing: each has a log of its own. */
    APART
  }

  /** After which time a node that is cut off ends its streams, and accepts no token. */
  static final Duration ISOLATED = Duration.ofSeconds(5);

  /** What clients without a token may read. */
  private static final String EVERYBODY =
      String.join(",", Topics.OPEN) + "," + Topics.LAST + ",probe.**,hub.cluster";

  private static final Duration RETRY_DELAY = Duration.ofMillis(50);
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /** Of the one who runs the chaos. */
  private static final Token ADMIN = Token.admin();

  /**
   * What is started.
   *
   * @param voters how many nodes
   * @param spares how many more that can be added
   * @param edges how many more that only follow
   * @param tls whether the nodes of a cluster show each other certificates
   * @param old another jar, of which some nodes are
   * @param settings more of them
   */
  record Plan(
      Kind kind,
      int voters,
      int spares,
      int edges,
      boolean tls,
      Optional<String> old,
      List<String> settings) {
    private int nodes() {
      return voters + spares + edges;
    }
  }

  private final Plan plan;
  private final Network network;
  private final HttpClient http;
  private final Optional<RunCertificates> certificates;
  private final List<Node> nodes = new ArrayList<>();
  private final Members members = new Members();
  private final Membership membership;
  private boolean keepDisks;

  private Cluster(
      Plan plan,
      Network network,
      Optional<RunCertificates> certificates,
      HttpClient http,
      VotersHistory history) {
    this.plan = plan;
    this.network = network;
    this.certificates = certificates;
    this.http = http;
    this.membership = new Membership(this, http, history);
  }

  /**
   * Creates nodes, starts the first of them, and waits until these are ready.
   *
   * @param directory for what they write
   * @param history is told who they are
   */
  static Cluster start(Plan plan, Path directory, HttpClient http, VotersHistory history)
      throws Exception {
    Network.removeAbandoned(); // with the disks of a run that was killed
    Shell.run("rm", "-rf", "--one-file-system", directory.toString()); // of an earlier run
    Files.createDirectories(directory);
    Network network = Network.create(plan.nodes());
    Optional<RunCertificates> certificates =
        plan.tls() ? Optional.of(RunCertificates.create(directory, network)) : Optional.empty();
    var cluster = new Cluster(plan, network, certificates, http, history);
    try {
      cluster.create(directory);
      List<Node> first = cluster.nodes.subList(0, plan.voters());
      cluster.members.set(first);
      history.begin(Set.copyOf(Membership.addresses(first)));
      for (Node node : first) {
        cluster.prepare(node);
        node.role(Node.Role.VOTER);
        node.start();
      }
      for (Node edge : cluster.nodes.subList(plan.voters() + plan.spares(), plan.nodes())) {
        cluster.prepare(edge);
        cluster.follow(edge);
        edge.start();
      }
      for (Node node : cluster.serving()) {
        Wait.until(
            PATIENCE,
            () -> "node " + node.number() + " is ready; see " + directory,
            () -> node.ready(http));
      }
      return cluster;
    } catch (Exception | Error e) {
      cluster.close();
      throw e;
    }
  }

  private void create(Path directory) throws Exception {
    Path clockLibrary = Node.compileClock(directory);
    String issuers = TestTokens.issuers(directory).encode();
    for (int i = 1; i <= plan.nodes(); i++) {
      Disk disk = Disk.create(directory, network.name(), i);
      List<String> arguments = arguments(i, issuers);
      nodes.add(new Node(i, network, disk, directory, clockLibrary, arguments));
    }
    plan.old().ifPresent(jar -> nodes.stream().skip(1).limit(1).forEach(node -> node.jar(jar)));
  }

  private List<String> arguments(int node, String issuers) {
    var arguments = new ArrayList<>(List.of("--host", "0.0.0.0", "--port", "" + Node.PORT));
    set(arguments, "producer.keyboard=off");
    set(arguments, "auth.mode=required");
    set(arguments, "auth.issuers=" + issuers);
    set(arguments, "auth.anonymous.subscribe=" + EVERYBODY);
    set(arguments, "limits.client.logins=0");
    set(arguments, "producer.clock=0");
    set(arguments, "log.keep.bytes=0");
    set(arguments, "stream.heartbeat=2s");
    plan.settings().forEach(setting -> set(arguments, setting));
    if (plan.kind() == Kind.CLUSTER) {
      arguments.add("--cluster");
      set(arguments, "cluster.node=node" + node);
      set(arguments, "cluster.isolated=" + ISOLATED.toSeconds() + "s");
      set(arguments, "cluster.members=" + firstVoters());
      List<String> door =
          certificates.map(all -> all.settings(node)).orElse(List.of("cluster.open=true"));
      door.forEach(setting -> set(arguments, setting));
    }
    return arguments;
  }

  private String firstVoters() {
    return IntStream.rangeClosed(1, plan.voters())
        .mapToObj(network::voter)
        .collect(Collectors.joining(","));
  }

  private static void set(List<String> arguments, String setting) {
    arguments.add("--set");
    arguments.add(setting);
  }

  Network network() {
    return network;
  }

  /** All nodes, also those that are spare. */
  List<Node> nodes() {
    return nodes;
  }

  /** The nodes that only follow. */
  List<Node> edges() {
    return nodes.stream().filter(node -> node.role() == Node.Role.EDGE).toList();
  }

  /** The nodes that have the log: those that vote, and those that follow. */
  List<Node> serving() {
    return Stream.concat(members.all().stream(), edges().stream()).toList();
  }

  /** The next process of an edge asks those that vote now. */
  void follow(Node edge) {
    edge.follow(Membership.addresses(members.all()));
  }

  /** The nodes that all clients use: all that vote. */
  Members members() {
    return members;
  }

  Membership membership() {
    return membership;
  }

  /** Those of the nodes; empty without TLS. */
  Optional<RunCertificates> certificates() {
    return certificates;
  }

  /** Gives a node that does not run the files that it needs, and one of the jars. */
  void prepare(Node node) throws IOException {
    if (certificates.isPresent()) {
      certificates.get().prepare(node.number());
    }
  }

  /** The next process of a node is of the other jar. */
  void changeVersion(Node node) {
    plan.old().ifPresent(old -> node.jar(node.currentJar().equals(old) ? Node.jar() : old));
  }

  boolean isReady(Node node) {
    return node.ready(http);
  }

  String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** Adds a line to the output of all nodes. */
  void note(String line) throws IOException {
    String time = Instant.now() + " ";
    for (Node node : nodes) {
      node.note(time + line);
    }
  }

  Node node(int number) {
    return nodes.get(number - 1);
  }

  /** The number of the node that says that it leads; empty if none does. */
  Optional<Integer> leader() {
    return members.all().stream().filter(this::leads).map(Node::number).findFirst();
  }

  private boolean leads(Node node) {
    try {
      var request =
          HttpRequest.newBuilder(node.url("cluster")).timeout(Duration.ofSeconds(1)).build();
      HttpResponse<String> answer = send(request);
      return answer.statusCode() == 200
          && new JsonObject(answer.body())
              .getJsonArray("nodes").stream()
                  .map(JsonObject.class::cast)
                  .anyMatch(one -> one.getBoolean("self") && one.getBoolean("leader"));
    } catch (IOException e) {
      return false;
    }
  }

  /** Waits until all processes answer: how long they take to start is the machine's matter. */
  void awaitStart() {
    for (Node node : serving()) {
      Wait.until(PATIENCE, () -> node.number() + " answers", () -> node.live(http));
    }
  }

  /**
   * Publishes an event until a node has acknowledged it, and waits until all nodes have it and are
   * ready: they have everything that was published before.
   *
   * @throws AssertionError if they are not in time
   */
  void awaitLevel() {
    String topic = "probe." + UUID.randomUUID();
    publish(new JsonObject().put("topic", topic).put("data", "level"), topic, 1);
    for (Node node : serving()) {
      Wait.until(PATIENCE, () -> node.number() + " has it", () -> has(node, topic));
      Wait.until(PATIENCE, () -> node.number() + " is ready", () -> node.ready(http));
    }
  }

  /**
   * Publishes an event, on one node after another until one has acknowledged it.
   *
   * @param first the place of the first node
   */
  void publish(JsonObject event, String key, int first) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    for (int place = first; ; place++) {
      try {
        var request =
            HttpRequest.newBuilder(members.at(place).url("events"))
                .timeout(Duration.ofSeconds(3))
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", key)
                .header("Authorization", ADMIN.bearer())
                .POST(HttpRequest.BodyPublishers.ofString(new JsonArray().add(event).encode()))
                .build();
        if (send(request).statusCode() == 200) {
          return;
        }
      } catch (IOException e) {
        Pacing.pause(RETRY_DELAY); // it may have ended
      }
      Pacing.pause(RETRY_DELAY);
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("no node takes an event");
      }
    }
  }

  private boolean has(Node node, String topic) {
    try {
      var request =
          HttpRequest.newBuilder(node.url("events/" + topic + "?wait=1s"))
              .timeout(Duration.ofSeconds(3))
              .header("Accept", "application/json")
              .header("Last-Event-ID", "earliest")
              .build();
      HttpResponse<String> answer = send(request);
      return answer.statusCode() == 200 && answer.body().contains("level");
    } catch (IOException e) {
      return false;
    }
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** Ends all nodes with SIGTERM, and checks the files of each; returns what is wrong. */
  List<String> checkFiles() throws IOException {
    var damages = new ArrayList<String>();
    for (Node node : serving()) {
      node.terminate();
      try {
        Shell.runLong(
            java(), "-jar", Node.jar(), "log", "check", "--dir", node.disk().data().toString());
      } catch (IOException e) {
        damages.add(e.getMessage());
      }
    }
    return damages;
  }

  /** Keeps what the nodes have stored when it is closed. */
  void keepDisks() {
    keepDisks = true;
  }

  /** Ends everything, and removes all but the output. */
  @Override
  public void close() throws IOException {
    for (Node node : nodes) {
      if (node.runs()) {
        node.signal("KILL");
      }
    }
    network.close();
    for (Node node : nodes) {
      if (!keepDisks) {
        node.disk().close();
      }
    }
  }
}
