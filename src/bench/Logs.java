import io.tidings.event.Event;
import io.tidings.log.CommitLimits;
import io.tidings.log.EventLog;
import io.tidings.log.Retention;
import io.tidings.log.StandaloneLog;
import io.tidings.log.disk.DiskLog;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Measures the logs alone, without HTTP: batches of 100 events of 300 bytes into a log in memory, into one on disk as its settings have it,
 * and into Redis Streams (XADD in pipelines of 100, AOF everysec) where redis-server is installed. Run by {@code make bench}, with the
 * jar as class path; prints a table.
 */
public final class Logs {
  private static final int BATCH = 100;
  private static final int BYTES = 300;
  private static final int IN_FLIGHT = 32;
  private static final int SECONDS = 3;

  /** Entries, of the log that is measured. */
  private static final AtomicLong ACKNOWLEDGED = new AtomicLong();

  private static final AtomicLong REFUSED = new AtomicLong();
  private static final Path WORK = Path.of("target/bench/logs");

  private Logs() {}

  public static void main(String[] arguments) throws Exception {
    delete();
    Files.createDirectories(WORK);
    System.out.println("| batches of 100 events of 300 bytes | events a second | p99.9 of a batch at 100,000 a second |");
    System.out.println("| --- | ---: | ---: |");
    row("in memory", StandaloneLog.inMemory(new Retention(64 << 20, Duration.ZERO, 0), CommitLimits.of(Duration.ZERO, Duration.ofSeconds(10)), InstantSource.system(), new Metrics()));
    for (String sync : List.of("os", "100ms", "batch")) {
      row("on disk, log.sync: " + sync, disk(sync));
    }
    if (Files.isExecutable(Path.of("/usr/bin/redis-server"))) {
      redis();
    } else {
      System.out.println("| Redis Streams: not installed | | |");
    }
    delete();
  }

  private static EventLog disk(String sync) throws IOException {
    Map<String, Object> settings = Map.of("log.dir", WORK.resolve(sync).toString(), "log.sync", sync);
    return DiskLog.open(Settings.of(settings).log(), InstantSource.system(), new Metrics());
  }

  private static void row(String name, EventLog log) throws Exception {
    List<Event> batch = batch();
    long before = log.bounds().newest();
    throughput(log, batch); // warm
    double perSecond = throughput(log, batch);
    double millis = latency(log, batch);
    long appended = log.bounds().newest() - before;
    if (REFUSED.get() > 0 || appended != ACKNOWLEDGED.getAndSet(0)) {
      throw new IllegalStateException(name + ": the log has " + appended + " entries more, which is not what it acknowledged, or it refused some: " + REFUSED);
    }
    log.close().toCompletionStage().toCompletableFuture().get();
    print(name, perSecond, millis);
  }

  private static void print(String name, double perSecond, double millis) {
    System.out.printf(Locale.ROOT, "| %s | %,.0f | %.2f ms |%n", name, perSecond, millis);
  }

  private static List<Event> batch() {
    return Stream.generate(() -> Event.of("topic" + (int) (Math.random() * 100), "x".repeat(BYTES))).limit(BATCH).toList();
  }

  private static double throughput(EventLog log, List<Event> batch) throws InterruptedException {
    var room = new Semaphore(IN_FLIGHT);
    long begin = System.nanoTime();
    long end = begin + TimeUnit.SECONDS.toNanos(SECONDS);
    long batches = 0;
    while (System.nanoTime() < end) {
      room.acquire();
      append(log, batch, room::release);
      batches++;
    }
    room.acquire(IN_FLIGHT);
    return batches * BATCH * 1e9 / (System.nanoTime() - begin);
  }

  private static void append(EventLog log, List<Event> batch, Runnable done) {
    log.append(batch)
        .onComplete(
            answer -> {
              (answer.succeeded() ? ACKNOWLEDGED : REFUSED).addAndGet(BATCH);
              done.run();
            });
  }

  /** From when the batch was due to its answer, in milliseconds. */
  private static double latency(EventLog log, List<Event> batch) throws InterruptedException {
    int count = 1_000 * SECONDS;
    var latencies = new long[count];
    var room = new Semaphore(0);
    long begin = System.nanoTime();
    for (int i = 0; i < count; i++) {
      int index = i;
      long due = begin + i * 1_000_000L;
      await(due);
      append(
          log,
          batch,
          () -> {
            latencies[index] = System.nanoTime() - due;
            room.release();
          });
    }
    room.acquire(count);
    return percentile(latencies);
  }

  private static void await(long due) {
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      LockSupport.parkNanos(left); // not spinning: the log's threads want the processors
    }
  }

  private static double percentile(long[] latencies) {
    Arrays.sort(latencies);
    return latencies[(int) (latencies.length * 0.999)] / 1e6;
  }

  // ---- Redis

  private static void redis() throws Exception {
    int port;
    try (var free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Process server =
        new ProcessBuilder("/usr/bin/redis-server", "--port", "" + port, "--bind", "127.0.0.1", "--dir", WORK.toAbsolutePath().toString(), "--save", "", "--appendonly", "yes", "--appendfsync", "everysec")
            .redirectErrorStream(true)
            .redirectOutput(WORK.resolve("redis.log").toFile())
            .start();
    try (Socket socket = connect(port)) {
      var out = new BufferedOutputStream(socket.getOutputStream(), 1 << 17);
      var in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream(), 1 << 16));
      byte[] pipeline = pipeline();
      redisThroughput(out, in, pipeline);
      double perSecond = redisThroughput(out, in, pipeline);
      print("Redis Streams, XADD in pipelines, AOF everysec", perSecond, redisLatency(out, in, pipeline));
    } finally {
      server.destroy();
      server.waitFor();
    }
  }

  private static Socket connect(int port) throws Exception {
    for (int i = 0; ; i++) {
      try {
        var socket = new Socket("127.0.0.1", port);
        socket.setTcpNoDelay(true);
        return socket;
      } catch (IOException e) {
        if (i == 100) {
          throw e;
        }
        Thread.sleep(50);
      }
    }
  }

  private static byte[] pipeline() {
    String data = "x".repeat(BYTES);
    var words = List.of("XADD", "log", "MAXLEN", "~", "1000000", "*", "t", "topic7", "d", data);
    String command = "*" + words.size() + "\r\n" + words.stream().map(word -> "$" + word.length() + "\r\n" + word + "\r\n").collect(Collectors.joining());
    return command.repeat(BATCH).getBytes(StandardCharsets.US_ASCII);
  }

  private static double redisThroughput(OutputStream out, DataInputStream in, byte[] pipeline) throws Exception {
    long begin = System.nanoTime();
    long end = begin + TimeUnit.SECONDS.toNanos(SECONDS);
    long batches = 0;
    int inFlight = 0;
    while (System.nanoTime() < end) {
      out.write(pipeline);
      out.flush();
      batches++;
      if (++inFlight == IN_FLIGHT) {
        readAnswers(in);
        inFlight--;
      }
    }
    for (; inFlight > 0; inFlight--) {
      readAnswers(in);
    }
    return batches * BATCH * 1e9 / (System.nanoTime() - begin);
  }

  private static double redisLatency(OutputStream out, DataInputStream in, byte[] pipeline) throws Exception {
    int count = 1_000 * SECONDS;
    var latencies = new long[count];
    long begin = System.nanoTime();
    var reader =
        new Thread(
            () -> {
              try {
                for (int i = 0; i < count; i++) {
                  readAnswers(in);
                  latencies[i] = System.nanoTime() - (begin + i * 1_000_000L);
                }
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    reader.start();
    for (int i = 0; i < count; i++) {
      await(begin + i * 1_000_000L);
      out.write(pipeline);
      out.flush();
    }
    reader.join();
    return percentile(latencies);
  }

  /** The answers to one pipeline: bulk strings, each with a length. */
  private static void readAnswers(DataInputStream in) throws IOException {
    for (int i = 0; i < BATCH; i++) {
      if (in.read() != '$') {
        throw new IOException("Redis refused");
      }
      int length = 0;
      for (int c = in.read(); c != '\r'; c = in.read()) {
        length = length * 10 + c - '0';
      }
      in.skipNBytes(length + 3);
    }
  }

  private static void delete() throws IOException {
    if (Files.exists(WORK)) {
      try (Stream<Path> files = Files.walk(WORK)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }
}
