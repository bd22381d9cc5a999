package io.tidings.chaos;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One node: the jar in its own process, network namespace and disk, with a clock that can be
 * stepped. The output of all its processes is in one file.
 */
final class Node {
  static final int PORT = 8080;

  private static final List<String> JVM = List.of("-XX:+UseSerialGC", "-Xmx300m");
  private static final int END_SECONDS = 30;

  private final int number;
  private final Network network;
  private final Disk disk;
  private final Path clock;
  private final Path clockLibrary;
  private final Path output;
  private final List<String> settings;

  /**
   * What it is started with as a node that is to be added, or as an edge; empty for one of the
   * first.
   */
  private volatile List<String> joining = List.of();

  private volatile Role role = Role.SPARE;
  private volatile String jar = jar();
  private volatile Process process;

  /** Where the output begins that {@link #says} reads. */
  private volatile long begin;

  private volatile int life;

  /** What a node is to the cluster. */
  enum Role {
    /** It votes. */
    VOTER,
    /** It has no log, and can be added. */
    SPARE,
    /** It follows the voters, and serves readers. */
    EDGE
  }

  /**
   * @param directory of the run, for the output
   * @param clockLibrary of {@link #compileClock}
   * @param settings as the command line has them, without those of {@link #join} and {@link
   *     #follow}
   */
  Node(
      int number,
      Network network,
      Disk disk,
      Path directory,
      Path clockLibrary,
      List<String> settings)
      throws IOException {
    this.number = number;
    this.network = network;
    this.disk = disk;
    this.clock = directory.resolve("clock" + number);
    this.clockLibrary = clockLibrary;
    stepClock(0);
    this.output = directory.resolve("node" + number + ".log");
    this.settings = settings;
  }

  int number() {
    return number;
  }

  Disk disk() {
    return disk;
  }

  /** How often it was started. */
  int life() {
    return life;
  }

  URI url(String path) {
    return URI.create("http://" + network.address(number) + ":" + PORT + "/" + path);
  }

  /** Its address for the other nodes. */
  String voter() {
    return network.voter(number);
  }

  /** Starts it, and does not wait. */
  void start() throws IOException {
    var command = new ArrayList<>(network.prefix(number));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM);
    command.addAll(List.of("-jar", jar));
    command.addAll(settings);
    command.addAll(joining);
    command.addAll(List.of("--set", "log.dir=" + disk.data()));
    var builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
    builder.environment().keySet().removeIf(name -> name.startsWith("TIDINGS_"));
    builder.environment().put("LD_PRELOAD", clockLibrary.toString());
    builder.environment().put("CHAOS_CLOCK", clock.toString());
    skipOutput();
    life = life + 1;
    process = builder.start();
  }

  /** Output before this call is not looked at any more. */
  void skipOutput() throws IOException {
    begin = Files.exists(output) ? Files.size(output) : 0;
  }

  Role role() {
    return role;
  }

  void role(Role now) {
    role = now;
  }

  /** The jar with which it is started from now on. */
  void jar(String path) {
    jar = path;
  }

  String currentJar() {
    return jar;
  }

  /**
   * Empties its disk; from now on it is started as a node that is to be added.
   *
   * @param members that it asks, itself included
   */
  void join(List<String> members) throws IOException {
    jar = jar(); // the version that landed before this one knows no way to fetch the log's begin
    disk.empty();
    joining =
        List.of(
            "--set", "cluster.join=true", "--set", "cluster.members=" + String.join(",", members));
  }

  /**
   * From now on it is started as an edge.
   *
   * @param members that it asks
   */
  void follow(List<String> members) {
    role = Role.EDGE;
    jar = jar();
    joining = List.of("--role", "edge", "--set", "cluster.members=" + String.join(",", members));
  }

  /** Whether its present process has written this text, since {@link #skipOutput}. */
  boolean says(String text) throws IOException {
    try (var file = FileChannel.open(output, StandardOpenOption.READ)) {
      var bytes = ByteBuffer.allocate((int) Math.max(0, file.size() - begin));
      file.read(bytes, begin);
      return new String(bytes.array(), StandardCharsets.UTF_8).contains(text);
    }
  }

  static String jar() {
    return Path.of(System.getProperty("tidings.jar", "target/tidings.jar"))
        .toAbsolutePath()
        .toString();
  }

  boolean runs() {
    return process != null && process.isAlive();
  }

  /** SIGKILL, and waits for the end. */
  void kill() throws IOException {
    process.destroyForcibly();
    awaitEnd();
  }

  /** SIGTERM, and waits for the end. */
  void terminate() throws IOException {
    process.destroy();
    awaitEnd();
  }

  private void awaitEnd() throws IOException {
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("node " + number + " does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  void signal(String name) throws IOException {
    Shell.run("kill", "-" + name, "" + process.pid());
  }

  /** Compiles the library that steps a process' clock. */
  static Path compileClock(Path directory) throws IOException {
    Path library = directory.resolve("clock.so");
    String source = Network.resource("clock.c");
    Shell.run("cc", "-O2", "-shared", "-fPIC", "-o", library.toString(), source, "-ldl");
    return library;
  }

  /** Makes its clock differ from this machine's by so many seconds. */
  void stepClock(int seconds) throws IOException {
    byte[] bytes = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(seconds).array();
    try (var file = FileChannel.open(clock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(bytes)); // in place: it is mapped
    }
  }

  /** Adds a line to its output. */
  void note(String line) throws IOException {
    Files.writeString(output, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** Why it is not ready; empty if it is, or does not answer. */
  String obstacle(HttpClient http) {
    try {
      return ask("health/ready", http)
          .filter(answer -> answer.statusCode() != 200)
          .map(HttpResponse::body)
          .orElse("");
    } catch (IOException e) {
      return "";
    }
  }

  /** Whether it says that it is ready. */
  boolean ready(HttpClient http) {
    return isWell("ready", http);
  }

  /** Whether it answers requests. */
  boolean live(HttpClient http) {
    return isWell("live", http);
  }

  private boolean isWell(String question, HttpClient http) {
    try {
      return ask("health/" + question, http)
          .filter(answer -> answer.statusCode() == 200)
          .isPresent();
    } catch (IOException e) {
      return false;
    }
  }

  /** Its answer; empty if this thread is interrupted. */
  Optional<HttpResponse<String>> ask(String path, HttpClient http) throws IOException {
    try {
      var request = HttpRequest.newBuilder(url(path)).timeout(Duration.ofSeconds(1)).build();
      return Optional.of(http.send(request, HttpResponse.BodyHandlers.ofString()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
