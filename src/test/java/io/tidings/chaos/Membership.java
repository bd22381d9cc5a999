package io.tidings.chaos;

import io.tidings.Pacing;
import io.tidings.Wait;
import io.tidings.chaos.VotersHistory.Outcome;
import io.tidings.chaos.VotersHistory.Request;
import io.tidings.chaos.VotersHistory.Seen;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Changes which nodes vote: spare nodes are started to be added, those that were removed are ended
 * and emptied, and are spare then. Used by one thread at a time.
 */
final class Membership {
  private static final Duration CHANGE = Duration.ofSeconds(120);
  private static final Duration FETCH = Duration.ofMinutes(5);
  private static final Duration RETIRE = Duration.ofSeconds(60);
  private static final Duration RETRY_DELAY = Duration.ofMillis(300);
  private static final String WAITS = "it waits for `tidings cluster voters`";
  private static final String FETCHES = "fetches the log first";
  private static final String OUTSIDE = "is not a voter of the cluster any more";

  private final Cluster cluster;
  private final HttpClient http;
  private final VoterAdmin admin;

  Membership(Cluster cluster, HttpClient http, VotersHistory history) {
    this.cluster = cluster;
    this.http = http;
    this.admin = new VoterAdmin(http, history);
  }

  VoterAdmin admin() {
    return admin;
  }

  static List<String> addresses(List<Node> nodes) {
    return nodes.stream().map(Node::voter).toList();
  }

  /** Nodes that have no log and do not run. */
  List<Node> spares() {
    return cluster.nodes().stream().filter(node -> node.role() == Node.Role.SPARE).toList();
  }

  /** Starts a spare node, with an empty disk; it waits to be added. */
  void start(Node spare) throws IOException {
    cluster.prepare(spare);
    spare.join(Stream.concat(askable(), Stream.of(spare.voter())).distinct().toList());
    spare.start();
  }

  private Stream<String> askable() {
    return cluster.members().all().stream().map(Node::voter);
  }

  /**
   * Waits until a node that was started says that it waits; it may have to fetch the log before.
   */
  void awaitWaiting(Node spare) {
    Wait.until(
        FETCH, () -> "node " + spare.number() + " waits to be added", () -> spare.says(WAITS));
  }

  /** The members, with another node in the place of one. */
  List<Node> replaced(Node old, Node by) {
    return cluster.members().all().stream().map(node -> node == old ? by : node).toList();
  }

  /**
   * Has the voters changed, by one of some nodes after another, until it is done.
   *
   * @param asked which of the members are asked
   * @throws AssertionError if it is not done in time
   */
  void change(List<Node> target, Predicate<Node> asked, Random random) throws IOException {
    long end = System.nanoTime() + CHANGE.toNanos();
    String noted = "";
    while (true) {
      List<Node> some = cluster.members().all().stream().filter(asked).filter(Node::runs).toList();
      Request request = admin.ask(some.get(random.nextInt(some.size())), addresses(target));
      if (!request.answer().equals(noted)) {
        noted = request.answer();
        if (noted.contains(FETCHES)) { // it has fetched more since
          end = System.nanoTime() + CHANGE.toNanos();
        }
        cluster.note("chaos: voters " + numbers(target) + ": " + request);
      }
      if (request.outcome() == Outcome.DONE) {
        changed(target);
        return;
      }
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("the voters are not changed: " + request);
      }
      for (Node node : target) {
        if (node.role() == Node.Role.SPARE && !node.runs()) {
          startWithCopy(node, some.get(random.nextInt(some.size())));
        }
      }
      Pacing.pause(RETRY_DELAY);
    }
  }

  private static String numbers(List<Node> nodes) {
    return nodes.stream().map(node -> "" + node.number()).collect(Collectors.joining(" "));
  }

  /** A new node has ended, since the others' Raft logs do not have what it lacks any more. */
  private void startWithCopy(Node node, Node from) throws IOException {
    if (!node.says("give it a copy")) {
      throw new AssertionError("node " + node.number() + " has ended while it was added");
    }
    cluster.note("chaos: node " + node.number() + " gets a copy of node " + from.number());
    node.disk().empty();
    Path copy = from.disk().data().resolveSibling("copy");
    Shell.run("rm", "-rf", copy.toString());
    Shell.run("mkdir", "-p", node.disk().data().toString());
    // in this order, as in docs/cluster.md
    Shell.runLong(
        "sh",
        "-c",
        "cd \"$1\" && for g in raft/*/sm; do mkdir -p \"$2/$g\" && cp -r $g/. \"$2/$g\"; done",
        "sh",
        from.disk().data().toString(),
        node.disk().data().toString());
    Shell.runLong(
        cluster.java(),
        "-jar",
        Node.jar(),
        "log",
        "backup",
        copy.toString(),
        "--dir",
        from.disk().data().toString());
    Shell.runLong("cp", "-r", copy + "/.", node.disk().data().toString());
    Shell.run("rm", "-rf", copy.toString());
    node.start();
  }

  private void changed(List<Node> target) throws IOException {
    List<Node> before = cluster.members().all();
    target.forEach(node -> node.role(Node.Role.VOTER));
    cluster.members().set(target);
    for (Node node : before) {
      if (!target.contains(node)) {
        retire(node);
      }
    }
  }

  /** Ends and empties a node that does not vote any more, when it says so. */
  private void retire(Node node) throws IOException {
    if (!node.runs()) {
      node.start(); // with its log, as an administrator who does not know
    }
    Wait.until(
        RETIRE,
        () -> "node " + node.number() + " says that it is no voter",
        () -> node.obstacle(http).contains(OUTSIDE));
    end(node);
  }

  /** Ends a node that was started to be added, or was removed. */
  void end(Node node) throws IOException {
    if (node.runs()) {
      node.terminate();
    }
    node.disk().empty();
    node.role(Node.Role.SPARE);
  }

  /**
   * Waits until some nodes agree who the voters are, which do not change; returns these. Who says
   * that it is no voter any more knows only those of its own time.
   *
   * @param added may be a voter by then, and the leader
   */
  Set<String> awaitSettled(Predicate<Node> asked, Node added) {
    var settled = new AtomicReference<Set<String>>(Set.of());
    Wait.until(
        CHANGE,
        () -> "the voters do not change",
        () -> {
          List<Node> some =
              cluster.members().all().stream().filter(asked).filter(this::isInside).toList();
          List<Seen> seen =
              some.stream().flatMap(node -> ClusterWatch.ask(node, http).stream()).toList();
          boolean led =
              Stream.concat(seen.stream(), ClusterWatch.ask(added, http).stream())
                  .anyMatch(one -> !one.leader().isEmpty());
          boolean agreed =
              led
                  && seen.size() == some.size()
                  && seen.stream().noneMatch(Seen::changing)
                  && seen.stream().map(Seen::voters).distinct().count() == 1;
          settled.set(agreed ? seen.get(0).voters() : Set.of());
          return agreed;
        });
    return settled.get();
  }

  private boolean isInside(Node node) {
    return !node.obstacle(http).contains(OUTSIDE);
  }

  /** What is wrong with the voters that the members show: they are those of the last change. */
  Optional<String> difference() {
    Set<String> expected = Set.copyOf(addresses(cluster.members().all()));
    var wrong = new ArrayList<Seen>();
    for (Node node : cluster.members().all()) {
      Optional<Seen> seen = ClusterWatch.ask(node, http);
      seen.filter(one -> one.changing() || !one.voters().equals(expected)).ifPresent(wrong::add);
    }
    return wrong.isEmpty() ? Optional.empty() : Optional.of(wrong + ", not " + expected);
  }
}
