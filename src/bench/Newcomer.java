import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * What publishers notice of a new voter that fetches a large log: a cluster of three with so many gigabytes of events (-Dgigabytes), publishers at a
 * steady rate at both nodes that stay, and a fourth node that fetches the log and then takes the place of one of the three. Latencies count from the
 * moment at which an event was due; failures are answers other than 200. Prints Markdown: make target/bench/classes target/tidings, then
 * java -cp target/bench/classes Newcomer. Needs five times the size on disk.
 */
public final class Newcomer {
  private static final int NODES = 3;
  private static final int HTTP = 18_621;
  private static final int CLUSTER = 18_631;
  private static final double GIGABYTES = Double.parseDouble(System.getProperty("gigabytes", "10"));
  private static final String RATE_OF_FETCHING = System.getProperty("fetch", "64MiB");

  /** Events of 1 KiB a second at each node, by so many connections. */
  private static final int RATE = Integer.getInteger("rate", 100);

  private static final int CONNECTIONS = Integer.getInteger("connections", 10);

  private static final int SECONDS = Integer.getInteger("seconds", 30);
  private static final int FILLERS = 6;
  private static final int FILLED_SIZE = 16_384;
  private static final int BATCH = 100;
  private static final int MAX_MINUTES = 60;

  private final List<Process> processes = new ArrayList<>();
  private final List<Publisher> publishers = new ArrayList<>();
  private Path directory;

  public static void main(String[] arguments) throws Exception {
    new Newcomer().measure();
  }

  /** Publishes at a steady rate, and keeps the latencies since they were last taken. */
  private static final class Publisher extends Thread {
    private final int port;
    private final byte[] request = request(1_024, 1);
    private long[] micros = new long[1_024];
    private int count;
    private int failures;
    private volatile boolean stopped;

    Publisher(int port) {
      this.port = port;
    }

    @Override
    public void run() {
      long due = System.nanoTime();
      while (!stopped) {
        try (var socket = new Socket("127.0.0.1", port)) {
          socket.setTcpNoDelay(true);
          while (!stopped) {
            due += TimeUnit.SECONDS.toNanos(CONNECTIONS) / RATE;
            while (due - System.nanoTime() > 0) {
              LockSupport.parkNanos(due - System.nanoTime());
            }
            socket.getOutputStream().write(request);
            HubProcesses.skipAnswer(socket.getInputStream());
            published((System.nanoTime() - due) / 1_000);
          }
        } catch (IOException e) {
          failed();
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
      }
    }

    private synchronized void published(long latency) {
      if (count == micros.length) {
        micros = Arrays.copyOf(micros, 2 * count);
      }
      micros[count++] = latency;
    }

    private synchronized void failed() {
      failures++;
    }

    /** The latencies since the last call, and the number of failures at the end. */
    synchronized long[] take() {
      long[] taken = Arrays.copyOf(micros, count + 1);
      taken[count] = failures;
      count = 0;
      failures = 0;
      return taken;
    }
  }

  private void measure() throws Exception {
    directory = Files.createTempDirectory(Path.of("target"), "newcomer");
    try {
      for (int node = 0; node < NODES; node++) {
        start(node, false);
      }
      for (int node = 0; node < NODES; node++) {
        HubProcesses.awaitReady(HTTP + node);
      }
      long begin = System.nanoTime();
      fill();
      System.out.printf(Locale.ROOT, "%.1f GB were published in %.0f s.%n%n", GIGABYTES, seconds(begin));
      System.out.println("| | seconds | published | p50 | p99 | longest | failures |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
      for (int node = 0; node < NODES - 1; node++) { // the last one is removed, and refuses
        for (int i = 0; i < CONNECTIONS; i++) {
          publishers.add(new Publisher(HTTP + node));
        }
      }
      publishers.forEach(Thread::start);
      TimeUnit.SECONDS.sleep(10);
      take();
      phase("before", System.nanoTime(), () -> TimeUnit.SECONDS.sleep(SECONDS));
      begin = System.nanoTime();
      start(NODES, true);
      phase("while a new node fetches", begin, this::awaitFetched);
      phase("while it becomes a voter", System.nanoTime(), this::changeVoters);
      phase("after", System.nanoTime(), () -> TimeUnit.SECONDS.sleep(SECONDS));
    } finally {
      publishers.forEach(publisher -> publisher.stopped = true);
      HubProcesses.end(processes, directory);
    }
  }

  private interface Phase {
    void run() throws Exception;
  }

  private void phase(String name, long begin, Phase phase) throws Exception {
    phase.run();
    long[] taken = take();
    int count = taken.length - 1;
    long failures = taken[count];
    Arrays.sort(taken, 0, count);
    System.out.printf(
        Locale.ROOT, "| %s | %.0f | %,d | %.1f ms | %.1f ms | %.0f ms | %d |%n",
        name, seconds(begin), count, taken[count / 2] / 1e3, taken[(int) (count * 0.99)] / 1e3, taken[count - 1] / 1e3, failures);
  }

  /** The latencies of all publishers, and the number of failures at the end. */
  private long[] take() {
    long[] all = {0};
    for (Publisher publisher : publishers) {
      long[] one = publisher.take();
      long failures = all[all.length - 1] + one[one.length - 1];
      int before = all.length - 1;
      all = Arrays.copyOf(all, before + one.length);
      System.arraycopy(one, 0, all, before, one.length);
      all[all.length - 1] = failures;
    }
    return all;
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  private void start(int node, boolean joins) throws IOException {
    var command = new ArrayList<>(List.of("env", "JAVA_OPTS=-Xmx512m", HubProcesses.launcher(), "--cluster", "--port", "" + (HTTP + node)));
    command.addAll(HubProcesses.settings(List.of(
        "log.dir=" + directory.resolve("node" + node), "cluster.port=" + (CLUSTER + node), "cluster.name=newcomer", "limits.body=4MiB",
        "log.keep.bytes=1000GiB", "cluster.fetch.rate=" + RATE_OF_FETCHING,
        "cluster.join=" + joins,
        "cluster.members=127.0.0.1:%d,127.0.0.1:%d,127.0.0.1:%d".formatted(CLUSTER, CLUSTER + 1, CLUSTER + (joins ? node : 2)))));
    processes.add(HubProcesses.start(command, joins ? Redirect.to(output().toFile()) : Redirect.DISCARD));
  }

  private static byte[] request(int size, int batch) {
    String data = "x".repeat(size);
    String body = batch == 1 ? data : ("{\"topic\":\"filled\",\"data\":\"" + data + "\"}\n").repeat(batch);
    String head = batch == 1 ? "POST /events/steady HTTP/1.1\r\n" : "POST /events HTTP/1.1\r\nContent-Type: application/x-ndjson\r\n";
    return (head + "Host: localhost\r\nContent-Length: " + body.length() + "\r\n\r\n" + body).getBytes(StandardCharsets.US_ASCII);
  }

  private void fill() throws Exception {
    var left = new AtomicLong((long) (GIGABYTES * 1e9 / FILLED_SIZE / BATCH));
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(MAX_MINUTES);
    var fillers = new ArrayList<Thread>();
    for (int i = 0; i < FILLERS; i++) {
      int port = HTTP + i % NODES;
      fillers.add(new Thread(() -> fill(port, left, deadline)));
    }
    fillers.forEach(Thread::start);
    for (Thread filler : fillers) {
      filler.join();
    }
    if (left.get() > 0) {
      throw new IOException(left + " batches were not published");
    }
  }

  /** Repeats what was refused while there was no room for it. */
  private static void fill(int port, AtomicLong left, long deadline) {
    byte[] request = request(FILLED_SIZE, BATCH);
    while (left.get() > 0 && deadline - System.nanoTime() > 0) {
      try (var socket = new Socket("127.0.0.1", port)) {
        while (left.get() > 0) {
          socket.getOutputStream().write(request);
          HubProcesses.skipAnswer(socket.getInputStream());
          left.decrementAndGet();
        }
      } catch (IOException e) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
      }
    }
  }

  /** Until the new node, which answers no HTTP before it has a vote, prints that it waits for one. */
  private void awaitFetched() throws Exception {
    int end = MAX_MINUTES * 60;
    String printed = "";
    for (int second = 0; second < end; second++) {
      printed = Files.readString(output());
      if (printed.contains("`tidings cluster voters`")) {
        return;
      }
      if (!processes.get(NODES).isAlive()) {
        break;
      }
      TimeUnit.SECONDS.sleep(1);
    }
    throw new IOException("the new node did not fetch the log: " + printed);
  }

  private Path output() {
    return directory.resolve("output");
  }

  /** Puts the new node in the place of the third one, by the first one. */
  private void changeVoters() throws Exception {
    var command = List.of(HubProcesses.launcher(), "cluster", "voters", "--url", "http://127.0.0.1:" + HTTP, "127.0.0.1:" + CLUSTER, "127.0.0.1:" + (CLUSTER + 1), "127.0.0.1:" + (CLUSTER + NODES));
    Process process = HubProcesses.start(command, Redirect.to(directory.resolve("voters").toFile()));
    if (process.waitFor() != 0) {
      throw new IOException("voters: " + Files.readString(directory.resolve("voters")));
    }
    HubProcesses.awaitReady(HTTP + NODES);
  }
}
