package io.tidings.chaos;

import io.tidings.Pacing;
import io.tidings.Wait;
import io.tidings.wire.EventStreamParser.ReceivedEvent;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** One run: a cluster, its clients, a schedule of faults, and the judgement. */
final class Run {
  /**
   * @param violations of the promises
   * @param problems all that must not be, these included
   * @param report the seed, the schedule with what was measured, and the problems
   */
  record Result(List<Violation> violations, List<String> problems, String report) {}

  /** A step that was done, with the time from its end until all nodes were level. */
  private record Done(Step step, long begin, long end, long level) {}

  /**
   * The longest time from the end of a fault until all nodes have everything; machines are shared.
   */
  private static final Duration LEVEL = Duration.ofSeconds(15);

  /** The same after a process that was started answers requests. */
  private static final Duration LEVEL_AFTER_START = Duration.ofSeconds(30);

  /** The longest time without an acknowledgement on a node that has no fault. */
  private static final Duration OUTAGE = Duration.ofSeconds(15);

  private static final Duration BEFORE_AND_AFTER = Duration.ofSeconds(4);
  private static final Duration ALL_RECEIVED = Duration.ofSeconds(60);
  private static final String LAST = "last:1";
  private static final int SHOWN = 4;

  /** By the number of the node; an hour has millions of them. */
  private final Map<Integer, long[]> acknowledged = new HashMap<>();

  private final Path directory;
  private final long seed;
  private final Random random;
  private final int seconds;
  private final Cluster cluster;
  private final HttpClient http;
  private final History history = new History();
  private final List<Publisher> publishers = new ArrayList<>();
  private final List<Reader> readers = new ArrayList<>();
  private final RightsClients rights;
  private final List<Done> schedule = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private final long begin = System.nanoTime();

  private Run(Path directory, long seed, int seconds, Cluster cluster, HttpClient http) {
    this.directory = directory;
    this.seed = seed;
    this.random = new Random(seed);
    this.seconds = seconds;
    this.cluster = cluster;
    this.http = http;
    this.rights = new RightsClients(LAST, cluster.nodes(), http, history, seed);
  }

  /**
   * @param directory for the nodes' output and disks
   * @param seconds of faults; 0 for none
   */
  static Result of(Path directory, int nodes, Cluster.Kind kind, long seed, int seconds)
      throws Exception {
    HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    // half of all seeds have the other rule for nodes that are isolated
    boolean known = seed % 2 == 1;
    String isolated = "auth.isolated=" + (known ? "known" : "anonymous");
    try (Cluster cluster = Cluster.start(nodes, directory, http, kind, isolated)) {
      var run = new Run(directory, seed, seconds, cluster, http);
      run.history.rights().isolatedAcceptsKnown(known);
      return run.run();
    }
  }

  private Result run() throws Exception {
    startClients();
    Pacing.pause(BEFORE_AND_AFTER);
    if (seconds > 0) {
      disturb();
      Pacing.pause(BEFORE_AND_AFTER);
    }
    endClients();
    if (seconds > 0) {
      restartAll();
    }
    rights.probe();
    for (Node node : cluster.nodes()) {
      history.replayed(node.number(), replay(node));
    }
    problems.addAll(cluster.checkFiles());
    var violations = new ArrayList<>(HistoryChecker.check(history));
    violations.addAll(RightsChecker.check(history));
    addViolations(violations);
    problems.addAll(new RightsReport(history.rights()).idle());
    addOutages();
    String report = report();
    Files.writeString(directory.resolve("report"), report);
    if (!problems.isEmpty()) {
      cluster.keepDisks();
    }
    return new Result(violations, List.copyOf(problems), report);
  }

  private void startClients() {
    Predicate<String> everything = topic -> true;
    String bearer = Token.admin().bearer();
    for (int i = 0; i < 2; i++) {
      // one without a token, one with
      Predicate<String> topics = i == 0 ? Topics.OPEN::contains : everything;
      String with = i == 0 ? "" : bearer;
      String all = Topics.EVERYTHING;
      read(new Reader.Plan("holder" + i, all, topics, true, Duration.ofHours(24), with));
      read(new Reader.Plan("roamer" + i, all, topics, true, Duration.ofSeconds(8), with));
      String topic = Topics.OPEN.get(i);
      Duration stay = Duration.ofSeconds(2L + 20L * i);
      read(new Reader.Plan("topic" + i, topic, topic::equals, i == 0, stay, ""));
    }
    for (Node node : cluster.nodes()) {
      int home = node.number();
      publish(new Publisher.Plan("single" + home, home, false, 1, 100, Duration.ofMillis(50)));
      publish(new Publisher.Plan("another" + home, home, false, 1, 1_000, Duration.ofMillis(90)));
      publish(new Publisher.Plan("keyed" + home, home, true, 1, 200, Duration.ofMillis(60)));
      publish(new Publisher.Plan("batch" + home, home, false, 10, 100, Duration.ofMillis(500)));
      publish(new Publisher.Plan("keys" + home, home, true, 10, 100, Duration.ofMillis(500)));
    }
    publish(new Publisher.Plan("large", 1, true, 1, 1_000_000, Duration.ofSeconds(2)));
  }

  private void read(Reader.Plan plan) {
    readers.add(new Reader(plan, cluster.nodes(), history, LAST, random.nextLong()));
  }

  private void publish(Publisher.Plan plan) {
    publishers.add(new Publisher(plan, cluster.nodes(), http, history, random.nextLong()));
  }

  private void disturb() throws IOException {
    var steps = new Schedule(seed, cluster.nodes().size());
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (System.nanoTime() - end < 0) {
      Step step = steps.next().at(cluster.leader());
      note("chaos: " + step);
      long began = System.nanoTime();
      step.run(cluster);
      long ended = System.nanoTime();
      noteClock(step, began, ended);
      note("chaos: end of " + step);
      try {
        if (step.restarts()) {
          cluster.awaitStart();
          ended = System.nanoTime();
        }
        cluster.awaitLevel();
      } catch (AssertionError e) {
        problems.add(step + ": not level: " + e.getMessage());
        schedule.add(new Done(step, began, ended, -1));
        return;
      }
      long level = System.nanoTime() - ended;
      schedule.add(new Done(step, began, ended, level));
      note("chaos: level after " + TimeUnit.NANOSECONDS.toMillis(level) + " ms");
      Duration most = step.restarts() ? LEVEL_AFTER_START : LEVEL;
      if (level > most.toNanos()) {
        problems.add(step + ": level after " + TimeUnit.NANOSECONDS.toMillis(level) + " ms");
      }
      for (Node node : cluster.nodes()) {
        if (!node.runs()) {
          problems.add(step + ": the process of node " + node.number() + " has ended");
          node.start();
          cluster.awaitLevel();
        }
      }
      Pacing.pause(step.rest());
    }
  }

  private void noteClock(Step step, long began, long ended) {
    if (step.fault() == Fault.CLOCK) {
      history.rights().wrongClock(new RightsHistory.WrongClock(step.node(), began, ended));
    }
    if (step.overlapping().filter(Fault.CLOCK::equals).isPresent()) {
      history.rights().wrongClock(new RightsHistory.WrongClock(step.other(), began, ended));
    }
  }

  /** What was answered is true in the next life of all nodes too. */
  private void restartAll() throws IOException {
    note("chaos: restart of all nodes");
    for (Node node : cluster.nodes()) {
      node.kill();
    }
    for (Node node : cluster.nodes()) {
      node.start();
    }
    try {
      cluster.awaitStart();
      cluster.awaitLevel();
    } catch (AssertionError e) {
      problems.add("after the restart of all nodes: not level: " + e.getMessage());
    }
  }

  private void note(String line) throws IOException {
    String time = java.time.Instant.now() + " ";
    for (Node node : cluster.nodes()) {
      node.note(time + line);
    }
  }

  private void endClients() throws Exception {
    rights.stopChanges();
    publishers.forEach(Publisher::stop);
    for (Publisher publisher : publishers) {
      publisher.close();
    }
    publishLast();
    try {
      for (Reader reader : readers) {
        Wait.until(ALL_RECEIVED, () -> "a reader has received the last event", reader::complete);
      }
      rights.awaitLast(ALL_RECEIVED);
    } catch (AssertionError e) {
      problems.add(e.getMessage()); // the checker says what it has missed
    }
    for (Reader reader : readers) {
      reader.close();
    }
    rights.close();
  }

  /** Publishes the last event, which all readers receive, through each node. */
  private void publishLast() {
    var topics = new JsonArray().add(Topics.LAST);
    Topics.ALL.forEach(topics::add);
    String text = new Payload(LAST, topics.getString(0), 0).text();
    var event = new JsonObject().put("topic", topics).put("data", text);
    for (Node node : cluster.nodes()) {
      cluster.publish(event, LAST, node.number());
    }
  }

  /** All that a node has. */
  private List<Delivery> replay(Node node) throws IOException {
    var entries = new ArrayList<Delivery>();
    try (var stream = new EventStream()) {
      String bearer = Token.admin().bearer();
      stream.open(node.url("events?topic=" + Topics.EVERYTHING), "earliest", bearer);
      while (true) {
        for (ReceivedEvent event : stream.next()) {
          if (event.type().equals("message")) {
            Payload payload = Payload.parse(event.data()).orElseThrow();
            if (payload.event().equals(LAST)) {
              return entries;
            }
            entries.add(history.delivery(payload.event(), payload.topic(), event.lastEventId()));
          } else if (event.type().equals("hub.gap")) {
            problems.add("replay of node " + node.number() + ": hub.gap " + event.data());
          }
        }
      }
    } catch (IOException e) {
      problems.add("replay of node " + node.number() + " ends after " + entries.size() + ": " + e);
      return entries;
    }
  }

  private void addViolations(List<Violation> violations) {
    var byKind = new EnumMap<Violation.Kind, List<Violation>>(Violation.Kind.class);
    for (Violation violation : violations) {
      byKind.computeIfAbsent(violation.kind(), kind -> new ArrayList<>()).add(violation);
    }
    byKind.forEach(
        (kind, all) -> {
          problems.add(kind + ": " + all.size());
          all.stream().limit(SHOWN).forEach(violation -> problems.add("  " + violation));
        });
  }

  private void addOutages() {
    for (Done done : schedule) {
      long outage = outage(done);
      if (done.step().leavesMajority() && outage > OUTAGE.toNanos()) {
        problems.add(
            done.step()
                + ": no acknowledgement for "
                + TimeUnit.NANOSECONDS.toMillis(outage)
                + " ms");
      }
    }
  }

  /** The longest time without an acknowledgement on one of the nodes that had no fault. */
  private long outage(Done done) {
    long longest = 0;
    for (Node node : cluster.nodes()) {
      if (done.step().concerns(node.number())) {
        continue;
      }
      long[] times = acknowledged.computeIfAbsent(node.number(), this::acknowledgements);
      longest =
          Math.max(
              longest,
              IntStream.range(1, times.length)
                  .filter(i -> times[i] > done.begin() - begin && times[i - 1] < done.end() - begin)
                  .mapToLong(i -> times[i] - Math.max(times[i - 1], done.begin() - begin))
                  .max()
                  .orElse(0));
    }
    return longest;
  }

  /** When each event was acknowledged by a node, in order. The run is over. */
  private long[] acknowledgements(int node) {
    return history.publications().stream()
        .flatMap(publication -> publication.acknowledgements().stream())
        .filter(answer -> answer.node() == node)
        .mapToLong(answer -> answer.received() - begin)
        .sorted()
        .toArray();
  }

  private String report() {
    var text = new StringBuilder();
    text.append("seed %d, %d s, nodes' output in %s%n".formatted(seed, seconds, directory));
    for (Done done : schedule) {
      text.append(
          "%6.1f s  %s: level after %d ms, others without acknowledgement %d ms%n"
              .formatted(
                  (done.begin() - begin) / 1e9,
                  done.step(),
                  TimeUnit.NANOSECONDS.toMillis(done.level()),
                  TimeUnit.NANOSECONDS.toMillis(outage(done))));
    }
    for (Answer.Outcome outcome : Answer.Outcome.values()) {
      long events =
          history.publications().stream()
              .filter(publication -> publication.outcome() == outcome)
              .mapToLong(publication -> publication.events().size())
              .sum();
      text.append("%s: %d events%n".formatted(outcome, events));
    }
    text.append(new RightsReport(history.rights()));
    text.append("at most, in ms: level, outage%n".formatted());
    for (Map.Entry<Fault, long[]> entry : longest().entrySet()) {
      long[] millis = Arrays.stream(entry.getValue()).map(TimeUnit.NANOSECONDS::toMillis).toArray();
      text.append("%14s %6d %6d%n".formatted(entry.getKey(), millis[0], millis[1]));
    }
    text.append(problems.isEmpty() ? "no problems" : String.join("\n", problems));
    return text.toString();
  }

  private Map<Fault, long[]> longest() {
    var longest = new EnumMap<Fault, long[]>(Fault.class);
    for (Done done : schedule) {
      long[] times = longest.computeIfAbsent(done.step().fault(), fault -> new long[2]);
      times[0] = Math.max(times[0], done.level());
      times[1] = Math.max(times[1], outage(done));
    }
    return longest;
  }
}
