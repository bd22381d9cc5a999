import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What the way from node to node costs: one hub alone beside three nodes with a ring, and with Redis where it is installed,
 * measured one after the other. Run by make bench; alone: java src/bench/Nodes.java. Prints Markdown.
 */
public final class Nodes {
  private static final String JAR = "target/tidings.jar";
  private static final int HTTP = 18_941;
  private static final int CLUSTER = 18_951;
  private static final int REDIS = 18_961;
  private static final int RATE = 1_000;
  private static final int PUBLISHERS = 4;
  private static final int WARM_SECONDS = Integer.getInteger("warm", 12);
  private static final int SECONDS = Integer.getInteger("seconds", 10);
  private static final int BATCH = 100;
  private static final String CHARACTERS = "x".repeat(250);

  private final List<Process> processes = new ArrayList<>();

  public static void main(String[] arguments) throws Exception {
    System.out.println("| from publishing to hearing, at 1,000 events a second | on the same node: p50 | p99 | on another: p50 | p99 | events a second, in batches of 100 |\n| --- | ---: | ---: | ---: | ---: | ---: |");
    new Nodes().measure("one hub, log in memory", 1, "log.kind=memory");
    new Nodes().measure("three nodes, ring", 3);
    if (Files.isExecutable(Path.of("/usr/bin/redis-server"))) {
      new Nodes().measure("three nodes, Redis", 3, "log.kind=redis", "log.redis.url=redis://127.0.0.1:" + REDIS);
    }
  }

  private void measure(String name, int nodes, String... settings) throws Exception {
    try {
      if (settings.length > 1) {
        start("redis-server", "--port", "" + REDIS, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no");
      }
      for (int node = 0; node < nodes; node++) {
        var command = new ArrayList<>(List.of("java", "-XX:+UseSerialGC", "-Xmn32m", "-jar", JAR, "--port", "" + (HTTP + node)));
        command.addAll(List.of("--set", "producer.clock=off", "--set", "producer.keyboard=off"));
        if (nodes > 1) {
          command.addAll(List.of("--cluster", "--set", "cluster.port=" + (CLUSTER + node), "--set", "cluster.name=bench"));
          command.addAll(List.of("--set", "cluster.members=127.0.0.1:" + CLUSTER + ",127.0.0.1:" + (CLUSTER + 1)));
        }
        for (String setting : settings) {
          command.addAll(List.of("--set", setting));
        }
        start(command.toArray(String[]::new));
        ready(HTTP + node);
      }
      var cells = new ArrayList<String>();
      cells.add(name);
      for (long[] latencies : latencies(nodes)) {
        cells.add("%.2f ms".formatted(latencies[latencies.length / 2] / 1e6));
        cells.add("%.2f ms".formatted(latencies[latencies.length * 99 / 100] / 1e6));
      }
      if (nodes == 1) {
        cells.addAll(List.of("", ""));
      }
      cells.add("%,.0f".formatted(batches(nodes)));
      System.out.println("| " + String.join(" | ", cells) + " |");
    } finally {
      for (Process process : processes) {
        process.destroyForcibly().waitFor();
      }
    }
  }

  private void start(String... command) throws IOException {
    processes.add(
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start());
  }

  private static void ready(int port) throws Exception {
    for (int i = 0; i < 300; i++) {
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
    throw new IOException("nobody is ready at " + port);
  }

  /** Nanoseconds from publishing to the first node to hearing from it, and to hearing from the last where that is another, each in order of size. */
  private static List<long[]> latencies(int nodes) throws Exception {
    int events = RATE * (WARM_SECONDS + SECONDS);
    var heard = new ArrayList<long[]>();
    var hearers = new ArrayList<Thread>();
    for (int node = 0; node < nodes; node += Math.max(1, nodes - 1)) {
      int port = HTTP + node;
      long[] latencies = new long[RATE * SECONDS];
      heard.add(latencies);
      hearers.add(new Thread(() -> hear(port, "one", events, latencies)));
    }
    hearers.forEach(Thread::start);
    TimeUnit.MILLISECONDS.sleep(500);
    var publishers = new ArrayList<Thread>();
    long begin = System.nanoTime();
    for (int p = 0; p < PUBLISHERS; p++) {
      int publisher = p;
      publishers.add(
          new Thread(
              () -> {
                try (var socket = new Socket("127.0.0.1", HTTP)) {
                  socket.setTcpNoDelay(true);
                  for (int i = publisher; i < events; i += PUBLISHERS) {
                    long due = begin + i * (TimeUnit.SECONDS.toNanos(1) / RATE);
                    while (due - System.nanoTime() > 0) {
                      LockSupport.parkNanos(due - System.nanoTime());
                    }
                    post(socket, "one", System.nanoTime() + " " + CHARACTERS.substring(0, 80));
                    skipAnswer(socket.getInputStream());
                  }
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              }));
    }
    publishers.forEach(Thread::start);
    for (Thread publisher : publishers) {
      publisher.join();
    }
    for (Thread hearer : hearers) {
      hearer.join(10_000);
    }
    heard.forEach(Arrays::sort);
    return heard;
  }

  private static void hear(int port, String topic, int events, long[] latencies) {
    try (var socket = new Socket("127.0.0.1", port)) {
      socket.getOutputStream().write(("GET /events/" + topic + " HTTP/1.1\r\nHost: a\r\n\r\n").getBytes());
      var lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8), 1 << 16);
      int from = events - latencies.length;
      for (int heard = 0; heard < events; ) {
        String line = lines.readLine();
        if (line.startsWith("data: ") && !line.startsWith("data: {")) { // not the hub's own
          if (heard >= from) {
            latencies[heard - from] = System.nanoTime() - Long.parseLong(line.substring(6, line.indexOf(' ', 6)));
          }
          heard++;
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Events a second that are heard from one node, published in batches to all. */
  private static double batches(int nodes) throws Exception {
    var line = "{\"topic\":\"many\",\"data\":\"" + CHARACTERS + "\"}\n";
    String body = line.repeat(BATCH);
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    var publishers = new ArrayList<Thread>();
    for (int p = 0; p < 3; p++) {
      int port = HTTP + p % nodes;
      publishers.add(
          new Thread(
              () -> {
                try (var socket = new Socket("127.0.0.1", port)) {
                  while (until - System.nanoTime() > 0) {
                    post(socket, "", body);
                    skipAnswer(socket.getInputStream());
                  }
                } catch (IOException e) {
                  if (until - System.nanoTime() > 0) { // else the hub was ended with the answer on its way
                    throw new IllegalStateException(e);
                  }
                }
              }));
    }
    try (var socket = new Socket("127.0.0.1", HTTP + nodes - 1)) {
      socket.setSoTimeout(2_000);
      socket.getOutputStream().write("GET /events/many HTTP/1.1\r\nHost: a\r\n\r\n".getBytes());
      InputStream in = socket.getInputStream();
      publishers.forEach(Thread::start);
      byte[] bytes = new byte[1 << 16];
      long heard = 0;
      long begin = System.nanoTime();
      long last = begin;
      while (last - until < 0) {
        int count = in.read(bytes);
        for (int i = 0; i < count; i++) {
          heard += bytes[i] == ':' && i + 1 < count && bytes[i + 1] == ' ' && i > 1 && bytes[i - 1] == 'a' ? 1 : 0; // data:
        }
        last = System.nanoTime();
      }
      return heard / ((last - begin) / 1e9);
    }
  }

  private static void post(Socket to, String topic, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    String type = topic.isEmpty() ? "Content-Type: application/x-ndjson\r\n" : "";
    String head = "POST /events" + (topic.isEmpty() ? "" : "/" + topic) + " HTTP/1.1\r\nHost: a\r\n" + type + "Content-Length: " + bytes.length + "\r\n\r\n";
    byte[] all = Arrays.copyOf(head.getBytes(StandardCharsets.US_ASCII), head.length() + bytes.length);
    System.arraycopy(bytes, 0, all, head.length(), bytes.length);
    to.getOutputStream().write(all);
  }

  private static void skipAnswer(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
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
