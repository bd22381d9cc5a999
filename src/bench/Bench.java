import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Measures the hub beside nginx with Nchan, beside a bare C loop of send(), and its logs beside Redis Streams, in one run, and writes the tables into docs/speed.md. Run
 * by {@code make bench}, which builds what it needs; a peer that is not there is left out, and the table says so.
 *
 * <p>Machines are shared and noisy: each case is measured in several rounds, one server after the other in each, the medians are
 * shown, and what counts are the ratios.
 */
public final class Bench {
  /** Only tries each case for a moment, and writes nothing: what it prints are no figures. */
  private static final boolean QUICK = Boolean.getBoolean("quick");

  private static final int ROUNDS = QUICK ? 1 : Integer.getInteger("rounds", 2);
  private static final int BATCH = 500;
  private static final int PUBLISHERS = 2;
  private static final int MAX_AHEAD = 50_000;
  private static final int HUB_PORT = 18_931;
  private static final int NCHAN_PORT = 8_090; // as nchan.conf has it
  private static final int FLOOR_PORT = 18_932;
  private static final Path WORK = Path.of("target/bench");
  private static final Path REPORT = Path.of("docs/speed.md");
  private static final String BEGIN = "<!-- bench: written by make bench -->\n";
  private static final String END = "<!-- end of bench -->\n";

  /** What is measured: the arguments of sseload, which figure counts, and whether more of it is better. */
  private record Case(String name, String arguments, String figure, String unit, boolean more, boolean floor) {}

  private static final String MANY = "--subs 10000 ";
  private static final String TOPICS = MANY + "--topics 1000 --npub 8 --seconds 4 ";

  /** Load of every server. A case without arguments is another figure of the case before. */
  private static final List<Case> LOADS =
      List.of(
          new Case("1,000 streams of one topic, window 64: deliveries a second", "--subs 1000 --window 64 --npub 4 --seconds 4 --warm 5", "deliver_per_s", "", true, true),
          new Case("the same, window 8", "--subs 1000 --window 8 --npub 4 --seconds 4 --warm 2", "deliver_per_s", "", true, true),
          new Case("1,000 streams, 100 events a second: server CPU a delivery", "--subs 1000 --rate 100 --npub 4 --seconds 5 --warm 2", "cpu_us_per_delivery", "us", false, true),
          new Case("the same: p99 from publish to receipt", "", "p99_ms", "ms", false, true),
          new Case("10,000 streams of one topic, 5 events a second: p99", MANY + "--rate 5 --npub 1 --seconds 5 --warm 3", "p99_ms", "ms", false, false),
          new Case("the same: server CPU a delivery", "", "cpu_us_per_delivery", "us", false, false),
          new Case("10,000 streams on 1,000 topics, window 64: publishes a second", TOPICS + "--window 64 --warm 8", "pub_per_s", "", true, false),
          new Case("in that case: p50 from publish to receipt", "", "p50_ms", "ms", false, false),
          new Case("in that case: p99", "", "p99_ms", "ms", false, false),
          new Case("in that case: server CPU a delivery", "", "cpu_us_per_delivery", "us", false, false),
          new Case("10,000 streams on 1,000 topics, 3,000 events a second: p50", TOPICS + "--rate 3000 --warm 2", "p50_ms", "ms", false, false),
          new Case("at that rate: p99", "", "p99_ms", "ms", false, false),
          new Case("at that rate: server CPU a delivery", "", "cpu_us_per_delivery", "us", false, false));

  private static final Case CONNECTING = new Case("connecting 10,000 streams to a server just started", MANY + "--idle", "connect_s", "s", false, false);
  private static final Case RESIDENT = new Case("resident memory with 10,000 idle streams, as `make run` starts it", "", "rss1_mb", "MB", false, false);
  private static final Case CONNECTING_AGAIN = new Case("connecting 10,000 streams for the third time", "", "connect_s", "s", false, false);

  private static final long STARTED = System.nanoTime();

  /** What peers lost, in sentences. */
  private static final Set<String> INCOMPLETE = new LinkedHashSet<>();

  private Bench() {}

  public static void main(String[] arguments) throws Exception {
    Files.createDirectories(WORK);
    Map<Case, Map<String, List<Double>>> results = new LinkedHashMap<>();
    LOADS.forEach(one -> results.put(one, new LinkedHashMap<>()));
    List.of(CONNECTING, RESIDENT, CONNECTING_AGAIN).forEach(one -> results.put(one, new LinkedHashMap<>()));
    var heap = new ArrayList<Double>();
    var batch = new ArrayList<Double>();
    for (int round = 1; round <= ROUNDS; round++) {
      System.out.println("round " + round + " of " + ROUNDS);
      try (Server hub = hub()) {
        measure(hub, results);
        batch.add(batch(hub));
      }
      try (Server hub = hubAsMakeRunStartsIt()) {
        idle(hub, results);
      }
      try (Server hub = hub()) {
        heap.add(heapOfIdleStream(hub));
      }
      try (Server floor = floor()) {
        measure(floor, results);
      }
      if (nchanIsHere()) {
        try (Server nchan = nchan()) {
          measure(nchan, results);
        }
        try (Server nchan = nchan()) {
          idle(nchan, results);
        }
      }
      tellTime("so far");
    }
    var table = new StringBuilder(table(results, median(heap), median(batch)) + String.join("", INCOMPLETE));
    int shown = 0; // what was measured is shown also if a later part fails
    for (Callable<String> part : List.<Callable<String>>of(() -> "\n" + readers(), Bench::storm, Bench::drop, () -> "\n" + rows("Logs"), () -> "\n" + rows("Nodes"))) {
      System.out.println(table.substring(shown));
      shown = table.length();
      table.append(part.call());
      tellTime("so far");
    }
    System.out.println(table.substring(shown));
    if (!QUICK) {
      write(table.toString());
    }
    tellTime("all of it");
  }

  private static void tellTime(String what) {
    System.out.printf(Locale.ROOT, "%s took %.1f minutes%n", what, (System.nanoTime() - STARTED) / 60e9);
  }

  // ---- the servers

  /** A process that listens; sub and pub are its paths as sseload wants them. */
  private record Server(String name, Process process, int port, String sub, String pub) implements AutoCloseable {
    String pids() {
      var pids = new ArrayList<String>(List.of("" + process.pid()));
      process.descendants().forEach(child -> pids.add("" + child.pid()));
      return String.join(",", pids);
    }

    @Override
    public void close() {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
      try {
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
          process.destroyForcibly().waitFor();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static Server hub(String... settings) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return hub(List.of(java, "-jar", Path.of("target/tidings.jar").toAbsolutePath().toString()), settings);
  }

  private static Server hubAsMakeRunStartsIt() throws IOException {
    return hub(List.of(Path.of("target/tidings").toAbsolutePath().toString()));
  }

  private static Server hub(List<String> java, String... settings) throws IOException {
    checkFree(HUB_PORT);
    deleteLog(WORK.resolve("in-hub/data"));
    // as a user starts it, but without the clock, whose events would come in between
    var command = new ArrayList<>(java);
    command.addAll(List.of("--port", "" + HUB_PORT, "--set", "producer.clock=off"));
    // all load comes from one address
    command.addAll(List.of("--set", "limits.client.publishes=0", "--set", "limits.client.bytes=0"));
    command.addAll(List.of(settings));
    Process process = start("hub", command.toArray(String[]::new));
    return listening(new Server("Tidings", process, HUB_PORT, "/events/t%d", "/events/t%d"));
  }

  /** Each hub begins with an empty log. */
  private static void deleteLog(Path log) throws IOException {
    if (Files.exists(log)) {
      try (Stream<Path> files = Files.list(log)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static boolean nchanIsHere() {
    boolean here = Files.exists(Path.of("/usr/lib/nginx/modules/ngx_nchan_module.so"));
    if (!here) {
      System.out.println("left out: Nchan is not installed");
    }
    return here;
  }

  private static Server nchan() throws IOException {
    checkFree(NCHAN_PORT);
    Process process = start("nchan", "nginx", "-c", Path.of("src/bench/nchan.conf").toAbsolutePath().toString());
    return listening(new Server("Nchan", process, NCHAN_PORT, "/events/%d", "/pub/%d"));
  }

  private static Server floor() throws IOException {
    checkFree(FLOOR_PORT);
    Process process = start("floor", WORK.resolve("floor").toAbsolutePath().toString(), "" + FLOOR_PORT);
    return listening(new Server("floor", process, FLOOR_PORT, "/%d", "/%d"));
  }

  /** Another server on the port would take half of the streams. */
  private static void checkFree(int port) throws IOException {
    try (var probe = new Socket("127.0.0.1", port)) {
      throw new IllegalStateException("another process listens on port " + port);
    } catch (java.net.ConnectException free) {
      // it is free
    }
  }

  private static Process start(String name, String... command) throws IOException {
    return new ProcessBuilder(command)
        .directory(Files.createDirectories(WORK.resolve("in-" + name)).toFile())
        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
        .redirectErrorStream(true)
        .redirectOutput(WORK.resolve(name + ".log").toFile())
        .start();
  }

  private static Server listening(Server server) throws IOException {
    for (int i = 0; i < 200; i++) {
      try (var probe = new Socket("127.0.0.1", server.port)) {
        return server;
      } catch (IOException notYet) {
        pause(50);
      }
    }
    throw new IOException(server.name + " does not listen: " + Files.readString(WORK.resolve(server.name + ".log")));
  }

  // ---- the measurements

  private static void measure(Server server, Map<Case, Map<String, List<Double>>> results) throws Exception {
    String output = "";
    for (Case one : LOADS) {
      if (server.name.equals("floor") && !one.floor) {
        continue;
      }
      if (!one.arguments.isEmpty()) {
        output = load(server, one.arguments);
      }
      note(results, one, server, figure(output, one.figure));
    }
  }

  private static void idle(Server server, Map<Case, Map<String, List<Double>>> results) throws Exception {
    String output = load(server, CONNECTING.arguments);
    note(results, CONNECTING, server, figure(output, CONNECTING.figure));
    note(results, RESIDENT, server, figure(output, RESIDENT.figure));
    load(server, CONNECTING.arguments);
    output = load(server, CONNECTING.arguments);
    note(results, CONNECTING_AGAIN, server, figure(output, CONNECTING_AGAIN.figure));
  }

  private static String load(Server server, String arguments) throws Exception {
    var command = new ArrayList<String>(List.of(WORK.resolve("sseload").toString(), "--port", "" + server.port, "--sub", server.sub, "--pub", server.pub, "--pid", server.pids(), "--label", server.name));
    command.addAll(List.of(QUICK ? arguments.replaceAll("--(seconds|warm) \\d+", "--$1 1").split(" ") : arguments.split(" ")));
    Process load = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output = new String(load.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (load.waitFor() != 0) {
      throw new IOException("sseload failed: " + String.join(" ", command));
    }
    System.out.println(output);
    check(server, arguments, output);
    pause(500);
    return output;
  }

  /**
   * Compares what was acknowledged with what was received, by all streams and to the last event. The hub must lose nothing;
   * the table names a peer that does.
   */
  private static void check(Server server, String arguments, String output) {
    String missed = "";
    if (arguments.contains("--idle")) {
      missed = figure(output, "subs") < 10_000 ? "opened only %.0f streams".formatted(figure(output, "subs")) : "";
    } else if (figure(output, "delivered_all") != figure(output, "expected_all") || figure(output, "pub_errors") > 0 || figure(output, "closed") > 0) {
      missed =
          String.format(
              Locale.ROOT,
              "of %,.0f events published, %.0f of them refused, %,.0f deliveries were due and %,.0f received; %.0f streams were closed",
              figure(output, "published_all"), figure(output, "pub_errors"), figure(output, "expected_all"), figure(output, "delivered_all"), figure(output, "closed"));
    }
    if (missed.isEmpty()) {
      return;
    }
    if (server.name.equals("Tidings")) {
      throw new IllegalStateException("the hub with " + arguments + ": " + missed);
    }
    INCOMPLETE.add("- " + server.name + " with `" + arguments.strip() + "`: " + missed + "\n");
  }

  private static double figure(String json, String name) {
    Matcher figure = Pattern.compile("\"" + name + "\":([0-9.]+)").matcher(json);
    if (!figure.find()) {
      throw new IllegalStateException(name + " is not in " + json);
    }
    return Double.parseDouble(figure.group(1));
  }

  /** Events a second that are published in batches of 500 on two connections, appended, and received by one stream. */
  private static double batch(Server hub) throws Exception {
    int batches = QUICK ? 400 : 4_000;
    var line = "{\"topic\":\"batch\",\"data\":\"" + "x".repeat(100) + "\"}\n";
    byte[] body = line.repeat(BATCH).getBytes(StandardCharsets.US_ASCII);
    byte[] head = ("POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    var received = new Received();
    try (var stream = new EventStream(hub.port, "/events/batch", 30_000)) {
      for (int warm = 0; warm < 3; warm++) {
        received(stream, received, hub.port, head, body, batches / 2);
      }
      long perSecond = received(stream, received, hub.port, head, body, batches);
      System.out.println("{\"label\":\"batch\",\"events_per_s\":" + perSecond + "}");
      return perSecond;
    }
  }

  /** Publishes, reads until all of it was received, and returns how many events a second that was. */
  private static long received(EventStream stream, Received received, int port, byte[] head, byte[] body, int batches) throws IOException {
    var ahead = new AtomicLong();
    var publishers = new ArrayList<Thread>();
    for (int p = 0; p < PUBLISHERS; p++) {
      publishers.add(new Thread(() -> publish(port, head, body, batches / PUBLISHERS, ahead)));
    }
    long events = (long) BATCH * batches;
    long begin = System.nanoTime();
    publishers.forEach(Thread::start);
    for (long left = events; left > 0; ) {
      long before = received.events;
      stream.read(received);
      left -= received.events - before;
      ahead.addAndGet(before - received.events);
    }
    return events * 1_000_000_000L / (System.nanoTime() - begin);
  }

  /** Counts events, whose offsets must follow one another: none is missing, and none comes twice. */
  private static final class Received implements EventStream.Lines {
    private long events;
    private long last = -1;
    private long offset = -1;
    private boolean data;
    private boolean own;

    @Override
    public void line(byte[] bytes, int from, int length) throws IOException {
      if (EventStream.begins(bytes, from, length, "id: ")) {
        offset = offset(bytes, from, from + length);
      } else if (EventStream.begins(bytes, from, length, "data: ")) {
        data = true;
      } else if (EventStream.begins(bytes, from, length, "event: hub.")) {
        own = true;
      } else if (length == 0 && own) { // the hub's own block
        own = false;
        data = false;
      } else if (length == 0 && data) {
        if (last >= 0 && offset != last + 1) {
          throw new IOException("after the event at " + last + " came that at " + offset);
        }
        last = offset;
        data = false;
        events++;
      }
    }

    /** What is behind the tilde of an id, to the base of 36. */
    private static long offset(byte[] bytes, int from, int to) {
      int i = from;
      while (bytes[i++] != '~') {}
      long offset = 0;
      for (; i < to; i++) {
        offset = offset * 36 + Character.digit(bytes[i], 36);
      }
      return offset;
    }
  }

  /** Publishes, but never so far ahead of the stream that retention removes what the stream has not received. */
  private static void publish(int port, byte[] head, byte[] body, int batches, AtomicLong ahead) {
    try (var socket = new Socket("127.0.0.1", port)) {
      InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
      OutputStream out = socket.getOutputStream();
      socket.setTcpNoDelay(true); // or head and body wait for each other
      for (int i = 0; i < batches; i++) {
        while (ahead.get() > MAX_AHEAD) {
          Thread.onSpinWait();
        }
        ahead.addAndGet(BATCH);
        out.write(head);
        out.write(body);
        skipAnswer(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void skipAnswer(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
      head.append((char) in.read());
    }
    Matcher length = Pattern.compile("content-length: (\\d+)").matcher(head.toString().toLowerCase(Locale.ROOT));
    if (!head.toString().startsWith("HTTP/1.1 200") || !length.find()) {
      throw new IOException("not published: " + head);
    }
    in.skipNBytes(Integer.parseInt(length.group(1)));
  }

  /** What slow readers and a storm of reconnects do to the others, in sentences. */
  private static String readers() throws Exception {
    try (Server hub = hub("--set", "stream.stall=5m")) {
      return rows("Readers", "" + hub.port, "" + hub.process.pid()).lines().map(line -> "- " + line + "\n").collect(Collectors.joining());
    }
  }

  /** 5,000 streams of the live streams' own topic come back at once, each 1,000 events behind, five times, while 20 events a second go out. */
  private static String storm() throws Exception {
    try (Server hub = hub()) {
      String id = publish(hub, 1_001);
      String output = storm(hub, id, "5000", "1000", QUICK ? "1" : "5");
      double quiet = figure(output, "quiet_p99_ms");
      double during = figure(output, "storm_p99_ms");
      return String.format(
          Locale.ROOT,
          "- storm: 5,000 streams came back at once to a topic with 20 events a second, each 1,000 events behind; all were open after %.1f s and live after %.1f s,"
              + " and received every event once, in order (five times, the first on a cold JVM). p99 of the 200 that had stayed: %.1f ms meanwhile, %.1f ms before (x %.1f)%n",
          figure(output, "open_s"), figure(output, "live_s"), during, quiet, during / quiet);
    }
  }

  /** A process with 15,000 streams of 15,000 topics is killed, three times, while 20 events a second go out to others. */
  private static String drop() throws Exception {
    try (Server hub = hubAsMakeRunStartsIt()) {
      String output = storm(hub, "drop", "15000", "0", QUICK ? "1" : "3");
      double quiet = figure(output, "quiet_p99_ms");
      double during = figure(output, "drop_p99_ms");
      return String.format(
          Locale.ROOT,
          "- drop: a client with 15,000 streams of 15,000 topics was killed; the hub had none of them after %.2f s."
              + " p99 of 200 others in the two seconds after: %.1f ms, before: %.1f ms (x %.1f)%n",
          figure(output, "gone_s"), during, quiet, during / quiet);
    }
  }

  /** Runs the program of this name with the live topic t0. */
  private static String storm(Server hub, String... arguments) throws Exception {
    var command = new ArrayList<>(List.of(WORK.resolve("storm").toString(), "" + hub.port, "t0"));
    command.addAll(List.of(arguments));
    Process storm = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output = new String(storm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (storm.waitFor() != 0) {
      throw new IOException("storm failed");
    }
    return output;
  }

  /** Publishes so many events in one batch, and returns the id of the first. */
  private static String publish(Server hub, int events) throws IOException {
    byte[] body = ("{\"topic\":\"t0\",\"data\":\"" + "x".repeat(100) + "\"}\n").repeat(events).getBytes(StandardCharsets.US_ASCII);
    byte[] head = ("POST /events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    try (var socket = new Socket("127.0.0.1", hub.port)) {
      socket.getOutputStream().write(head);
      socket.getOutputStream().write(body);
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return answer.replaceFirst("(?s).*\"ids\":\\[\"([^\"]+)\".*", "$1");
    }
  }

  /** What another program of this directory prints, with the hub's classes beside it. */
  private static String rows(String... arguments) throws Exception {
    var command = new ArrayList<String>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    if (QUICK) {
      command.addAll(List.of("-Dwarm=1", "-Dseconds=1"));
    }
    command.addAll(List.of(arguments));
    Process program = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String rows = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (program.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + " failed");
    }
    return rows;
  }

  /** Bytes of heap of one of 10,000 idle streams, after a collection. */
  private static double heapOfIdleStream(Server hub) throws Exception {
    int streams = 10_000;
    long before = heap(hub);
    var sockets = new ArrayList<Socket>();
    byte[] request = "GET /events/t1 HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < streams; i++) {
      var socket = new Socket("127.0.0.1", hub.port);
      socket.getOutputStream().write(request);
      sockets.add(socket);
    }
    for (Socket socket : sockets) {
      socket.getInputStream().read();
    }
    double each = (heap(hub) - before) / 1024.0 / streams;
    for (Socket socket : sockets) {
      socket.close();
    }
    System.out.printf(Locale.ROOT, "{\"label\":\"heap\",\"kb_per_stream\":%.2f}%n", each);
    return each;
  }

  private static long heap(Server hub) throws Exception {
    jcmd(hub, "GC.run");
    Matcher used = Pattern.compile("used (\\d+)K").matcher(jcmd(hub, "GC.heap_info"));
    if (!used.find()) {
      throw new IOException("jcmd prints no heap");
    }
    return Long.parseLong(used.group(1)) * 1024;
  }

  private static String jcmd(Server hub, String command) throws Exception {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Process process = new ProcessBuilder(jcmd, "" + hub.process.pid(), command).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- the table

  private static void note(Map<Case, Map<String, List<Double>>> results, Case one, Server server, double value) {
    results.get(one).computeIfAbsent(server.name, name -> new ArrayList<>()).add(value);
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  private static String table(Map<Case, Map<String, List<Double>>> results, double heap, double batch) throws IOException {
    var table = new StringBuilder();
    table.append("Medians of %d rounds on %d cores, %s, loopback, 100-byte events; the load generator runs on the same cores. Ratios above 1 are in the hub's favour.\n\n".formatted(ROUNDS, Runtime.getRuntime().availableProcessors(), "JDK " + Runtime.version().feature()));
    table.append("| | Tidings | nginx + Nchan | ratio | C loop of send() | ratio |\n| --- | ---: | ---: | ---: | ---: | ---: |\n");
    results.forEach(
        (one, values) -> {
          double ours = median(values.get("Tidings"));
          table.append("| ").append(one.name).append(" | ").append(text(ours, one.unit));
          for (String peer : List.of("Nchan", "floor")) {
            if (values.containsKey(peer)) {
              double theirs = median(values.get(peer));
              double ratio = one.more ? ours / theirs : theirs / ours;
              table.append(" | ").append(text(theirs, one.unit)).append(" | ").append(String.format(Locale.ROOT, "%.2f", ratio));
            } else {
              table.append(" | | ");
            }
          }
          table.append(" |\n");
        });
    table.append("| batches of 500, one stream: events a second in and out | ").append(text(batch, "")).append(" | | | | |\n");
    table.append("| heap of an idle stream, of 10,000 | ").append(text(heap, "KB")).append(" | | | | |\n");
    return table.toString();
  }

  private static String text(double value, String unit) {
    String number = value >= 1_000 ? String.format(Locale.ROOT, "%,.0f", value) : String.format(Locale.ROOT, value >= 10 ? "%.1f" : "%.2f", value);
    return unit.isEmpty() ? number : number + " " + unit;
  }

  private static void write(String table) throws IOException {
    String report = Files.readString(REPORT);
    int begin = report.indexOf(BEGIN);
    int end = report.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IOException(REPORT + " has no place for the table");
    }
    Files.writeString(REPORT, report.substring(0, begin) + BEGIN + table + report.substring(end));
  }
}
