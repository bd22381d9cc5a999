package io.tidings;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The shipped jar, run as a process in an empty directory, so that it can use only what it
 * contains. Belongs to one test, which closes it. Each wait is limited to some seconds, and then
 * fails with the output of the process.
 */
final class JarProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Pattern START_LINE =
      Pattern.compile("Tidings \\S+ is at (https?://\\S+/).*");

  private final Path directory;
  private final Process process;
  private final BufferedWriter input;
  private final Lines output;
  private final Lines errors;

  private JarProcess(Path directory, Process process) {
    this.directory = directory;
    this.process = process;
    this.input = process.outputWriter(StandardCharsets.UTF_8);
    this.output = new Lines(process.getInputStream());
    this.errors = new Lines(process.getErrorStream());
  }

  /**
   * Starts {@code java -jar tidings.jar} with the given arguments, and does not wait for anything.
   */
  static JarProcess start(String... arguments) throws IOException {
    return startOn(Path.of(System.getProperty("java.home"), "bin", "java"), arguments);
  }

  /** The same, with the given Java. */
  static JarProcess startOn(Path java, String... arguments) throws IOException {
    return startOn(java, List.of(), arguments);
  }

  /** The same, with options for Java itself. */
  static JarProcess startOn(Path java, List<String> options, String... arguments)
      throws IOException {
    var command = new ArrayList<String>();
    command.add(java.toString());
    command.addAll(options);
    command.add("-jar");
    command.add(jar());
    command.addAll(List.of(arguments));
    return startCommand(command, Map.of());
  }

  /** Starts any command that becomes such a process. */
  static JarProcess startCommand(List<String> command, Map<String, String> environment)
      throws IOException {
    Path directory = Files.createTempDirectory("tidings");
    var builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("TIDINGS_"));
    builder.environment().putAll(environment);
    return new JarProcess(directory, builder.start());
  }

  /** The hub's URL, from the line that it prints when it is ready; ends with a slash. */
  URI url() {
    return URI.create(START_LINE.matcher(awaitLine(START_LINE)).replaceFirst("$1"));
  }

  /** The port of {@link #url()}. */
  int port() {
    return url().getPort();
  }

  long pid() {
    return process.pid();
  }

  /** Waits for a line of the output that matches completely, and returns it. */
  String awaitLine(Pattern pattern) {
    return output
        .await(pattern, PATIENCE)
        .orElseThrow(() -> new AssertionError("no line like " + pattern + " of " + this));
  }

  /** Waits for a line of standard error that contains the text. */
  void awaitError(String part) {
    errors
        .await(Pattern.compile(".*" + Pattern.quote(part) + ".*"), PATIENCE)
        .orElseThrow(() -> new AssertionError("no error like " + part + " of " + this));
  }

  /** Types a line at the console. */
  void type(String line) throws IOException {
    input.write(line);
    input.newLine();
    input.flush();
  }

  /** Ends the console's input. */
  void endInput() throws IOException {
    input.close();
  }

  /** Sends SIGTERM; {@link #exitCode()} waits for the end. */
  void terminate() {
    process.toHandle().destroy(); // Process.destroy() would close its output as well
  }

  /** Sends another signal, such as STOP. */
  void signal(String name) throws IOException, InterruptedException {
    int status = new ProcessBuilder("kill", "-" + name, "" + pid()).start().waitFor();
    if (status != 0) {
      throw new IOException("kill -" + name + " ended with status " + status);
    }
  }

  /** Sends SIGKILL, and waits for the end. */
  void kill() {
    process.toHandle().destroyForcibly();
    exitCode();
  }

  /** Waits for the end, and returns the exit status; 128 plus the signal if a signal ended it. */
  int exitCode() {
    Process ended =
        process.onExit().completeOnTimeout(null, PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    if (ended == null) {
      throw new AssertionError("still running: " + this);
    }
    return ended.exitValue();
  }

  /** The lines of its standard output; waits for the end. */
  List<String> output() {
    return output.all(PATIENCE);
  }

  /** The lines of its standard error; waits for the end. */
  List<String> errors() {
    return errors.all(PATIENCE);
  }

  /** Kills the process if it still runs, and removes its directory. */
  @Override
  public void close() throws IOException {
    kill();
    if (!Files.exists(directory)) {
      return; // closed already
    }
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    }
  }

  @Override
  public String toString() {
    String state = process.isAlive() ? "runs" : "ended with " + process.exitValue();
    return "process %d %s, output %s, errors %s".formatted(process.pid(), state, output, errors);
  }

  static String jar() {
    String jar = System.getProperty("tidings.jar");
    if (jar == null || !Files.isRegularFile(Path.of(jar))) {
      throw new AssertionError(
          "tidings.jar=" + jar + ": must be the jar that was built; make test builds and sets it");
    }
    return Path.of(jar).toAbsolutePath().toString();
  }

  /** Reads a stream to its end on its own thread, so that the process never blocks in a write. */
  private static final class Lines {
    private final List<String> lines = new ArrayList<>();
    private boolean ended;

    Lines(InputStream stream) {
      var reader = new Thread(() -> read(stream), "lines");
      reader.setDaemon(true);
      reader.start();
    }

    /** Empty if no such line was read before the end of the stream or within the time. */
    synchronized Optional<String> await(Pattern pattern, Duration patience) {
      Supplier<Optional<String>> found =
          () -> lines.stream().filter(line -> pattern.matcher(line).matches()).findFirst();
      await(() -> ended || found.get().isPresent(), patience);
      return found.get();
    }

    synchronized List<String> all(Duration patience) {
      await(() -> ended, patience);
      if (!ended) {
        throw new AssertionError("there may be more than " + lines);
      }
      return List.copyOf(lines);
    }

    @Override
    public synchronized String toString() {
      return lines.toString();
    }

    private synchronized void await(BooleanSupplier condition, Duration patience) {
      long end = System.nanoTime() + patience.toNanos();
      try {
        for (long left = patience.toNanos();
            left > 0 && !condition.getAsBoolean();
            left = end - System.nanoTime()) {
          TimeUnit.NANOSECONDS.timedWait(this, left);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void read(InputStream stream) {
      try (var reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          add(line);
        }
      } catch (IOException e) {
        add(e.toString());
      } finally {
        end();
      }
    }

    private synchronized void add(String line) {
      lines.add(line);
      notifyAll();
    }

    private synchronized void end() {
      ended = true;
      notifyAll();
    }
  }
}
