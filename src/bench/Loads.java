import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The cases, and the runs of the load generator sseload, each of which is checked for completeness. */
final class Loads {
  private static final String MANY = "--subs 10000 ";
  private static final String TOPICS = MANY + "--topics 1000 --npub 8 ";

  /** Cases of every server. One without arguments is another figure of the case before. */
  static final List<Case> ALL =
      List.of(
          new Case("1,000 streams of one topic, window 64: deliveries a second", "--subs 1000 --window 64 --npub 4 --seconds 4 --warm 5", "deliver_per_s", "", true, true),
          new Case("the same, window 8", "--subs 1000 --window 8 --npub 4 --seconds 4 --warm 2", "deliver_per_s", "", true, true),
          new Case("1,000 streams, 100 events a second: server CPU a delivery", "--subs 1000 --rate 100 --npub 4 --seconds 5 --warm 2", "cpu_us_per_delivery", "us", false, true),
          new Case("the same: p99 from publish to receipt", "", "p99_ms", "ms", false, true),
          new Case("10,000 streams of one topic, 5 events a second: p99", MANY + "--rate 5 --npub 1 --seconds 5 --warm 3", "p99_ms", "ms", false, false),
          new Case("the same: server CPU a delivery", "", "cpu_us_per_delivery", "us", false, false),
          new Case("10,000 streams on 1,000 topics, window 64: publishes a second", TOPICS + "--window 64 --seconds 4 --warm 8", "pub_per_s", "", true, false),
          new Case("in that case: p50 from publish to receipt", "", "p50_ms", "ms", false, false),
          new Case("in that case: p99", "", "p99_ms", "ms", false, false),
          new Case("in that case: server CPU a delivery", "", "cpu_us_per_delivery", "us", false, false),
          new Case("10,000 streams on 1,000 topics, 3,000 events a second: p50", TOPICS + "--rate 3000 --seconds 4 --warm 2", "p50_ms", "ms", false, false),
          new Case("at that rate: p99", "", "p99_ms", "ms", false, false),
          new Case("at that rate: server CPU a delivery", "", "cpu_us_per_delivery", "us", false, false),
          new Case("15,000 streams, each of its own topic, window 64: publishes a second", "--subs 15000 --topics 15000 --npub 8 --window 64 --seconds 3 --warm 2", "pub_per_s", "", true, false),
          new Case("in that case: p99 from publish to receipt", "", "p99_ms", "ms", false, false),
          new Case("1,000 streams of one topic, events of 4 KB, window 8: deliveries a second", "--subs 1000 --size 4096 --window 8 --npub 4 --seconds 3 --warm 2", "deliver_per_s", "", true, true),
          new Case("100 streams of one topic, events of 64 KB, window 4: deliveries a second", "--subs 100 --size 65536 --window 4 --npub 2 --seconds 3 --warm 2", "deliver_per_s", "", true, false),
          new Case("20 streams of one topic, events of 1 MB, window 2: deliveries a second", "--subs 20 --size 1000000 --window 2 --npub 2 --seconds 3 --warm 2", "deliver_per_s", "", true, false));

  static final Case CONNECTING = new Case("connecting 10,000 streams to a server just started", MANY + "--idle", "connect_s", "s", false, false);
  static final Case RESIDENT = new Case("resident memory with 10,000 idle streams, as `make run` starts it", "", "rss1_mb", "MB", false, false);
  static final Case CONNECTING_AGAIN = new Case("connecting 10,000 streams for the third time", "", "connect_s", "s", false, false);
  static final Case GLOBS = new Case("10,000 streams, each of one of 1,000 globs, window 64: publishes a second", TOPICS + "--window 64 --seconds 4 --warm 2", "pub_per_s", "", true, false);
  static final Case BATCHES = new Case("batches of 500, one stream: events a second in and out", "", "", "", true, false);
  static final Case HEAP = new Case("heap of an idle stream, of 10,000", "", "", "KB", false, false);

  /** At how many events a second, on 1,000 topics with 10,000 streams, latency is plotted. */
  static final List<Integer> RATES = List.of(500, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000);

  /** Which part of the events of a rate a server must have published in time. */
  static final double KEEPS_UP = 0.9;

  private final boolean quick;

  /** What servers lost, in sentences. */
  private final Set<String> incomplete = new LinkedHashSet<>();

  /**
   * What is measured.
   *
   * @param arguments those of sseload
   * @param figure which figure of its output counts
   * @param more whether more of it is better
   * @param floor whether it is measured also for the C loop
   */
  record Case(String name, String arguments, String figure, String unit, boolean more, boolean floor) {}

  /**
   * @param quick only tries each case for a moment: what is printed are no figures
   */
  Loads(boolean quick) {
    this.quick = quick;
  }

  /** What servers lost, a line each. */
  String incomplete() {
    return String.join("", incomplete);
  }

  void measureAll(Server server, Results results) throws IOException, InterruptedException {
    Optional<String> output = Optional.empty();
    for (Case one : ALL) {
      if (server.name().equals(Servers.FLOOR) && !one.floor) {
        continue;
      }
      if (!one.arguments.isEmpty()) {
        output = run(server, one.arguments);
      }
      output.ifPresent(json -> results.add(one, server, figure(json, one.figure)));
    }
  }

  void measureGlobs(Server hub, Results results) throws IOException, InterruptedException {
    run(hub.at("/events/u%d.**", "/events/u%d.x"), GLOBS.arguments).ifPresent(json -> results.add(GLOBS, hub, figure(json, GLOBS.figure)));
  }

  void measureIdle(Server server, Results results) throws IOException, InterruptedException {
    run(server, CONNECTING.arguments)
        .ifPresent(
            json -> {
              results.add(CONNECTING, server, figure(json, CONNECTING.figure));
              results.add(RESIDENT, server, figure(json, RESIDENT.figure));
            });
    run(server, CONNECTING.arguments);
    run(server, CONNECTING.arguments).ifPresent(json -> results.add(CONNECTING_AGAIN, server, figure(json, CONNECTING_AGAIN.figure)));
  }

  /** Up to the rate at which the server can't follow. */
  void measureRates(Server server, LatencyCurves curves) throws IOException, InterruptedException {
    boolean follows = true;
    for (int i = 0; i < RATES.size() && follows; i++) {
      int rate = RATES.get(i);
      Optional<String> output = run(server, TOPICS + "--rate " + rate + " --seconds 3 --warm 1");
      output.ifPresent(json -> curves.add(server, rate, figure(json, "pub_per_s"), figure(json, "p50_ms"), figure(json, "p99_ms")));
      follows = output.isPresent() && figure(output.get(), "pub_per_s") > KEEPS_UP * rate;
    }
  }

  /**
   * Runs sseload and checks what it received.
   *
   * @return what it printed; empty if a peer lost something, or could not do it at all
   */
  private Optional<String> run(Server server, String arguments) throws IOException, InterruptedException {
    var command = new ArrayList<String>(List.of(Servers.WORK.resolve("sseload").toString(), "--port", "" + server.port(), "--sub", server.sub(), "--pub", server.pub(), "--pid", String.join(",", server.pids()), "--label", server.name()));
    command.addAll(server.options());
    command.addAll(List.of(quick ? arguments.replaceAll("--(seconds|warm) \\d+", "--$1 1").split(" ") : arguments.split(" ")));
    Process load = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String output = new String(load.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    boolean ended = load.waitFor() == 0;
    System.out.println(output);
    String missed = ended ? missed(arguments, output) : "the load generator gave up";
    awaitClosed(server);
    if (!missed.isEmpty() && server.name().equals(Servers.HUB)) {
      throw new IllegalStateException("the hub with " + arguments + ": " + missed);
    } else if (!missed.isEmpty()) {
      incomplete.add("- " + server.name() + " with `" + arguments.strip() + "`: " + missed + "\n");
    }
    return missed.isEmpty() ? Optional.of(output) : Optional.empty();
  }

  /** Waits until the server has closed the streams, for ten seconds at most: with those of the next run they could be more than it may have open. */
  private static void awaitClosed(Server server) throws IOException, InterruptedException {
    for (int i = 0; i < 20; i++) {
      TimeUnit.MILLISECONDS.sleep(500);
      if (server.openFiles() < 1_000) {
        return;
      }
    }
  }

  /** Compares what was acknowledged with what was received, by all streams and to the last event; empty if it is the same. */
  private static String missed(String arguments, String output) {
    if (arguments.contains("--idle")) {
      return figure(output, "subs") < 10_000 ? "opened only %.0f streams".formatted(figure(output, "subs")) : "";
    } else if (figure(output, "delivered_all") != figure(output, "expected_all") || figure(output, "pub_errors") > 0 || figure(output, "closed") > 0) {
      return String.format(
          Locale.ROOT,
          "of %,.0f events, %.0f were refused or failed, %,.0f deliveries were due and %,.0f received; %.0f streams were closed",
          figure(output, "published_all"), figure(output, "pub_errors"), figure(output, "expected_all"), figure(output, "delivered_all"), figure(output, "closed"));
    }
    return "";
  }

  static double figure(String json, String name) {
    Matcher figure = Pattern.compile("\"" + name + "\":([0-9.]+)").matcher(json);
    if (!figure.find()) {
      throw new IllegalStateException(name + " is not in " + json);
    }
    return Double.parseDouble(figure.group(1));
  }
}
