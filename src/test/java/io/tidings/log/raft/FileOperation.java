package io.tidings.log.raft;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a process did in a directory, as {@code trace.c} writes it down.
 *
 * @param path relative to the directory; empty for the directory itself
 * @param argument a position or size, or the other path, relative too
 */
record FileOperation(Kind kind, Path path, String argument, byte[] bytes) {
  private static final int SECONDS = 60;

  /** The operations. */
  enum Kind {
    CREATE,
    EMPTY,
    OPEN,
    WRITE,
    TRUNCATE,
    FORCE,
    RENAME,
    DELETE,
    MKDIR
  }

  /**
   * Runs a class of these tests in a process of its own, to its end.
   *
   * @param work for other files
   * @param directory whose operations are returned; it is also the first argument
   */
  static List<FileOperation> of(Class<?> main, Path work, Path directory, String... arguments)
      throws Exception {
    Path library = work.resolve("trace.so");
    Path trace = Files.createTempFile(work, "trace", ".txt");
    Path source = Path.of(FileOperation.class.getResource("/files/trace.c").toURI());
    run(
        new ProcessBuilder(
            "cc", "-O2", "-shared", "-fPIC", "-o", library.toString(), source.toString(), "-ldl"));
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName(),
                directory.toString()));
    command.addAll(List.of(arguments));
    var process = new ProcessBuilder(command);
    process.environment().put("LD_PRELOAD", library.toString());
    process.environment().put("TRACE_DIRECTORY", directory.toString());
    process.environment().put("TRACE_OUTPUT", trace.toString());
    run(process);
    return Files.readAllLines(trace).stream().map(line -> parse(directory, line)).toList();
  }

  private static void run(ProcessBuilder command) throws Exception {
    Process process = command.inheritIO().start();
    if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException(command.command() + " does not end");
    } else if (process.exitValue() != 0) {
      throw new IOException(command.command() + ": status " + process.exitValue());
    }
  }

  private static FileOperation parse(Path directory, String line) {
    String[] words = line.split("\t", -1);
    Kind kind = Kind.valueOf(words[0].toUpperCase(java.util.Locale.ROOT));
    Path path = directory.relativize(Path.of(words[1]));
    String argument =
        kind == Kind.RENAME ? directory.relativize(Path.of(words[2])).toString() : words[2];
    return new FileOperation(kind, path, argument, HexFormat.of().parseHex(words[3]));
  }

  @Override
  public String toString() {
    return kind + " " + path + " " + argument;
  }
}
