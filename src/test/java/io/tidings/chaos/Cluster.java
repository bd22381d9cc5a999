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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

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
  private static final int VOTER_PORT = 7700;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /** Of the one who runs the chaos. */
  private static final Token ADMIN = Token.admin();

  private final Network network;
  private final HttpClient http;
  private final List<Node> nodes = new ArrayList<>();
  private boolean keepDisks;

  private Cluster(Network network, HttpClient http) {
    this.network = network;
    this.http = http;
  }

  /**
   * Creates and starts nodes, and waits until all are ready.
   *
   * @param directory for what they write
   * @param more settings
   */
  static Cluster start(int count, Path directory, HttpClient http, Kind kind, String... more)
      throws Exception {
    Shell.run("rm", "-rf", "--one-file-system", directory.toString()); // of an earlier run
    Files.createDirectories(directory);
    Path clockLibrary = Node.compileClock(directory);
    String issuers = TestTokens.issuers(directory).encode();
    var cluster = new Cluster(Network.create(count), http);
    try {
      for (int i = 1; i <= count; i++) {
        var arguments = new ArrayList<>(List.of("--host", "0.0.0.0", "--port", "" + Node.PORT));
        set(arguments, "producer.keyboard=off");
        set(arguments, "auth.mode=required");
        set(arguments, "auth.issuers=" + issuers);
        set(arguments, "auth.anonymous.subscribe=" + EVERYBODY);
        set(arguments, "limits.client.logins=0");
        set(arguments, "producer.clock=0");
        set(arguments, "log.keep.bytes=0");
        set(arguments, "stream.heartbeat=2s");
        List.of(more).forEach(setting -> set(arguments, setting));
        if (kind == Kind.CLUSTER) {
          arguments.add("--cluster");
          set(arguments, "cluster.node=node" + i);
          set(arguments, "cluster.isolated=" + ISOLATED.toSeconds() + "s");
          set(arguments, "cluster.members=" + String.join(",", cluster.network.all(VOTER_PORT)));
          set(arguments, "cluster.open=true");
        }
        Disk disk = Disk.create(directory, cluster.network.name(), i);
        cluster.nodes.add(new Node(i, cluster.network, disk, directory, clockLibrary, arguments));
      }
      for (Node node : cluster.nodes) {
        node.start();
      }
      for (Node node : cluster.nodes) {
        Wait.until("node " + node.number() + " is ready; see " + directory, () -> node.ready(http));
      }
      return cluster;
    } catch (Exception | Error e) {
      cluster.close();
      throw e;
    }
  }

  private static void set(List<String> arguments, String setting) {
    arguments.add("--set");
    arguments.add(setting);
  }

  Network network() {
    return network;
  }

  List<Node> nodes() {
    return nodes;
  }

  Node node(int number) {
    return nodes.get(number - 1);
  }

  /** The number of the node that says that it leads; empty if none does. */
  Optional<Integer> leader() {
    return nodes.stream().filter(this::leads).map(Node::number).findFirst();
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
    for (Node node : nodes) {
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
    for (Node node : nodes) {
      Wait.until(PATIENCE, () -> node.number() + " has it", () -> has(node, topic));
      Wait.until(PATIENCE, () -> node.number() + " is ready", () -> node.ready(http));
    }
  }

  /**
   * Publishes an event, on one node after another until one has acknowledged it.
   *
   * @param first the number of the first node
   */
  void publish(JsonObject event, String key, int first) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    for (int i = first - 1; ; i++) {
      try {
        var request =
            HttpRequest.newBuilder(nodes.get(i % nodes.size()).url("events"))
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
    for (Node node : nodes) {
      node.terminate();
      try {
        Shell.run(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-jar",
            Node.jar(),
            "log",
            "check",
            "--dir",
            node.disk().data().toString());
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
