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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** One run: a cluster, its clients, a schedule of faults, and the judgement. */
final class Run {
  /**
   * @param violations of the promises
   * @param problems all that must not be, these included
   * @param report the seed, the schedule with what was measured, and the problems
   */
  record Result(List<Violation> violations, List<String> problems, String report) {}

  /**
   * A step that was done, with the time from its end until all nodes were level.
   *
   * @param homes the nodes to which publishers kept, without those that it concerns, or that were
   *     started anew meanwhile
   */
  private record Done(Step step, long begin, long end, long level, Set<Home> homes) {}

  /** A node in one of its lives. */
  private record Home(int node, int life) {}

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
  private static final int VOTERS = 3;
  private static final int SPARES = 3;
  private static final int EDGES = 1;

  /** One of so many runs is without TLS between the nodes. */
  private static final int OPEN_ONE_OF = 4;

  /** Another jar, of which some nodes are then. */
  private static final Optional<String> OLD =
      Optional.ofNullable(System.getProperty("chaos.old")).filter(path -> !path.isEmpty());

  /** By the number of the node; an hour has millions of them. */
  private final Map<Integer, long[]> acknowledged = new HashMap<>();

  private final Path directory;
  private final long seed;
  private final Random random;
  private final int seconds;
  private final Cluster cluster;
  private final HttpClient http;
  private final History history;
  private final List<ClusterWatch> watches = new ArrayList<>();
  private final List<Publisher> publishers = new ArrayList<>();
  private final List<Reader> readers = new ArrayList<>();
  private final RightsClients rights;
  private final List<Done> schedule = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private final long begin = System.nanoTime();

  private Run(
      Path directory, long seed, int seconds, Cluster cluster, HttpClient http, History history) {
    this.directory = directory;
    this.seed = seed;
    this.random = new Random(seed);
    this.seconds = seconds;
    this.cluster = cluster;
    this.http = http;
    this.history = history;
    this.rights = new RightsClients(LAST, cluster, http, history, seed);
    for (Node node : cluster.nodes()) {
      watches.add(new ClusterWatch(node, http, history.voters()));
    }
  }

  /**
   * @param directory for the nodes' output and disks
   * @param seconds of faults; 0 for none
   */
  static Result of(Path directory, Cluster.Kind kind, long seed, int seconds) throws Exception {
    HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    // half of all seeds have the other rule for nodes that are isolated
    boolean known = seed % 2 == 1;
    var history = new History();
    history.rights().isolatedAcceptsKnown(known);
    Cluster.Plan plan = plan(kind, seed, "auth.isolated=" + (known ? "known" : "anonymous"));
    try (Cluster cluster = Cluster.start(plan, directory, http, history.voters())) {
      return new Run(directory, seed, seconds, cluster, http, history).run();
    }
  }

  private static Cluster.Plan plan(Cluster.Kind kind, long seed, String setting) {
    return kind == Cluster.Kind.CLUSTER
        ? new Cluster.Plan(
            kind, VOTERS, SPARES, edges(), seed % OPEN_ONE_OF > 0, OLD, List.of(setting))
        : new Cluster.Plan(kind, VOTERS, 0, 0, false, Optional.empty(), List.of(setting));
  }

  /** While versions are mixed no edge is started, since the last one may know none. */
  private static int edges() {
    return OLD.isPresent() ? 0 : EDGES;
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
    probe();
    for (ClusterWatch watch : watches) {
      watch.close();
    }
    for (Node node : cluster.members().all()) {
      ClusterWatch.ask(node, http).ifPresent(history.voters()::sawLast);
    }
    for (Node node : cluster.serving()) {
      history.replayed(node.number(), replay(node));
    }
    problems.addAll(cluster.checkFiles());
    var violations = new ArrayList<>(HistoryChecker.check(history));
    violations.addAll(RightsChecker.check(history));
    violations.addAll(VotersChecker.check(history.voters()));
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
      readEdges(new Reader.Plan("edge" + i, all, topics, i == 0, Duration.ofSeconds(30), with));
      read(new Reader.Plan("roamer" + i, all, topics, true, Duration.ofSeconds(8), with));
      String topic = Topics.OPEN.get(i);
      Duration stay = Duration.ofSeconds(2L + 20L * i);
      read(new Reader.Plan("topic" + i, topic, topic::equals, i == 0, stay, ""));
    }
    for (int home = 1; home <= VOTERS; home++) {
      publish(new Publisher.Plan("single" + home, home, false, 1, 100, Duration.ofMillis(50)));
      publish(new Publisher.Plan("another" + home, home, false, 1, 1_000, Duration.ofMillis(90)));
      publish(new Publisher.Plan("keyed" + home, home, true, 1, 200, Duration.ofMillis(60)));
      publish(new Publisher.Plan("batch" + home, home, false, 10, 100, Duration.ofMillis(500)));
      publish(new Publisher.Plan("keys" + home, home, true, 10, 100, Duration.ofMillis(500)));
    }
    publish(new Publisher.Plan("large", 1, true, 1, 1_000_000, Duration.ofSeconds(2)));
  }

  /** At all nodes that have the log. */
  private void read(Reader.Plan plan) {
    read(plan, cluster::serving);
  }

  /** At edges alone. */
  private void readEdges(Reader.Plan plan) {
    if (!cluster.edges().isEmpty()) {
      read(plan, cluster::edges);
    }
  }

  private void read(Reader.Plan plan, Supplier<List<Node>> nodes) {
    Function<Random, Node> choice =
        source -> {
          List<Node> all = nodes.get();
          return all.get(source.nextInt(all.size()));
        };
    readers.add(new Reader(plan, choice, history, LAST, random.nextLong()));
  }

  private void publish(Publisher.Plan plan) {
    publishers.add(new Publisher(plan, cluster.members(), http, history, random.nextLong()));
  }

  private void disturb() throws IOException {
    var steps = new Schedule(seed, this::isPossible);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (System.nanoTime() - end < 0) {
      Step step = steps.next().at(cluster.members(), cluster.edges(), cluster.leader());
      cluster.note("chaos: " + step);
      Set<Home> homes = homes(step);
      long began = System.nanoTime();
      long ended = began;
      try {
        step.run(cluster);
        ended = System.nanoTime();
        noteClock(step, began, ended);
        cluster.note("chaos: end of " + step);
        if (step.restarts()) {
          cluster.awaitStart();
          ended = System.nanoTime();
        }
        cluster.awaitLevel();
      } catch (AssertionError | CompletionException e) {
        cluster.note("chaos: " + step + ": " + e.getMessage());
        problems.add(step + ": " + e.getMessage());
        schedule.add(new Done(step, began, ended, -1, Set.of()));
        return;
      }
      long level = System.nanoTime() - ended;
      homes.retainAll(homes(step));
      schedule.add(new Done(step, began, ended, level, homes));
      check(step, level);
      Pacing.pause(step.rest());
    }
  }

  private boolean isPossible(Fault fault) {
    return (!fault.needsTls() || cluster.certificates().isPresent())
        && (fault != Fault.OTHER_VERSION || OLD.isPresent())
        && (!fault.atEdge() || !cluster.edges().isEmpty());
  }

  /** The nodes to which publishers keep, without those that the step concerns. */
  private Set<Home> homes(Step step) {
    return IntStream.rangeClosed(1, VOTERS)
        .mapToObj(place -> cluster.members().at(place))
        .filter(node -> !step.concerns(node.number()))
        .map(node -> new Home(node.number(), node.life()))
        .collect(Collectors.toCollection(HashSet::new));
  }

  private void check(Step step, long level) throws IOException {
    cluster.note("chaos: level after " + TimeUnit.NANOSECONDS.toMillis(level) + " ms");
    Duration most = step.restarts() ? LEVEL_AFTER_START : LEVEL;
    if (level > most.toNanos()) {
      problems.add(step + ": level after " + TimeUnit.NANOSECONDS.toMillis(level) + " ms");
    }
    cluster.membership().difference().ifPresent(wrong -> problems.add(step + ": " + wrong));
    for (Node node : cluster.serving()) {
      if (!node.runs()) {
        problems.add(step + ": the process of node " + node.number() + " has ended");
        node.start();
        cluster.awaitLevel();
      }
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
    cluster.note("chaos: restart of all nodes");
    for (Node node : cluster.serving()) {
      node.kill();
    }
    for (Node node : cluster.serving()) {
      node.start();
    }
    try {
      cluster.awaitStart();
      cluster.awaitLevel();
    } catch (AssertionError e) {
      problems.add("after the restart of all nodes: not level: " + e.getMessage());
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
    for (int place = 1; place <= cluster.members().all().size(); place++) {
      cluster.publish(event, LAST, place);
    }
  }

  private void probe() {
    try {
      rights.probe();
    } catch (IOException e) {
      problems.add("a node was not shown the tokens that were revoked: " + e);
    }
  }

  /** All that a node has. */
  private List<Delivery> replay(Node node) throws IOException {
    var entries = new ArrayList<Delivery>();
    try (var stream = new EventStream()) {
      String bearer = Token.admin().bearer();
      stream.open(node.url("events?topic=" + Topics.EVERYTHING), "earliest", bearer);
      long received = System.nanoTime();
      while (System.nanoTime() - received < ALL_RECEIVED.toNanos()) {
        for (ReceivedEvent event : stream.next()) {
          if (event.type().equals("message")) {
            Payload payload = Payload.parse(event.data()).orElseThrow();
            if (payload.event().equals(LAST)) {
              return entries;
            }
            entries.add(history.delivery(payload.event(), payload.topic(), event.lastEventId()));
            received = System.nanoTime();
          } else if (event.type().equals("hub.gap")) {
            problems.add("replay of node " + node.number() + ": hub.gap " + event.data());
          }
        }
      }
      problems.add("replay of node " + node.number() + " has no end after " + entries.size());
      return entries;
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
    for (Home home : done.homes()) {
      long[] times = acknowledged.computeIfAbsent(home.node(), this::acknowledgements);
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
    text.append(
        "seed %d, %d s, %s, nodes' output in %s%n"
            .formatted(
                seed, seconds, cluster.certificates().map(all -> "TLS").orElse("open"), directory));
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
    text.append("changes of the voters: %s%n".formatted(changes()));
    text.append("at most, in ms: level, outage%n".formatted());
    for (Map.Entry<Fault, long[]> entry : longest().entrySet()) {
      long[] millis = Arrays.stream(entry.getValue()).map(TimeUnit.NANOSECONDS::toMillis).toArray();
      text.append("%24s %6d %6d%n".formatted(entry.getKey(), millis[0], millis[1]));
    }
    text.append(problems.isEmpty() ? "no problems" : String.join("\n", problems));
    return text.toString();
  }

  private Map<VotersHistory.Outcome, Long> changes() {
    return history.voters().requests().stream()
        .collect(Collectors.groupingBy(VotersHistory.Request::outcome, Collectors.counting()));
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
