import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Measures the hub beside nginx with Nchan, beside a bare C loop of send(), beside other hubs that the environment names, and its logs beside Redis Streams, in one run; writes the tables into
 * docs/speed.md and draws the plots beside it. Run by {@code make bench}, which builds what it needs; a peer that is not there is left out. With {@code -Dparts=logs,nodes}, only these parts.
 *
 * <p>Machines are shared and noisy: each case is measured in several rounds, one server after the other in each, and what counts are the ratios of a round.
 */
public final class Bench {
  /** Only tries each case for a moment, and writes nothing: what it prints are no figures. */
  private static final boolean QUICK = Boolean.getBoolean("quick");

  private static final int ROUNDS = QUICK ? 1 : Integer.getInteger("rounds", 2);
  private static final Path REPORT = Path.of("docs/speed.md");
  private static final String END = "<!-- end of what make bench writes -->\n";

  /** Those to measure; empty for all. */
  private static final List<String> ONLY = Pattern.compile(",").splitAsStream(System.getProperty("parts", "")).filter(name -> !name.isEmpty()).toList();

  private static final long STARTED = System.nanoTime();

  private final Loads loads = new Loads(QUICK);
  private final Results results = new Results();
  private final LatencyCurves curves = new LatencyCurves();
  private final List<Servers.Starter> peers = Servers.peers();

  private Bench() {}

  public static void main(String[] arguments) throws Exception {
    Files.createDirectories(Servers.WORK);
    new Bench().run();
  }

  /** A part of the page, with what measures it. */
  private record Part(String name, Callable<String> measure) {}

  private void run() throws Exception {
    var parts = List.of(new Part("servers", this::servers), new Part("streams", Bench::streams), new Part("logs", () -> rows("Logs")), new Part("nodes", () -> rows("Nodes")));
    requireKnown(parts.stream().map(Part::name).toList());
    for (Part part : parts) {
      if (ONLY.isEmpty() || ONLY.contains(part.name())) {
        String measured = part.measure().call();
        System.out.println(measured);
        if (!QUICK) {
          write(part.name(), measured); // kept also if a later part fails
        }
        tellTime("so far");
      }
    }
  }

  private static void requireKnown(List<String> parts) {
    if (!parts.containsAll(ONLY)) {
      throw new IllegalArgumentException("parts must be of " + parts + ", not " + ONLY);
    }
  }

  /** The hub and its peers, round after round. */
  private String servers() throws Exception {
    for (int round = 1; round <= ROUNDS; round++) {
      System.out.println("round " + round + " of " + ROUNDS);
      results.nextRound();
      round();
      tellTime("so far");
    }
    Path plots = QUICK ? Servers.WORK : REPORT.getParent();
    Plots.ratios(results, plots.resolve("speed-ratios.svg"));
    Plots.latencies(curves, plots.resolve("speed-latency.svg"));
    return head() + results.table() + loads.incomplete();
  }

  /** What some streams do to others, in sentences. */
  private static String streams() throws Exception {
    return readers() + storm() + drop();
  }

  private void round() throws Exception {
    try (Server hub = Servers.hub()) {
      loads.measureAll(hub, results);
      loads.measureRates(hub, curves);
      loads.measureGlobs(hub, results);
      results.add(Loads.BATCHES, hub, BatchLoad.eventsPerSecond(hub, QUICK));
    }
    try (Server hub = Servers.hubAsMakeRunStartsIt()) {
      loads.measureIdle(hub, results);
    }
    try (Server hub = Servers.hub()) {
      results.add(Loads.HEAP, hub, heapOfIdleStream(hub));
    }
    for (Servers.Starter peer : peers) {
      try (Server server = peer.start()) {
        loads.measureAll(server, results);
        loads.measureRates(server, curves);
      }
      try (Server server = peer.start()) {
        loads.measureIdle(server, results);
      }
    }
    try (Server floor = Servers.floor()) {
      loads.measureAll(floor, results);
    }
  }

  private static String head() {
    return "Medians of %d rounds (of two, the mean) on %d cores, JDK %d, loopback, 100-byte events; the load generator runs on the same cores. Ratios above 1 are in the hub's favour; in brackets the worst and the best round.%n%n"
        .formatted(ROUNDS, Runtime.getRuntime().availableProcessors(), Runtime.version().feature());
  }

  private static void tellTime(String what) {
    System.out.printf(Locale.ROOT, "%s took %.1f minutes%n", what, (System.nanoTime() - STARTED) / 60e9);
  }

  /** What slow readers and a storm of reconnects do to the others, in sentences. */
  private static String readers() throws Exception {
    try (Server hub = Servers.hub("stream.stall=5m")) {
      return rows("Readers", "" + hub.port(), "" + hub.process().pid()).lines().map(line -> "- " + line + "\n").collect(Collectors.joining());
    }
  }

  /** 5,000 streams of the live streams' own topic come back at once, each 1,000 events behind, five times, while 20 events a second go out. */
  private static String storm() throws Exception {
    try (Server hub = Servers.hub()) {
      String id = publish(hub, 1_001);
      String output = storm(hub, id, "5000", "1000", QUICK ? "1" : "5");
      double quiet = Loads.figure(output, "quiet_p99_ms");
      double during = Loads.figure(output, "storm_p99_ms");
      return String.format(
          Locale.ROOT,
          "- storm: 5,000 streams came back at once to a topic with 20 events a second, each 1,000 events behind; all were open after %.1f s and live after %.1f s,"
              + " and received every event once, in order (five times, the first on a cold JVM). p99 of the 200 that had stayed: %.1f ms meanwhile, %.1f ms before (x %.1f)%n",
          Loads.figure(output, "open_s"), Loads.figure(output, "live_s"), during, quiet, during / quiet);
    }
  }

  /** A process with 15,000 streams of 15,000 topics is killed, three times, while 20 events a second go out to others. */
  private static String drop() throws Exception {
    try (Server hub = Servers.hubAsMakeRunStartsIt()) {
      String output = storm(hub, "drop", "15000", "0", QUICK ? "1" : "3");
      double quiet = Loads.figure(output, "quiet_p99_ms");
      double during = Loads.figure(output, "drop_p99_ms");
      return String.format(
          Locale.ROOT,
          "- drop: a client with 15,000 streams of 15,000 topics was killed; the hub had none of them after %.2f s."
              + " p99 of 200 others in the two seconds after: %.1f ms, before: %.1f ms (x %.1f)%n",
          Loads.figure(output, "gone_s"), during, quiet, during / quiet);
    }
  }

  /** Runs the program of this name with the live topic t0. */
  private static String storm(Server hub, String... arguments) throws Exception {
    var command = new ArrayList<>(List.of(Servers.WORK.resolve("storm").toString(), "" + hub.port(), "t0"));
    command.addAll(List.of(arguments));
    return output(command);
  }

  /** Publishes so many events in one batch, and returns the id of the first. */
  private static String publish(Server hub, int events) throws IOException {
    byte[] body = ("{\"topic\":\"t0\",\"data\":\"" + "x".repeat(100) + "\"}\n").repeat(events).getBytes(StandardCharsets.US_ASCII);
    byte[] head = ("POST /events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    try (var socket = new Socket("127.0.0.1", hub.port())) {
      socket.getOutputStream().write(head);
      socket.getOutputStream().write(body);
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return answer.replaceFirst("(?s).*\"ids\":\\[\"([^\"]+)\".*", "$1");
    }
  }

  /** What another program of this directory prints, with the hub's classes beside it. */
  private static String rows(String... arguments) throws Exception {
    var command = new ArrayList<String>(List.of(HubProcesses.jdk("java")));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    if (QUICK) {
      command.addAll(List.of("-Dwarm=1", "-Dseconds=1"));
    }
    command.addAll(List.of(arguments));
    return output(command);
  }

  private static String output(List<String> command) throws Exception {
    Process program = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (program.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + " failed");
    }
    return output;
  }

  /** Kilobytes of heap of one of 10,000 idle streams, after a collection. */
  private static double heapOfIdleStream(Server hub) throws Exception {
    int streams = 10_000;
    long before = heap(hub);
    var sockets = new ArrayList<Socket>();
    byte[] request = "GET /events/t1 HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < streams; i++) {
      var socket = new Socket("127.0.0.1", hub.port());
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

  /** Of the objects that are reachable. */
  private static long heap(Server hub) throws Exception {
    Matcher total = Pattern.compile("(?m)^Total +\\d+ +(\\d+)").matcher(jcmd(hub, "GC.class_histogram"));
    if (!total.find()) {
      throw new IOException("jcmd prints no heap");
    }
    return Long.parseLong(total.group(1));
  }

  private static String jcmd(Server hub, String command) throws Exception {
    return output(List.of(HubProcesses.jdk("jcmd"), "" + hub.process().pid(), command));
  }

  private static void write(String part, String measured) throws IOException {
    String report = Files.readString(REPORT);
    String mark = "<!-- make bench writes its part " + part + " here -->\n";
    int begin = report.indexOf(mark);
    int end = report.indexOf(END, begin);
    if (begin < 0 || end < 0) {
      throw new IOException(REPORT + " has no place for the part " + part);
    }
    Files.writeString(REPORT, report.substring(0, begin) + mark + measured + report.substring(end));
  }
}
