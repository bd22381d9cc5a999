package io.tidings.chaos;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs other programs, each for some seconds at most. */
final class Shell {
  private static final int SECONDS = 20;
  private static final int LONG_SECONDS = 300;

  private Shell() {}

  /**
   * Runs a program to its end, and returns its output and errors.
   *
   * @throws IOException with both if the program can't be run or fails
   */
  static String run(String... command) throws IOException {
    return runWith("", command);
  }

  /** The same, with the text as its input. */
  static String runWith(String input, String... command) throws IOException {
    return run(input, SECONDS, command);
  }

  private static String run(String input, int seconds, String... command) throws IOException {
    Path output = Files.createTempFile("chaos", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      try (var writer = process.outputWriter(StandardCharsets.UTF_8)) {
        writer.write(input);
      }
      if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(String.join(" ", command) + ": does not end");
      }
      String text = Files.readString(output);
      if (process.exitValue() != 0) {
        throw new IOException(
            String.join(" ", command) + ": status " + process.exitValue() + ": " + text.strip());
      }
      return text;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      Files.delete(output);
    }
  }

  /** The same as {@link #run}, for some minutes at most. */
  static String runLong(String... command) throws IOException {
    return run("", LONG_SECONDS, command);
  }

  /** Runs programs to clean up, in this order; one that fails has nothing to do. */
  static void tryAll(List<String[]> commands) {
    for (String[] command : commands) {
      try {
        run(command);
      } catch (IOException e) {
        System.getLogger(Shell.class.getName()).log(System.Logger.Level.DEBUG, e.getMessage());
      }
    }
  }
}
