import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What one leader carries: a cluster of three on this machine, publishers at all nodes, events of several sizes in batches of several sizes. For
 * each: events a second, commands of the Raft log a second, processor time of the leader and of a follower, bytes that the leader sends to the
 * followers, and what the disk does for a node. What is acknowledged must be received. Prints the Markdown of docs/scale.md: make target/bench/classes
 * target/tidings, then java -cp target/bench/classes:target/tidings.jar LeaderLoad; with -Dtls=true, TLS between the nodes. Linux only.
 */
public final class LeaderLoad {
  private static final int NODES = 3;
  private static final int HTTP = 18_971;
  private static final int CLUSTER = 18_981;
  private static final int PUBLISHERS = Integer.getInteger("publishers", 48);

  /** At how many nodes there are publishers; with 1 or 2 the third one does nothing but apply. */
  private static final int PUBLISHED_AT = Integer.getInteger("at", NODES);

  /** Of all publishers; a hub answers 503 to what its memory has no room for. */
  private static final int MAX_UNANSWERED_BYTES = 16 << 20;

  private static final int WARM_SECONDS = Integer.getInteger("warm", 40);
  private static final int SECONDS = Integer.getInteger("seconds", 6);
  private static final int ROUNDS = Integer.getInteger("rounds", 3);
  private static final int[] SIZES = numbers("sizes", "100,1024,16384");
  private static final int[] BATCHES = numbers("batches", "1,10,100");
  private static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final Pattern BYTES_SENT = Pattern.compile("bytes_sent:(\\d+)");

  private final List<Process> processes = new ArrayList<>();
  private final AtomicReference<Exception> failure = new AtomicReference<>();

  /** What was counted until now; the leader is number 0 of the processor times, number 1 has the reader. */
  private record Counts(long nanos, long commands, double[] cpuSeconds, long diskBytes, long forces, long sentBytes) {}

  /** One case of one round, per second or per event. */
  private record Row(double events, double commands, double leaderCores, double allCores, double leaderMicros, double followerMicros, double sent, double written, double forces) {}

  private static int[] numbers(String property, String standard) {
    return Stream.of(System.getProperty(property, standard).split(",")).mapToInt(Integer::parseInt).toArray();
  }

  public static void main(String[] arguments) throws Exception {
    new LeaderLoad().measure();
  }

  private void measure() throws Exception {
    List<String> tls = Boolean.getBoolean("tls") ? HubProcesses.tlsSettings() : List.of();
    Path directory = Files.createTempDirectory(Path.of("target"), "leader");
    try {
      for (int node = 0; node < NODES; node++) {
        start(directory, node, tls);
      }
      for (int node = 0; node < NODES; node++) {
        HubProcesses.awaitReady(HTTP + node);
      }
      run(250, 100, WARM_SECONDS);
      System.out.println("| event, batch | events a second: median, lowest, highest | payload, MB/s | commands a second | cores, leader; all three | CPU an event, leader; follower | leader sends, MB/s | disk of a node, MB/s | forces of a node, a second |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
      for (int size : SIZES) {
        for (int batch : BATCHES) {
          var rows = new ArrayList<Row>();
          for (int round = 0; round < ROUNDS; round++) {
            rows.add(run(size, batch, SECONDS));
          }
          rows.sort(Comparator.comparingDouble(Row::events));
          print(size, batch, rows);
        }
      }
    } finally {
      HubProcesses.end(processes, directory);
    }
  }

  private static void print(int size, int batch, List<Row> rows) {
    Row row = rows.get(rows.size() / 2);
    String name = (size < 1024 ? size + " B" : size / 1024 + " KiB") + ", " + batch;
    System.out.printf(
        "| %s | %,.0f (%,.0f to %,.0f) | %.1f | %,.0f | %.2f; %.2f | %.1f µs; %.1f µs | %.1f | %.1f | %,.0f |%n",
        name, row.events, rows.get(0).events, rows.get(rows.size() - 1).events, row.events * size / 1e6, row.commands, row.leaderCores, row.allCores, row.leaderMicros, row.followerMicros, row.sent / 1e6, row.written / 1e6, row.forces);
  }

  private void start(Path directory, int node, List<String> more) throws IOException {
    var command = new ArrayList<>(List.of("env", "JAVA_OPTS=-Xmx512m", HubProcesses.launcher(), "--cluster", "--port", "" + (HTTP + node)));
    var settings = new ArrayList<>(List.of(
        "log.dir=" + directory.resolve("node" + node), "cluster.port=" + (CLUSTER + node), "cluster.name=leader", "limits.body=4MiB",
        "cluster.members=127.0.0.1:%d,127.0.0.1:%d,127.0.0.1:%d".formatted(CLUSTER, CLUSTER + 1, CLUSTER + 2)));
    settings.addAll(more);
    command.addAll(HubProcesses.settings(settings));
    processes.add(HubProcesses.start(command));
  }

  private Row run(int size, int batch, int seconds) throws Exception {
    byte[] request = request(size, batch);
    int leader = leader();
    var acknowledged = new AtomicInteger();
    var publishers = new ArrayList<Thread>();
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    for (int p = 0; p < Math.min(PUBLISHERS, MAX_UNANSWERED_BYTES / request.length); p++) {
      int port = HTTP + (leader + p % PUBLISHED_AT) % NODES;
      publishers.add(new Thread(() -> publish(port, until, request, batch, acknowledged)));
    }
    var received = new AtomicLong();
    try (var stream = new EventStream(HTTP + (leader + 1) % NODES, "/events/load", 100)) {
      Counts before = counts(leader);
      publishers.forEach(Thread::start);
      long last = System.nanoTime();
      while (received.get() < acknowledged.get() || publishers.stream().anyMatch(Thread::isAlive)) {
        long count = received.get();
        receive(stream, received);
        if (received.get() > count) {
          last = System.nanoTime();
        } else if (System.nanoTime() - last > MAX_NANOS) {
          throw new IOException("acknowledged " + acknowledged + " events, received " + received);
        }
      }
      Counts after = counts(leader);
      if (failure.get() != null) {
        throw failure.get();
      }
      if (leader() != leader) {
        throw new IOException("another node leads");
      }
      return row(before, after, received.get());
    }
  }

  private static Row row(Counts before, Counts after, long events) {
    double seconds = (after.nanos - before.nanos) / 1e9;
    double leader = after.cpuSeconds[0] - before.cpuSeconds[0];
    double third = after.cpuSeconds[2] - before.cpuSeconds[2];
    double all = leader + third + after.cpuSeconds[1] - before.cpuSeconds[1];
    return new Row(
        events / seconds, (after.commands - before.commands) / seconds, leader / seconds, all / seconds, leader * 1e6 / events, third * 1e6 / events,
        (after.sentBytes - before.sentBytes) / seconds, (after.diskBytes - before.diskBytes) / seconds / NODES, (after.forces - before.forces) / seconds / NODES);
  }

  private static void receive(EventStream stream, AtomicLong received) throws IOException {
    try {
      stream.read(
          (bytes, from, length) -> {
            if (EventStream.eventData(bytes, from, length)) {
              received.incrementAndGet();
            }
          });
    } catch (SocketTimeoutException e) {
      // nothing yet
    }
  }

  private static byte[] request(int size, int batch) {
    String data = "x".repeat(size);
    String body = batch == 1 ? data : ("{\"topic\":\"load\",\"data\":\"" + data + "\"}\n").repeat(batch);
    String head = batch == 1 ? "POST /events/load HTTP/1.1\r\n" : "POST /events HTTP/1.1\r\nContent-Type: application/x-ndjson\r\n";
    return (head + "Host: localhost\r\nContent-Length: " + body.length() + "\r\n\r\n" + body).getBytes(StandardCharsets.US_ASCII);
  }

  private void publish(int port, long until, byte[] request, int batch, AtomicInteger acknowledged) {
    try (var socket = new Socket("127.0.0.1", port)) {
      socket.setTcpNoDelay(true);
      while (until - System.nanoTime() > 0) {
        socket.getOutputStream().write(request);
        HubProcesses.skipAnswer(socket.getInputStream());
        acknowledged.addAndGet(batch);
      }
    } catch (IOException e) {
      failure.compareAndSet(null, e);
    }
  }

  private static JsonObject raft() throws IOException {
    try (var in = URI.create("http://127.0.0.1:" + HTTP + "/cluster").toURL().openStream()) {
      return new JsonObject(new String(in.readAllBytes(), StandardCharsets.UTF_8)).getJsonObject("raft");
    }
  }

  /** Which node leads, from 0. */
  private static int leader() throws IOException {
    for (Object voter : raft().getJsonArray("voters")) {
      if (Boolean.TRUE.equals(((JsonObject) voter).getBoolean("leader"))) {
        String address = ((JsonObject) voter).getString("address");
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)) - CLUSTER;
      }
    }
    throw new IOException("nobody leads");
  }

  private Counts counts(int leader) throws Exception {
    long[] cpu = HubProcesses.cpu(processes);
    var cpuSeconds = new double[NODES];
    for (int i = 0; i < NODES; i++) {
      cpuSeconds[i] = cpu[(leader + i) % NODES] / 100.0;
    }
    String[] disk = disk();
    return new Counts(System.nanoTime(), raft().getLong("index"), cpuSeconds, Long.parseLong(disk[9]) * 512, Long.parseLong(disk[18]), sentBytes(processes.get(leader).pid()));
  }

  /** The statistics of the disk, which all nodes and everything else on this machine use; write_bytes of a process counts more than is written. */
  private static String[] disk() throws IOException {
    String device = Path.of(Files.getFileStore(Path.of("target")).name()).getFileName().toString();
    for (String line : Files.readAllLines(Path.of("/proc/diskstats"))) {
      String[] fields = line.trim().split(" +");
      if (fields[2].equals(device)) {
        return fields;
      }
    }
    throw new IOException("no statistics of " + device);
  }

  /** What a process has sent to the nodes' ports, on connections that are open. */
  private static long sentBytes(long pid) throws Exception {
    Process ss = new ProcessBuilder("ss", "-tinpOH", "state", "established", "dport >= :" + CLUSTER + " and dport < :" + (CLUSTER + NODES)).start();
    long bytes = 0;
    for (String line : new String(ss.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).split("\n")) {
      var sent = BYTES_SENT.matcher(line);
      bytes += line.contains("pid=" + pid + ",") && sent.find() ? Long.parseLong(sent.group(1)) : 0;
    }
    ss.waitFor();
    return bytes;
  }
}
