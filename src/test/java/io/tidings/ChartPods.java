package io.tidings;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Pods of the chart as processes of this machine: the rendered command, environment and files, with
 * the jar started by {@code conf/tidings}. A pod's address is a loopback address of its own, a file
 * with the names that headless services would give takes the place of the DNS, and directories of
 * the test that of volumes. Belongs to one test, which closes it.
 */
final class ChartPods implements AutoCloseable {
  private static final String BRIEF = " -XX:TieredStopAtLevel=1 -Xmx300m -Djdk.net.hosts.file=";
  private static final String NAME = "live-tidings";

  private final RenderedChart chart;
  private final Path directory;
  private final String network;
  private final Map<String, JarProcess> processes = new LinkedHashMap<>();
  private final Map<String, String> addresses = new LinkedHashMap<>();

  /**
   * @param directory empty
   */
  ChartPods(RenderedChart chart, Path directory) throws Exception {
    this.chart = chart;
    this.directory = directory;
    long id = ProcessHandle.current().pid();
    this.network = "127." + (10 + id % 200) + "." + (id / 200 % 256) + ".";
    Path image = Files.createDirectory(directory.resolve("image"));
    Files.copy(
        Path.of("conf/tidings"), image.resolve("tidings"), StandardCopyOption.COPY_ATTRIBUTES);
    Files.createSymbolicLink(image.resolve("tidings.jar"), Path.of(JarProcess.jar()));
    Files.createDirectories(directory.resolve("etc/auth"));
    Files.createDirectories(directory.resolve("etc/nodes"));
    Files.copy(
        TestSecret.create().file(),
        directory.resolve("etc/auth/secret"),
        StandardCopyOption.COPY_ATTRIBUTES);
    issue();
  }

  /** What cert-manager would put into the Secret of the nodes. */
  private void issue() throws Exception {
    Path nodes = directory.resolve("etc/nodes");
    TestAuthority authority = TestAuthority.create(directory, "authority");
    TestAuthority.Issued issued =
        authority.issue("nodes", "dns:" + String.join(",dns:", chart.certificateNames()));
    Files.copy(authority.file(), nodes.resolve("ca.crt"));
    Files.copy(issued.cert(), nodes.resolve("tls.crt"));
    Files.copy(issued.key(), nodes.resolve("tls.key"));
  }

  /** The name by which other nodes know a member. */
  static String member(int index) {
    return NAME + "-" + index + "." + NAME + "-nodes";
  }

  /** Starts a pod of the StatefulSet; does not wait. */
  void startMember(int index) throws IOException {
    String address = network + (2 + index);
    addName(address, member(index));
    start(NAME + "-" + index, address, "member", chart.container("StatefulSet", NAME));
  }

  /** Starts a pod of the Deployment; does not wait. */
  void startEdge(String pod, int number) throws IOException {
    String address = network + (100 + number);
    addName(address, address.replace('.', '-') + "." + NAME + "-edges");
    start(pod, address, "edge", chart.container("Deployment", NAME + "-edge"));
  }

  private void addName(String address, String name) throws IOException {
    Path hosts = directory.resolve("hosts");
    List<String> lines =
        new ArrayList<>(Files.exists(hosts) ? Files.readAllLines(hosts) : List.of());
    lines.add(address + " " + name);
    Path written = directory.resolve("hosts.new");
    Files.write(written, lines);
    Files.move(written, hosts, StandardCopyOption.ATOMIC_MOVE);
  }

  private void start(String pod, String address, String component, JsonObject container)
      throws IOException {
    addresses.put(pod, address);
    Path work = Files.createDirectories(directory.resolve(pod));
    Path conf = Files.createDirectories(work.resolve("conf"));
    Files.writeString(conf.resolve("config.yaml"), here(chart.config(component), pod));
    var command = new ArrayList<>(List.of("/usr/bin/env", "-C", work.toString()));
    container.getJsonArray("command").forEach(each -> command.add((String) each));
    processes.put(pod, JarProcess.startCommand(command, environment(pod, address, container)));
  }

  /** As Kubernetes makes it, and what can't be so on one machine. */
  private Map<String, String> environment(String pod, String address, JsonObject container) {
    var variables = new LinkedHashMap<String, String>();
    for (Object each : container.getJsonArray("env")) {
      var variable = (JsonObject) each;
      String value = variable.getString("value");
      if (value == null) {
        String field =
            variable.getJsonObject("valueFrom").getJsonObject("fieldRef").getString("fieldPath");
        value = Map.of("metadata.name", pod, "status.podIP", address).get(field);
      }
      for (var known : variables.entrySet()) {
        value = value.replace("$(" + known.getKey() + ")", known.getValue());
      }
      variables.put(variable.getString("name"), here(value, pod));
    }
    variables.put("TIDINGS_HTTP_HOST", address);
    variables.merge("JAVA_OPTS", BRIEF + directory.resolve("hosts"), String::concat);
    variables.put("JAVA_HOME", System.getProperty("java.home"));
    variables.put("PATH", directory.resolve("image") + ":" + System.getenv("PATH"));
    return variables;
  }

  /** With the paths of this machine in place of those of the container. */
  private String here(String text, String pod) {
    return text.replace("/etc/tidings/", directory + "/etc/")
        .replace("/data/", directory.resolve(pod) + "/");
  }

  /** Where the probes of Kubernetes ask. */
  URI url(String pod) {
    return URI.create("http://" + addresses.get(pod) + ":8080/");
  }

  /** The same, of a member. */
  URI url(int member) {
    return url(NAME + "-" + member);
  }

  void awaitReady(String pod) {
    Wait.until(
        "ready: " + processes.get(pod),
        () -> {
          try {
            return Nodes.get(url(pod).resolve("health/ready")).statusCode() == 200;
          } catch (IOException e) {
            return false;
          }
        });
  }

  void awaitReady(int member) {
    awaitReady(NAME + "-" + member);
  }

  /** Whether the line of a pod's log, of which this is a part, comes. */
  void awaitLog(int member, String part) {
    Wait.until(part, () -> processes.get(NAME + "-" + member).toString().contains(part));
  }

  @Override
  public void close() throws IOException {
    for (JarProcess process : processes.values()) {
      process.close();
    }
  }
}
