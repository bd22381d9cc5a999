package io.tidings.producer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Waits until reading the console does no harm. A process in the background of its terminal ({@code
 * java -jar tidings.jar &}) is stopped as a whole, streams and all, when it reads there; so it must
 * look first whether something was typed, and to whom.
 */
final class TerminalForeground {
  private static final long LOOK_MILLIS = 200;
  private static final Path INPUT = Path.of("/proc/self/fd/0");
  private static final Path STATUS = Path.of("/proc/self/stat");

  // places in /proc/PID/stat after the name, which is in parentheses (proc(5))
  private static final int GROUP = 2;
  private static final int TERMINAL = 4;
  private static final int FOREGROUND_GROUP = 5;

  private final InputStream console;
  private final boolean own;
  private final boolean terminal;

  /**
   * @param console as it is read, with what a buffer has taken already
   * @param own whether it is the process's own console
   */
  TerminalForeground(InputStream console, boolean own) {
    this.console = console;
    this.own = own;
    this.terminal = own && System.console() != null && Files.isReadable(STATUS);
  }

  /**
   * Whether the process was started with its input closed. Then the number 0 went to the first file
   * that was opened, one of Java's own, and that must not be read.
   */
  boolean closed() {
    try {
      return own
          && Files.exists(INPUT)
          && INPUT.toRealPath().startsWith(Path.of(System.getProperty("java.home")).toRealPath());
    } catch (IOException e) {
      return false; // a pipe or a socket, which has no path
    }
  }

  void await() throws IOException, InterruptedException {
    while (terminal && (background() || console.available() == 0)) {
      Thread.sleep(LOOK_MILLIS);
    }
  }

  private static boolean background() throws IOException {
    String status = Files.readString(STATUS);
    String[] fields = status.substring(status.lastIndexOf(')') + 2).split(" ");
    return !fields[TERMINAL].equals("0") && !fields[GROUP].equals(fields[FOREGROUND_GROUP]);
  }
}
