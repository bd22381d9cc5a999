package io.tidings.log.redis;

import io.tidings.Wait;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Debian's Redis on a free port, with a directory of its own; can be killed and started again. */
public final class RedisServer implements AutoCloseable {
  private final Path directory;
  private final int port;
  private final List<String> options;
  private Process process;

  private RedisServer(Path directory, int port, List<String> options) {
    this.directory = directory;
    this.port = port;
    this.options = options;
  }

  /** Starts a server that flushes every write to its file. */
  public static RedisServer onFreePort(String... options) throws IOException {
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var server =
          new RedisServer(
              Files.createTempDirectory("redis"), free.getLocalPort(), List.of(options));
      free.close();
      server.start();
      return server;
    }
  }

  /** Starts it with the data that it had written. */
  public void start() throws IOException {
    var command = new ArrayList<>(List.of("redis-server", "--port", Integer.toString(port)));
    command.addAll(List.of("--bind", "127.0.0.1", "--dir", directory.toString()));
    command.addAll(List.of("--save", "", "--appendonly", "yes", "--appendfsync", "always"));
    command.addAll(options);
    process =
        new ProcessBuilder(command)
            .redirectOutput(directory.resolve("output").toFile())
            .redirectErrorStream(true)
            .start();
    Wait.until("Redis has started or ended", () -> answers() || !process.isAlive());
    if (!process.isAlive()) {
      throw new IOException(
          "Redis did not start: " + Files.readString(directory.resolve("output")));
    }
  }

  private boolean answers() {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write("PING\r\n".getBytes());
      return socket.getInputStream().read() > 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Suspends the process until {@link #resume}; its connections stay open. */
  public void pause() throws IOException {
    signal("STOP");
  }

  /** Resumes the process. */
  public void resume() throws IOException {
    signal("CONT");
  }

  private void signal(String signal) throws IOException {
    new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
        .inheritIO()
        .start()
        .onExit()
        .join();
  }

  /** Starts it without data. */
  public void startEmpty() throws IOException {
    delete(directory);
    Files.createDirectory(directory);
    start();
  }

  /** Sends a command over a new connection, and returns the first line of the answer. */
  public String command(String... words) throws IOException {
    return commandTo(port, words);
  }

  /** The same, at a port that was configured later. */
  public static String commandTo(int port, String... words) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      var command = new StringBuilder("*" + words.length + "\r\n");
      for (String word : words) {
        command.append("$" + word.length() + "\r\n" + word + "\r\n");
      }
      socket.getOutputStream().write(command.toString().getBytes(StandardCharsets.UTF_8));
      var reader = new BufferedReader(new InputStreamReader(socket.getInputStream()));
      String answer = reader.readLine();
      if (answer == null || answer.startsWith("-")) {
        throw new IOException(String.join(" ", words) + ": " + answer);
      }
      if (answer.startsWith("$")) {
        char[] text = new char[Integer.parseInt(answer.substring(1))];
        int read = 0;
        while (read < text.length) {
          read += reader.read(text, read, text.length - read);
        }
        return new String(text);
      }
      return answer.substring(1);
    }
  }

  public int port() {
    return port;
  }

  public String url() {
    return "redis://127.0.0.1:" + port;
  }

  /** Ends it with SIGKILL. */
  public void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  @Override
  public void close() throws IOException {
    kill();
    delete(directory);
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(java.io.File::delete);
    }
  }
}
