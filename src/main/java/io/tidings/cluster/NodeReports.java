package io.tidings.cluster;

import io.tidings.log.raft.Voters;
import io.tidings.log.raft.Voters.Voter;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The last report of every node of a cluster: its name and its statistics. This node asks each
 * other node once a second, with at most one unanswered request to each, and answers theirs. A node
 * that has not answered for three seconds is gone until it answers again. Any thread; {@link #ask}
 * by one at a time.
 */
public final class NodeReports {
  private static final System.Logger LOG = System.getLogger(NodeReports.class.getName());

  private static final String REQUEST = "report";
  private static final String NAME = "name";
  private static final String ROLE = "role";
  private static final long PERIOD_MILLIS = 1_000;
  private static final long GONE_NANOS = Duration.ofSeconds(3).toNanos();
  private static final double MILLIS_PER_SECOND = 1e3;

  private final Voters voters;
  private final NodeRequests requests;
  private final String name;
  private final Supplier<JsonObject> ownStats;
  private final LongSupplier nanoTime;

  /** When each node was first known. */
  private final Map<String, Long> since = new ConcurrentHashMap<>();

  /** The last report of each node that has answered, by its id. */
  private final Map<String, Report> received = new ConcurrentHashMap<>();

  /** The nodes that have not answered the last request yet. */
  private final Set<String> asked = ConcurrentHashMap.newKeySet();

  /** The nodes that were gone at the last round; written by {@link #ask} alone. */
  private Set<String> gone = Set.of();

  /**
   * @param requests by which nodes ask each other
   * @param name this node's name
   * @param ownStats this node's statistics, now
   * @param nanoTime the clock that measures the age of reports, as {@link System#nanoTime}
   */
  public NodeReports(
      Voters voters,
      NodeRequests requests,
      String name,
      Supplier<JsonObject> ownStats,
      LongSupplier nanoTime) {
    this.voters = voters;
    this.requests = requests;
    this.name = name;
    this.ownStats = ownStats;
    this.nanoTime = nanoTime;
    voters.nodes().forEach(this::known);
    requests.answer(
        REQUEST, body -> Future.succeededFuture(ownStats.get().put(NAME, name).encode()));
  }

  /**
   * Asks now, and then once a second.
   *
   * @return ends it
   */
  public Runnable start(Vertx vertx) {
    long timer = vertx.setPeriodic(PERIOD_MILLIS, tick -> ask());
    ask();
    return () -> vertx.cancelTimer(timer);
  }

  /** Asks every other node, except those that still owe an answer. */
  void ask() {
    for (Voter voter : voters.nodes()) {
      String id = voter.id();
      if (!voter.self() && asked.add(id)) {
        requests
            .ask(id, REQUEST, "")
            .onSuccess(answer -> receive(id, answer))
            .onComplete(e -> asked.remove(id));
      }
    }
    logChanges();
  }

  private void receive(String id, String answer) {
    try {
      received.put(id, new Report(new JsonObject(answer), nanoTime.getAsLong()));
    } catch (DecodeException e) { // a node of another version
      LOG.log(System.Logger.Level.DEBUG, "the report of " + id + " can't be read", e);
    }
  }

  private void logChanges() {
    var now = new HashSet<String>();
    for (Voter voter : voters.nodes()) {
      if (isGone(voter)) {
        now.add(voter.id());
        if (!gone.contains(voter.id())) {
          LOG.log(System.Logger.Level.WARNING, "{0} does not answer", description(voter));
        }
      } else if (gone.contains(voter.id())) {
        LOG.log(System.Logger.Level.INFO, "{0} answers again", description(voter));
      }
    }
    gone = now;
  }

  private String description(Voter voter) {
    String name = name(voter);
    return name.equals(voter.id()) ? name : name + " at " + voter.id();
  }

  /** The nodes that are not {@link #gone}, each with its last report. */
  public JsonArray nodes() {
    var nodes = new JsonArray();
    List<Voter> edges = voters.edges();
    for (Voter voter : voters.nodes()) {
      if (isGone(voter)) {
        continue;
      }
      JsonObject node = new JsonObject();
      Report last = received.get(voter.id());
      if (voter.self()) {
        node.mergeIn(ownStats.get());
      } else if (last != null) {
        node.mergeIn(last.content).put("reportAgeSeconds", ageSeconds(last));
      }
      nodes.add(
          node.put(NAME, name(voter))
              .put("address", voter.id())
              .put("hub", true)
              .put(ROLE, role(voter, edges))
              .put("leader", voter.leader())
              .put("self", voter.self()));
    }
    return nodes;
  }

  /**
   * The nodes that have not answered for three seconds, for as long as they are voters or edges:
   * each with its role, and, from its last report, the age, the version and the HTTP address.
   */
  public JsonArray gone() {
    var list = new JsonArray();
    List<Voter> edges = voters.edges();
    for (Voter voter : voters.nodes()) {
      if (isGone(voter)) {
        JsonObject one =
            new JsonObject()
                .put(NAME, name(voter))
                .put("address", voter.id())
                .put(ROLE, role(voter, edges));
        Report last = received.get(voter.id());
        list.add(last == null ? one : withLast(one, last));
      }
    }
    return list;
  }

  private static String role(Voter voter, List<Voter> edges) {
    return edges.contains(voter) ? "edge" : "voter";
  }

  private JsonObject withLast(JsonObject node, Report last) {
    return node.put("reportAgeSeconds", ageSeconds(last))
        .put("version", last.content.getString("version"))
        .put("http", last.content.getString("http"));
  }

  /** The number of voters that are not gone, this node included. */
  public int connected() {
    return count(voters.voters());
  }

  /** The number of voters, gone or not. */
  public int voters() {
    return voters.voters().size();
  }

  /** The number of edges that are not gone, this node included. */
  public int edges() {
    return count(voters.edges());
  }

  private int count(List<Voter> nodes) {
    return (int) nodes.stream().filter(node -> !isGone(node)).count();
  }

  /** Whether the node has not answered for three seconds. */
  boolean isGone(Voter voter) {
    Report last = received.get(voter.id());
    long heard = last == null ? known(voter) : last.receivedNanos;
    return !voter.self() && nanoTime.getAsLong() - heard >= GONE_NANOS;
  }

  private long known(Voter voter) {
    return since.computeIfAbsent(voter.id(), id -> nanoTime.getAsLong());
  }

  /** The name that the node has reported, otherwise its id. */
  String name(Voter voter) {
    if (voter.self()) {
      return name;
    }
    Report last = received.get(voter.id());
    return last == null ? voter.id() : last.content.getString(NAME, voter.id());
  }

  private double ageSeconds(Report report) {
    long millis = TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - report.receivedNanos);
    return millis / MILLIS_PER_SECOND;
  }

  private record Report(JsonObject content, long receivedNanos) {}
}
