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
import java.util.stream.Stream;

/** Starts the processes of a benchmark, waits for its hubs, reads their answers, and ends them. */
final class HubProcesses {
  private static final int READY_SECONDS = 60;
  private static final String LAUNCHER = "target/tidings";

  /** Settings of hubs under load: nothing publishes by itself, and all load comes from one address, which no limit may stop. */
  private static final List<String> UNDER_LOAD =
      List.of("producer.clock=off", "producer.keyboard=off", "limits.client.streams=0", "limits.client.opens=0", "limits.client.publishes=0", "limits.client.bytes=0");

  private HubProcesses() {}

  /** The options for these settings and those of every hub under load. */
  static List<String> settings(List<String> more) {
    return Stream.concat(UNDER_LOAD.stream(), more.stream()).flatMap(setting -> Stream.of("--set", setting)).toList();
  }

  /** A program of the JDK that runs this one. */
  static String jdk(String program) {
    return Path.of(System.getProperty("java.home"), "bin", program).toString();
  }

  /** The launcher, which the hubs of a benchmark are started with. */
  static String launcher() throws IOException {
    if (!Files.isExecutable(Path.of(LAUNCHER))) {
      throw new IOException(LAUNCHER + " does not exist; build it with: make " + LAUNCHER);
    }
    return LAUNCHER;
  }

  /** Starts a process whose output nobody reads. */
  static Process start(List<String> command) throws IOException {
    return start(command, ProcessBuilder.Redirect.DISCARD);
  }

  /** Starts a process that writes all that it prints there. */
  static Process start(List<String> command, ProcessBuilder.Redirect output) throws IOException {
    return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output).start();
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

  /** The CPU time of each process, in hundredths of a second. */
  static long[] cpu(List<Process> processes) throws IOException {
    var times = new long[processes.size()];
    for (int i = 0; i < times.length; i++) {
      String stat = Files.readString(Path.of("/proc/" + processes.get(i).pid() + "/stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      times[i] = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
    return times;
  }

  /** The settings for TLS between nodes, with a certificate that is its own authority. */
  static List<String> tlsSettings() throws IOException, InterruptedException {
    Path directory = Files.createDirectories(Path.of("target", "bench", "tls"));
    String key = directory.resolve("node.key").toString();
    String cert = directory.resolve("node.pem").toString();
    Process openssl =
        start(
            List.of(
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=bench", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert));
    if (openssl.waitFor() != 0) {
      throw new IOException("openssl made no certificate");
    }
    return List.of("cluster.tls.cert=" + cert, "cluster.tls.key=" + key, "cluster.tls.ca=" + cert);
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
