package io.tidings.producer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Waits until the console can be read safely. A background process of a terminal ({@code java -jar
 * tidings.jar &}) that reads it gets SIGTTIN, which stops the whole process with all its streams.
 * So this class polls whether input is available and whether the process is in the foreground.
 */
final class TerminalForeground {
  private static final long POLL_MILLIS = 200;
  private static final Path INPUT = Path.of("/proc/self/fd/0");
  private static final Path STATUS = Path.of("/proc/self/stat");

  // indexes of the fields in /proc/PID/stat after the name in parentheses (proc(5))
  private static final int GROUP = 2;
  private static final int TERMINAL = 4;
  private static final int FOREGROUND_GROUP = 5;

  private final InputStream console;
  private final boolean own;
  private final boolean terminal;

  /**
   * @param console the stream that is read, with its buffer
   * @param own whether it is the standard input of the process
   */
  TerminalForeground(InputStream console, boolean own) {
    this.console = console;
    this.own = own;
    this.terminal = own && System.console() != null && Files.isReadable(STATUS);
  }

  /**
   * Whether the process was started with its standard input closed. Descriptor 0 is then the first
   * file that the JVM opened for itself, which must not be read.
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

  /** Blocks while reading is not safe; at once if the input is no terminal. */
  void await() throws IOException, InterruptedException {
    while (terminal && (background(Files.readString(STATUS)) || console.available() == 0)) {
      Thread.sleep(POLL_MILLIS);
    }
  }

  /**
   * Whether a process is in the background of its terminal.
   *
   * @param status the content of its {@code /proc/PID/stat}
   */
  static boolean background(String status) {
    String[] fields = status.substring(status.lastIndexOf(')') + 2).split(" ");
    return !fields[TERMINAL].equals("0") && !fields[GROUP].equals(fields[FOREGROUND_GROUP]);
  }
}
