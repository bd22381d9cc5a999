import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Starts the processes of a benchmark, waits for its hubs, reads their answers, and ends them. */
final class HubProcesses {
  private static final int READY_SECONDS = 60;

  private HubProcesses() {}

  /** Starts a process whose output nobody reads. */
  static Process start(List<String> command) throws IOException {
    return new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  /** Waits until the hub at this port is ready, for a minute at most. */
  static void awaitReady(int port) throws IOException, InterruptedException {
    for (int i = 0; i < READY_SECONDS * 10; i++) {
      try {
        var connection = (HttpURLConnection) URI.create("http://127.0.0.1:" + port + "/health/ready").toURL().openConnection();
        if (connection.getResponseCode() == 200) {
          return;
        }
      } catch (IOException e) {
        // not yet
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    throw new IOException("no hub is ready at " + port);
  }

  /** Ends the processes, and deletes the directory with their data. */
  static void end(List<Process> processes, Path directory) throws IOException, InterruptedException {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
    try (var files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    }
  }

  /** Reads an answer, which must have the status 200. */
  static void skipAnswer(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("no answer: " + head);
      }
      head.append((char) next);
    }
    if (!head.toString().startsWith("HTTP/1.1 200")) {
      throw new IOException(head.toString());
    }
    String lower = head.toString().toLowerCase();
    int at = lower.indexOf("content-length: ") + 16;
    in.readNBytes(Integer.parseInt(lower.substring(at, lower.indexOf('\r', at))));
  }
}
