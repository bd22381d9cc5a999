package io.tidings.chaos;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
  private Process process;

  /**
   * @param directory of the run, for the output
   * @param clockLibrary of {@link #compileClock}
   * @param settings as the command line has them
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

  URI url(String path) {
    return URI.create("http://" + network.address(number) + ":" + PORT + "/" + path);
  }

  /** Starts it, and does not wait. */
  void start() throws IOException {
    var command = new ArrayList<>(network.prefix(number));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM);
    command.addAll(List.of("-jar", jar()));
    command.addAll(settings);
    command.addAll(List.of("--set", "log.dir=" + disk.data()));
    var builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
    builder.environment().keySet().removeIf(name -> name.startsWith("TIDINGS_"));
    builder.environment().put("LD_PRELOAD", clockLibrary.toString());
    builder.environment().put("CHAOS_CLOCK", clock.toString());
    process = builder.start();
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
      var request =
          HttpRequest.newBuilder(url("health/" + question)).timeout(Duration.ofSeconds(1)).build();
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
