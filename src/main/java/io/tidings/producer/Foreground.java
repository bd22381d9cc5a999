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
final class Foreground {
  private static final long LOOK_MILLIS = 200;
  private static final Path STATUS = Path.of("/proc/self/stat");

  // places in /proc/PID/stat after the name, which is in parentheses (proc(5))
  private static final int GROUP = 2;
  private static final int TERMINAL = 4;
  private static final int FOREGROUND_GROUP = 5;

  private final InputStream console;
  private final boolean terminal;

  Foreground(InputStream console) {
    this.console = console;
    this.terminal = console == System.in && System.console() != null && Files.isReadable(STATUS);
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
