package io.tidings;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Pods of the chart as processes of this machine: the rendered command, environment and files, with
 * the jar started by {@code conf/tidings}. A pod's address is a loopback address of its own, a file
 * with the names that headless services would give takes the place of the DNS, and directories of
 * the test that of volumes. Belongs to one test, which closes it.
 */
final class ChartPods implements AutoCloseable {
  private static final String BRIEF = " -XX:TieredStopAtLevel=1 -Xmx300m -Djdk.net.hosts.file=";
  private static final String NAME = "live-tidings";
  private static final String EDGE = NAME + "-edge-0";

  private final RenderedChart chart;
  private final Path directory;
  private final String network;
  private final Map<String, JarProcess> processes = new LinkedHashMap<>();
  private final Map<String, Map<String, String>> environments = new HashMap<>();

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
    Files.copy(Path.of(JarProcess.jar()), image.resolve("tidings.jar"));
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
    startMember(index, chart);
  }

  /** The same, of the chart with other values. */
  void startMember(int index, RenderedChart changed) throws IOException {
    String address = network + (2 + index);
    addName(address, member(index));
    start(pod(index), address, changed.members());
  }

  /** Starts the pod of the Deployment; does not wait. */
  void startEdge() throws IOException {
    String address = network + 100;
    addName(address, address.replace('.', '-') + "." + NAME + "-edges");
    start(EDGE, address, chart.edges());
  }

  private static String pod(int member) {
    return NAME + "-" + member;
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

  private void start(String pod, String address, RenderedChart.PodTemplate template)
      throws IOException {
    Path conf = Files.createDirectories(work(pod).resolve("conf"));
    Files.writeString(conf.resolve("config.yaml"), here(template.config(), pod));
    environments.put(pod, environment(pod, address, template.container()));
    List<String> command =
        template.container().getJsonArray("command").stream().map(String.class::cast).toList();
    processes.put(pod, startIn(pod, command));
  }

  private Path work(String pod) {
    return directory.resolve(pod);
  }

  private JarProcess startIn(String pod, List<String> command) throws IOException {
    var all = new ArrayList<>(List.of("/usr/bin/env", "-C", work(pod).toString()));
    all.addAll(command);
    return JarProcess.startCommand(all, environments.get(pod));
  }

  /** Runs {@code tidings} in a member's container; returns its exit status. */
  int exec(int member, String... arguments) throws IOException {
    var command = new ArrayList<>(List.of("tidings"));
    command.addAll(List.of(arguments));
    try (JarProcess process = startIn(pod(member), command)) {
      return process.exitCode();
    }
  }

  /** Ends a member, by SIGTERM. */
  void end(int member) throws IOException {
    processes.get(pod(member)).terminate();
    processes.get(pod(member)).exitCode();
    processes.get(pod(member)).close();
  }

  /** Removes what is on the volume of a member that has ended. */
  void emptyVolume(int member) throws IOException {
    try (Stream<Path> files = Files.walk(work(pod(member)).resolve("log"))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
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
    return text.replace("/etc/tidings/", directory + "/etc/").replace("/data/", work(pod) + "/");
  }

  /** Where the probes of Kubernetes ask. */
  URI url(int member) {
    return url(pod(member));
  }

  URI edge() {
    return url(EDGE);
  }

  private URI url(String pod) {
    return URI.create("http://" + environments.get(pod).get("TIDINGS_HTTP_HOST") + ":8080/");
  }

  void awaitReady(URI pod) {
    Wait.until(
        pod + " is ready; " + processes,
        () -> {
          try {
            return Nodes.get(pod.resolve("health/ready")).statusCode() == 200;
          } catch (IOException e) {
            return false;
          }
        });
  }

  /** Waits until a member has logged this. */
  void awaitLog(int member, String part) {
    Wait.until(part, () -> processes.get(pod(member)).toString().contains(part));
  }

  @Override
  public void close() throws IOException {
    for (JarProcess process : processes.values()) {
      process.close();
    }
  }
}
