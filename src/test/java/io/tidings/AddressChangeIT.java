package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nodes that are known by names, as pods are: one that ends comes back at another address, and the
 * others, which are not restarted, reach it there. The names are in a file, which Java reads in
 * place of the DNS, and caches in the same way.
 */
@Timeout(180)
class AddressChangeIT {
  private static final int COUNT = 3;
  private static final List<String> BRIEF =
      List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx300m");

  @TempDir Path directory;
  private final JarProcess[] processes = new JarProcess[COUNT];
  private final int[] httpPorts = new int[COUNT];
  private final int[] addresses = new int[COUNT];
  private int port;

  @BeforeEach
  void startAll() throws IOException {
    port = Nodes.freePort();
    for (int i = 0; i < COUNT; i++) {
      httpPorts[i] = Nodes.freePort();
      addresses[i] = 2 + i;
    }
    writeHosts();
    for (int i = 0; i < COUNT; i++) {
      start(i);
    }
    for (int i = 0; i < COUNT; i++) {
      awaitReady(i);
    }
  }

  @AfterEach
  void stop() throws IOException {
    for (JarProcess process : processes) {
      if (process != null) {
        process.close();
      }
    }
  }

  private Path hosts() {
    return directory.resolve("hosts");
  }

  private void writeHosts() throws IOException {
    Path written = directory.resolve("hosts.new");
    Files.write(
        written,
        IntStream.range(0, COUNT)
            .mapToObj(i -> "127.0.0." + addresses[i] + " " + name(i))
            .toList());
    Files.move(written, hosts(), StandardCopyOption.ATOMIC_MOVE);
  }

  private static String name(int node) {
    return "tidings-" + node + ".nodes.test";
  }

  private void start(int node) throws IOException {
    var options = new ArrayList<>(BRIEF);
    options.add("-Djdk.net.hosts.file=" + hosts());
    String members =
        IntStream.range(0, COUNT)
            .mapToObj(i -> name(i) + ":" + port)
            .collect(Collectors.joining(","));
    processes[node] =
        JarProcess.startOn(
            Path.of(System.getProperty("java.home"), "bin", "java"),
            options,
            "--cluster",
            "--port",
            "" + httpPorts[node],
            "--set",
            "cluster.members=" + members,
            "--set",
            "cluster.host=" + name(node),
            "--set",
            "cluster.node=node" + node, // the machine's own name is not in the file
            "--set",
            "log.dir=" + directory.resolve("node" + node),
            "--set",
            "producer.keyboard=off");
  }

  private URI url(int node) {
    return URI.create("http://127.0.0.1:" + httpPorts[node] + "/");
  }

  private void awaitReady(int node) {
    Wait.until(
        "node " + node + " is ready",
        () -> {
          try {
            return Nodes.get(url(node).resolve("health/ready")).statusCode() == 200;
          } catch (IOException e) {
            return false;
          }
        });
  }

  private void publish(int node, String data) {
    Wait.until(
        "node " + node + " takes " + data,
        () -> {
          try {
            URI url = url(node).resolve("events/a");
            return Nodes.post(url, data, "Idempotency-Key", data).statusCode() == 200;
          } catch (IOException e) {
            return false;
          }
        });
  }

  private int leader() throws IOException {
    for (Object one :
        new JsonObject(Nodes.get(url(0).resolve("cluster")).body())
            .getJsonObject("raft")
            .getJsonArray("voters")) {
      var voter = (JsonObject) one;
      if (voter.getBoolean("leader")) {
        return Integer.parseInt(voter.getString("address").substring(8, 9));
      }
    }
    throw new AssertionError("no leader");
  }

  private void move(int node) throws IOException {
    processes[node].close();
    addresses[node] += COUNT;
    writeHosts();
    publish((node + 1) % COUNT, "while " + node + " is away at " + addresses[node]);
    long begin = System.nanoTime();
    start(node);
    awaitReady(node);
    publish(node, "from " + addresses[node]);
    System.out.printf(
        "node %d at another address: level after %d ms%n",
        node, (System.nanoTime() - begin) / 1_000_000);
  }

  @Test
  void aNodeThatComesBackAtAnotherAddressIsReachedWithoutRestartingTheOthers() throws Exception {
    int first = leader();
    move((first + 1) % COUNT); // a follower
    move(leader());
    move((first + 1) % COUNT);
    for (int i = 0; i < COUNT; i++) {
      URI all = url(i).resolve("events/a?since=latest&for=1s");
      assertEquals(200, Nodes.get(all).statusCode());
      publish(i, "in the end " + i);
    }
  }
}
