package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Law 7: a hub with little memory, and everything at once that needs memory. No event is lost, no
 * client that reads is disconnected, and every publication is answered. {@code make soak} runs it
 * for five minutes and prints measurements, which are not asserted.
 */
class SoakIT {
  private static final int SECONDS = Integer.getInteger("soak.seconds", 60);
  private static final int USERS = Integer.getInteger("soak.users", 10_000);
  private static final int SLOW = Integer.getInteger("soak.slow", 1_000);
  private static final int POLLS_A_SECOND = Integer.getInteger("soak.polls", 4_800);
  private static final int CONNECTIONS_A_SECOND = 100;

  /** Further options of the hub's JVM: {@code make soak ARGS=-Dsoak.jvm=-XX:+UseSerialGC}. */
  private static final List<String> JVM_OPTIONS =
      Pattern.compile(" ")
          .splitAsStream(System.getProperty("soak.jvm", ""))
          .filter(option -> !option.isEmpty())
          .toList();

  /** What is published before the load begins, to compare with. */
  private static final int QUIET_EVENTS = 160;

  private static final Duration SHOW_EVERY = Duration.ofSeconds(10);
  private static final Duration RETRY_DELAY = Duration.ofMillis(100);
  private static final String LONG = "x".repeat(1_000);

  private final List<String> problems = new CopyOnWriteArrayList<>();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicInteger polls = new AtomicInteger();
  private final long[] sentAt = new long[1 << 20];
  private final AtomicInteger good = new AtomicInteger();
  private final List<long[]> delays = new ArrayList<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private volatile boolean over;
  private int port;

  /** For {@code make soak}. */
  public static void main(String[] arguments) throws Exception {
    new SoakIT().aHubWithLittleMemoryServesAllOfThemAtOnce();
  }

  @Test
  void aHubWithLittleMemoryServesAllOfThemAtOnce() throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    var options = new ArrayList<>(List.of("-Xmx128m", "-XX:MaxDirectMemorySize=24m"));
    options.addAll(JVM_OPTIONS);
    try (var hub =
            JarProcess.startOn(java, options, "--port", "0", "--set", "producer.keyboard=off");
        var swarm = new Swarm(port = hub.port())) {
      List<AtomicInteger> users = numbers(USERS);
      List<Swarm.Stream> userStreams = new ArrayList<>();
      for (int i = 0; i < USERS; i++) {
        userStreams.add(swarm.open("/events/user." + i, 0));
      }
      List<Swarm.Stream> many = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        many.add(swarm.open("/events/" + longTopic(i), 0));
      }
      Swarm.Stream bulkReader = swarm.open("/events/bulk", 0);
      List<Swarm.Stream> goodReaders = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        goodReaders.add(swarm.open("/events/good", 0));
        goodReaders.get(i).onEvent(this::arrived);
      }
      Wait.until(
          "all streams are open",
          () -> userStreams.stream().allMatch(Swarm.Stream::isOpen) && bulkReader.isOpen());
      var threads = new ArrayList<Thread>();
      threads.add(start("good", () -> every(20, n -> publishGood())));
      Wait.until(QUIET_EVENTS + " events are taken", () -> good.get() >= QUIET_EVENTS);
      show("quiet", hub);

      var bulk = new AtomicInteger();
      threads.add(start("bulk", () -> every(20, n -> publishBulk(bulk, n))));
      threads.add(start("users", () -> every(10, n -> publishUsers(users, n))));
      var multi = new AtomicInteger();
      threads.add(start("multi", () -> every(5, n -> publishMany(multi))));
      for (int i = 0; i < 4; i++) {
        threads.add(start("poll", this::poll));
      }
      threads.add(start("connect", () -> every(CONNECTIONS_A_SECOND, n -> connect())));
      List<Swarm.Stream> slow = new ArrayList<>();
      for (int i = 0; i < SLOW; i++) {
        slow.add(swarm.open("/events/bulk?last_event_id=earliest", 500 + 3 * i));
        if (i % 100 == 99) {
          int position = bulk.get();
          Wait.until("the log moves on between the slow", () -> bulk.get() >= position + 5);
        }
      }
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
      while (System.nanoTime() < end) {
        Pacing.pause(SHOW_EVERY);
        show("load", hub);
        long now = System.nanoTime();
        long still =
            slow.stream()
                .filter(one -> now - one.lastMoved() > TimeUnit.SECONDS.toNanos(30))
                .count();
        System.out.println(
            "slow readers that did not move for 30 s: "
                + still
                + ", refused "
                + refused
                + ", polls "
                + polls
                + ", problems "
                + swarm.problems().size()
                + "/"
                + problems.size());
      }
      over = true;
      for (Thread thread : threads) {
        thread.join(30_000);
      }
      connection.set(new Connection(port));
      int before = good.get();
      Wait.until(
          "it is taken as before",
          () -> {
            publishGood();
            return good.get() > before;
          });
      Wait.until(
          Duration.ofMinutes(3), // the machine may be busy
          () -> "all streams have received the last event",
          () ->
              bulkReader.newest() == bulk.get() - 1
                  && goodReaders.stream().allMatch(one -> one.newest() == good.get() - 1)
                  && many.stream().allMatch(one -> one.newest() == multi.get() - 1)
                  && all(userStreams, users));
      show("end", hub);
      metrics()
          .lines()
          .filter(line -> line.startsWith("tidings_streams_closed_total"))
          .forEach(System.out::println);
      assertEquals(List.of(), problems);
      assertEquals(List.of(), swarm.problems());
      assertTrue(slow.stream().allMatch(one -> one.bytes() > 0), "all slow ones got something");
      long dropped = System.nanoTime();
      double open = value(metrics(), "tidings_streams .*");
      swarm.close();
      Wait.until("no stream is left", () -> value(metrics(), "tidings_streams .*") == 0);
      System.out.printf(
          "%.0f streams closed at once are released in %d ms%n",
          open, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - dropped));
      hub.terminate();
      hub.exitCode();
      List<String> output = new ArrayList<>(hub.output());
      output.addAll(hub.errors());
      assertEquals(
          List.of(), output.stream().filter(line -> line.contains("OutOfMemory")).toList());
    }
  }

  private static boolean all(List<Swarm.Stream> streams, List<AtomicInteger> numbers) {
    for (int i = 0; i < streams.size(); i++) {
      if (streams.get(i).newest() != numbers.get(i).get() - 1) {
        return false;
      }
    }
    return true;
  }

  private static List<AtomicInteger> numbers(int count) {
    var numbers = new ArrayList<AtomicInteger>();
    for (int i = 0; i < count; i++) {
      numbers.add(new AtomicInteger());
    }
    return numbers;
  }

  private static String longTopic(int number) {
    return "m" + number + "." + LONG;
  }

  private interface Action {
    void run() throws Exception;
  }

  private Thread start(String name, Action action) {
    var thread =
        new Thread(
            () -> {
              try {
                action.run();
              } catch (Exception e) {
                problems.add(name + ": " + e);
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private final ThreadLocal<Connection> connection = new ThreadLocal<>();

  private void every(int timesASecond, IntConsumer action) throws Exception {
    connection.set(new Connection(port));
    Pacing pace = Pacing.of(Duration.ofSeconds(1).dividedBy(timesASecond), Duration.ZERO);
    for (int n = 0; !over; n++) {
      action.accept(n);
      pace.next();
    }
  }

  private void publishGood() {
    int number = good.get();
    sentAt[number] = System.nanoTime();
    if (publish(event("\"good\"", "good", number, 100))) {
      good.incrementAndGet();
    }
  }

  private void publishBulk(AtomicInteger bulk, int n) {
    int bytes = n % 20 == 0 ? 1_000_000 : 16_000;
    if (publish(event("\"bulk\"", "bulk", bulk.get(), bytes))) {
      bulk.incrementAndGet();
    }
  }

  private void publishUsers(List<AtomicInteger> users, int n) {
    var batch = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      int user = (n * 200 + i) % USERS;
      batch.append(event("\"user." + user + '"', "u", users.get(user).get(), 200));
    }
    if (publish(batch.toString())) {
      for (int i = 0; i < 200; i++) {
        users.get((n * 200 + i) % USERS).incrementAndGet();
      }
    }
  }

  private void publishMany(AtomicInteger multi) {
    var topics = new StringBuilder("[");
    for (int i = 0; i < 100; i++) {
      topics.append(i == 0 ? "\"" : ",\"").append(longTopic(i)).append('"');
    }
    if (publish(event(topics.append(']').toString(), "many", multi.get(), 100))) {
      multi.incrementAndGet();
    }
  }

  private static String event(String topic, String name, int number, int bytes) {
    String head = name + " " + number + " " + bytes + " ";
    return "{\"topic\":"
        + topic
        + ",\"data\":\""
        + head
        + "x".repeat(bytes - head.length())
        + "\"}\n";
  }

  /**
   * Publishes until it is acknowledged; a refusal must have Retry-After.
   *
   * @return false if the test ended before that
   */
  private boolean publish(String batch) {
    byte[] body = batch.getBytes(StandardCharsets.UTF_8);
    try {
      String key = java.util.UUID.randomUUID().toString();
      do {
        String head =
            connection
                .get()
                .ask(
                    "POST /events HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: "
                        + key
                        + "\r\nContent-Length: "
                        + body.length
                        + "\r\n\r\n",
                    body);
        if (head.startsWith("HTTP/1.1 200")) {
          return true;
        }
        refused.incrementAndGet();
        if (!head.startsWith("HTTP/1.1 503") || !head.toLowerCase().contains("retry-after")) {
          problems.add("publish: " + head);
          return false;
        }
        Pacing.pause(RETRY_DELAY);
      } while (!over);
    } catch (IOException e) {
      problems.add("publish: " + e);
      over = true;
    }
    return false;
  }

  private void poll() throws Exception {
    try (var polling = new Connection(port)) {
      Pacing pace =
          Pacing.of(
              Duration.ofSeconds(4).dividedBy(POLLS_A_SECOND), // of four threads
              Duration.ofMillis(100));
      for (int n = 0; !over; n++) {
        String head =
            polling.ask(
                "GET /events?topic=poll."
                    + n
                    + "&topic=shared&wait=0 HTTP/1.1\r\nHost: localhost\r\n"
                    + "Accept: application/json\r\n\r\n",
                new byte[0]);
        if (!head.startsWith("HTTP/1.1 200")) {
          refused.incrementAndGet();
        }
        polls.incrementAndGet();
        pace.next();
      }
    }
  }

  private void connect() {
    try (var socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(15_000);
      socket
          .getOutputStream()
          .write("GET /events/shared HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes());
      if (socket.getInputStream().read() < 0) {
        problems.add("connect: nothing came");
      }
    } catch (IOException e) {
      problems.add("connect: " + e);
    }
  }

  private void arrived(int number) {
    synchronized (delays) {
      delays.add(new long[] {System.nanoTime() - sentAt[number]});
    }
  }

  private void show(String phase, JarProcess hub) throws Exception {
    long[] sorted;
    synchronized (delays) {
      sorted = delays.stream().mapToLong(one -> one[0]).sorted().toArray();
      delays.clear();
    }
    String metrics = metrics();
    System.out.printf(
        "%s: good readers' p50 %.1f ms, p99 %.1f ms of %d; heap %.0f MiB, direct %.1f MiB, streams %.0f, lagging %.0f%n",
        phase,
        at(sorted, 0.5),
        at(sorted, 0.99),
        sorted.length,
        value(metrics, "jvm_memory_used_bytes\\{area=\"heap\".*") / (1 << 20),
        value(metrics, "jvm_buffer_memory_used_bytes\\{id=\"direct\".*") / (1 << 20),
        value(metrics, "tidings_streams .*"),
        value(metrics, "tidings_streams_lagging .*"));
    System.out.println(
        metrics
            .lines()
            .filter(line -> line.startsWith("tidings_memory_used"))
            .map(line -> line.replaceAll(".*share=\"(.*)\"} (.*)", "$1 $2"))
            .collect(Collectors.joining(", ", "  bytes: ", "")));
  }

  private static double at(long[] sorted, double quantile) {
    return sorted.length == 0
        ? Double.NaN
        : sorted[(int) Math.min(sorted.length - 1L, (long) (quantile * sorted.length))] / 1e6;
  }

  private static double value(String metrics, String pattern) {
    var line = Pattern.compile(pattern);
    return metrics
        .lines()
        .filter(text -> line.matcher(text).matches())
        .mapToDouble(text -> Double.parseDouble(text.substring(text.lastIndexOf(' ') + 1)))
        .sum();
  }

  private String metrics() {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
            .timeout(Duration.ofSeconds(20)); // a hub that hangs fails the test
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString()).body();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** A connection for one request after the other. */
  private static final class Connection implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    Connection(int port) throws IOException {
      socket = new Socket("127.0.0.1", port);
      socket.setSoTimeout(30_000);
      socket.setTcpNoDelay(true);
      in = new java.io.BufferedInputStream(socket.getInputStream());
    }

    /** Returns the head of the response; the body is discarded. */
    String ask(String head, byte[] body) throws IOException {
      byte[] start = head.getBytes(StandardCharsets.US_ASCII);
      byte[] all = Arrays.copyOf(start, start.length + body.length);
      System.arraycopy(body, 0, all, start.length, body.length);
      socket.getOutputStream().write(all);
      var answer = new ByteArrayOutputStream();
      while (!answer.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
        int b = in.read();
        if (b < 0) {
          throw new IOException("the connection was lost after " + answer);
        }
        answer.write(b);
      }
      String text = answer.toString(StandardCharsets.ISO_8859_1);
      var length = Pattern.compile("(?i)content-length: (\\d+)").matcher(text);
      in.readNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0);
      return text;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
