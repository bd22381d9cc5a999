import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * What the way from node to node costs: one hub alone beside a cluster of three, and beside three hubs that share Redis where it is installed,
 * measured one after the other; each event that was acknowledged must be received once. The cluster is measured soon after its start, and again in the same processes, whose code is compiled then. Run by make bench; alone: java -cp target/bench/classes Nodes. With -Dtls=true, the cluster
 * with and without TLS between its nodes, in turn. Prints Markdown.
 */
public final class Nodes {

  /** Further options of Java, to compare them. */
  private static final String JVM = System.getProperty("jvm", "");

  private static final int HTTP = 18_941;
  private static final int CLUSTER = 18_951;
  private static final int REDIS = 18_961;
  private static final int RATE = 1_000;
  private static final int PUBLISHERS = 4;
  private static final int WARM_SECONDS = Integer.getInteger("warm", 8);
  private static final int SECONDS = Integer.getInteger("seconds", 8);
  private static final int BATCH = 100;
  private static final int PUBLISHERS_OF_BATCHES = Integer.getInteger("publishers", 48);
  private static final int LONE_EVENTS = Integer.getInteger("lone", 50);
  private static final long LONE_MILLIS = 200;

  /** How long there may be nothing to receive. */
  private static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(20);

  private static final String CHARACTERS = "x".repeat(250);

  /** What went wrong in threads. */
  private static final Queue<Exception> FAILURES = new ConcurrentLinkedQueue<>();

  private final List<Process> processes = new ArrayList<>();

  public static void main(String[] arguments) throws Exception {
    System.out.println("| from publish to receipt, at 1,000 events a second | on the same node: p50 | p99 | on another: p50 | p99 | a lone event, on another: p50 | events a second, in batches of 100 |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    boolean all = arguments.length == 0; // else the cluster alone
    if (Boolean.getBoolean("tls")) { // TLS between the nodes against none, in turn
      String[] tls = HubProcesses.tlsSettings().toArray(String[]::new);
      for (int round = 0; round < Integer.getInteger("rounds", 2); round++) {
        new Nodes().measure("a cluster of three", 3);
        new Nodes().measure("the same, TLS between the nodes", 3, tls);
      }
      return;
    }
    if (all) {
      new Nodes().measure("one hub", 1);
    }
    new Nodes().measure("a cluster of three", 3);
    if (all && Files.isExecutable(Path.of("/usr/bin/redis-server"))) {
      new Nodes().measure("three hubs, Redis", 3, "log.kind=redis", "log.redis.url=redis://127.0.0.1:" + REDIS);
    }
  }

  private void measure(String name, int nodes, String... settings) throws Exception {
    boolean redis = List.of(settings).contains("log.kind=redis");
    Path directory = Files.createTempDirectory(Path.of("target"), "nodes");
    try {
      if (redis) {
        processes.add(HubProcesses.start(List.of("redis-server", "--port", "" + REDIS, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")));
      }
      for (int node = 0; node < nodes; node++) {
        var command = new ArrayList<>(List.of("env", "JAVA_OPTS=-Xmx300m " + JVM, HubProcesses.launcher(), "--port", "" + (HTTP + node)));
        command.addAll(HubProcesses.settings(List.of("log.dir=" + directory.resolve("node" + node))));
        if (nodes > 1 && !redis) {
          command.addAll(List.of("--cluster", "--set", "cluster.port=" + (CLUSTER + node), "--set", "cluster.name=bench"));
          command.addAll(List.of("--set", "cluster.members=127.0.0.1:%d,127.0.0.1:%d,127.0.0.1:%d".formatted(CLUSTER, CLUSTER + 1, CLUSTER + 2)));
        }
        for (String setting : settings) {
          command.addAll(List.of("--set", setting));
        }
        processes.add(HubProcesses.start(command));
      }
      for (int node = 0; node < nodes; node++) {
        HubProcesses.awaitReady(HTTP + node);
      }
      System.out.println(row(name, nodes));
      if (nodes > 1 && !redis) {
        System.out.println(row(name + ", again", nodes));
      }
    } finally {
      HubProcesses.end(processes, directory);
    }
  }

  private static String row(String name, int nodes) throws Exception {
    var cells = new ArrayList<String>();
    cells.add(name);
    for (long[] latencies : latencies(nodes)) {
      cells.add("%.2f ms".formatted(latencies[latencies.length / 2] / 1e6));
      cells.add("%.2f ms".formatted(latencies[latencies.length * 99 / 100] / 1e6));
    }
    if (nodes == 1) {
      cells.addAll(List.of("", "", ""));
    } else {
      cells.add("%.2f ms".formatted(lone(nodes) / 1e6));
    }
    cells.add("%,.0f".formatted(batches(nodes)));
    return "| " + String.join(" | ", cells) + " |";
  }

  /** The median of nanoseconds from publishing an event to the first node, where nothing else happens, to receiving it from the last. */
  private static long lone(int nodes) throws Exception {
    var latencies = new long[LONE_EVENTS];
    Thread receiver = thread(() -> receive(HTTP + nodes - 1, "lone", LONE_EVENTS, latencies));
    receiver.start();
    try (var socket = new Socket("127.0.0.1", HTTP)) {
      socket.setTcpNoDelay(true);
      for (int i = 0; i < LONE_EVENTS; i++) {
        TimeUnit.MILLISECONDS.sleep(LONE_MILLIS);
        post(socket, "lone", i + " " + System.nanoTime() + " " + CHARACTERS.substring(0, 80));
        HubProcesses.skipAnswer(socket.getInputStream());
      }
    }
    receiver.join();
    check();
    Arrays.sort(latencies);
    return latencies[LONE_EVENTS / 2];
  }

  /** Nanoseconds from publishing to the first node to receiving from it, and to receiving from the last where that is another, each in order of size. */
  private static List<long[]> latencies(int nodes) throws Exception {
    int events = RATE * (WARM_SECONDS + SECONDS);
    var all = new ArrayList<long[]>();
    var receivers = new ArrayList<Thread>();
    for (int node = 0; node < nodes; node += Math.max(1, nodes - 1)) {
      int port = HTTP + node;
      long[] latencies = new long[RATE * SECONDS];
      all.add(latencies);
      receivers.add(thread(() -> receive(port, "one", events, latencies)));
    }
    receivers.forEach(Thread::start);
    TimeUnit.MILLISECONDS.sleep(500);
    var publishers = new ArrayList<Thread>();
    long begin = System.nanoTime();
    for (int p = 0; p < PUBLISHERS; p++) {
      int publisher = p;
      publishers.add(thread(() -> publishAtRate(publisher, events, begin)));
    }
    publishers.forEach(Thread::start);
    for (Thread publisher : publishers) {
      publisher.join();
    }
    check(); // without its publishers a receiver would wait forever
    for (Thread receiver : receivers) {
      receiver.join();
    }
    check();
    all.forEach(Arrays::sort);
    return all;
  }

  private static void publishAtRate(int publisher, int events, long begin) throws IOException {
    try (var socket = new Socket("127.0.0.1", HTTP)) {
      socket.setTcpNoDelay(true);
      for (int i = publisher; i < events; i += PUBLISHERS) {
        long due = begin + i * (TimeUnit.SECONDS.toNanos(1) / RATE);
        while (due - System.nanoTime() > 0) {
          LockSupport.parkNanos(due - System.nanoTime());
        }
        post(socket, "one", i + " " + System.nanoTime() + " " + CHARACTERS.substring(0, 80));
        HubProcesses.skipAnswer(socket.getInputStream());
      }
    }
  }

  /** Receives all events, each once, and notes the latencies of the last ones. */
  private static void receive(int port, String topic, int events, long[] latencies) {
    var received = new BitSet();
    try (var stream = new EventStream(port, "/events/" + topic, 20_000)) {
      int from = events - latencies.length;
      while (received.cardinality() < events) {
        stream.read(
            (bytes, begin, length) -> {
              if (EventStream.eventData(bytes, begin, length)) {
                String[] words = new String(bytes, begin, length, StandardCharsets.US_ASCII).split(" ");
                int number = Integer.parseInt(words[1]);
                once(received, number);
                if (number >= from) {
                  latencies[number - from] = System.nanoTime() - Long.parseLong(words[2]);
                }
              }
            });
      }
    } catch (IOException e) {
      throw new IllegalStateException("received " + received.cardinality() + " of " + events + " events", e);
    }
  }

  private static void once(BitSet received, int number) {
    if (received.get(number)) {
      throw new IllegalStateException("event " + number + " came twice");
    }
    received.set(number);
  }

  /** Events a second that are received from one node, published in batches to all; what was acknowledged must all come. */
  private static double batches(int nodes) throws Exception {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    var acknowledged = new AtomicInteger();
    var number = new AtomicInteger();
    var publishers = new ArrayList<Thread>();
    for (int p = 0; p < PUBLISHERS_OF_BATCHES; p++) {
      int port = HTTP + p % nodes;
      publishers.add(thread(() -> publishBatches(port, until, number, acknowledged)));
    }
    var received = new BitSet();
    try (var stream = new EventStream(HTTP + nodes - 1, "/events/many", 100)) {
      publishers.forEach(Thread::start);
      long begin = System.nanoTime();
      long last = begin;
      while (received.cardinality() < acknowledged.get() || publishers.stream().anyMatch(Thread::isAlive)) {
        int before = received.cardinality();
        receiveMore(stream, received);
        if (received.cardinality() > before) {
          last = System.nanoTime();
        } else if (System.nanoTime() - last > MAX_NANOS) {
          throw new IOException("acknowledged " + acknowledged + " events, received " + received.cardinality());
        }
      }
      check();
      return received.cardinality() / ((last - begin) / 1e9);
    }
  }

  private static void receiveMore(EventStream stream, BitSet received) throws IOException {
    try {
      stream.read(
          (bytes, from, length) -> {
            if (EventStream.eventData(bytes, from, length)) {
              once(received, Integer.parseInt(new String(bytes, from + 6, 10, StandardCharsets.US_ASCII)));
            }
          });
    } catch (SocketTimeoutException e) {
      // nothing yet
    }
  }

  private static void publishBatches(int port, long until, AtomicInteger number, AtomicInteger acknowledged) throws IOException {
    try (var socket = new Socket("127.0.0.1", port)) {
      while (until - System.nanoTime() > 0) {
        var body = new StringBuilder();
        int first = number.getAndAdd(BATCH);
        for (int i = 0; i < BATCH; i++) {
          body.append("{\"topic\":\"many\",\"data\":\"%010d ".formatted(first + i)).append(CHARACTERS).append("\"}\n");
        }
        post(socket, "", body.toString());
        HubProcesses.skipAnswer(socket.getInputStream());
        acknowledged.addAndGet(BATCH);
      }
    }
  }

  private interface Work {
    void run() throws Exception;
  }

  /** A thread whose failure {@link #check} reports. */
  private static Thread thread(Work work) {
    var thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (Exception e) {
                FAILURES.add(e);
              }
            });
    thread.setDaemon(true); // a failure ends the program
    return thread;
  }

  private static void check() throws Exception {
    if (!FAILURES.isEmpty()) {
      throw FAILURES.peek();
    }
  }

  private static void post(Socket to, String topic, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    String type = topic.isEmpty() ? "Content-Type: application/x-ndjson\r\n" : "";
    String head = "POST /events" + (topic.isEmpty() ? "" : "/" + topic) + " HTTP/1.1\r\nHost: localhost\r\n" + type + "Content-Length: " + bytes.length + "\r\n\r\n";
    byte[] all = Arrays.copyOf(head.getBytes(StandardCharsets.US_ASCII), head.length() + bytes.length);
    System.arraycopy(bytes, 0, all, head.length(), bytes.length);
    to.getOutputStream().write(all);
  }
}
