package io.tidings.chaos;

import io.tidings.Pacing;
import io.tidings.Wait;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** Changes of the voters, right and wrong, and what may happen meanwhile. */
final class MemberFaults {
  private static final int FEW = 3;
  private static final int MANY = 5;
  private static final int INTERRUPT_MILLIS = 2_500;
  private static final int LEADERLESS = 20;
  private static final Duration RETRY_DELAY = Duration.ofMillis(500);
  private static final String EMPTIED = "whose log.dir was lost or emptied";

  private MemberFaults() {}

  /** Whether a node can be asked: what else happens in the step does not happen to it. */
  private static Predicate<Node> undisturbed(Step step) {
    boolean other = step.fault().needsTwo() || step.overlapping().isPresent();
    return node -> !other || node.number() != step.other();
  }

  /** A spare node takes the place of a voter that runs, or was killed. */
  static void replace(Cluster cluster, Step step) throws IOException {
    Membership membership = cluster.membership();
    var random = new Random(step.seed());
    Node old = cluster.node(step.node());
    Node spare = membership.spares().get(0);
    membership.start(spare);
    if (random.nextBoolean()) {
      membership.awaitWaiting(spare); // otherwise the first requests come before it listens
    }
    membership.change(membership.replaced(old, spare), undisturbed(step), random);
  }

  static void replaceDead(Cluster cluster, Step step) throws IOException {
    cluster.node(step.node()).kill();
    replace(cluster, step);
  }

  static void replaceWhilePaused(Cluster cluster, Step step) throws IOException {
    Node other = cluster.node(step.other());
    other.signal("STOP");
    try {
      replace(cluster, step);
    } finally {
      other.signal("CONT");
    }
  }

  static void replaceWhileDiskHangs(Cluster cluster, Step step) throws IOException {
    Disk disk = cluster.node(step.other()).disk();
    disk.freeze();
    try {
      replace(cluster, step);
    } finally {
      disk.thaw();
    }
  }

  /** Three voters become five, and five three. */
  static void resize(Cluster cluster, Step step) throws IOException {
    Membership membership = cluster.membership();
    var random = new Random(step.seed());
    var target = new ArrayList<>(cluster.members().all());
    if (target.size() < MANY) {
      for (Node spare : membership.spares().subList(0, MANY - target.size())) {
        membership.start(spare);
        target.add(spare);
      }
    } else {
      while (target.size() > FEW) {
        target.remove(random.nextInt(target.size()));
      }
    }
    membership.change(target, undisturbed(step), random);
  }

  /** The leader is killed during a change, which is repeated then, or taken back. */
  static void interrupt(Cluster cluster, Step step) throws IOException {
    Membership membership = cluster.membership();
    var random = new Random(step.seed());
    List<Node> before = cluster.members().all();
    Node spare = membership.spares().get(0);
    membership.start(spare);
    membership.awaitWaiting(spare);
    List<Node> target = membership.replaced(cluster.node(step.node()), spare);
    Node leader = cluster.node(cluster.leader().orElse(step.other()));
    List<Node> others = before.stream().filter(node -> node != leader).toList();
    Node asked = others.get(random.nextInt(others.size()));
    CompletableFuture<VotersHistory.Request> first =
        CompletableFuture.supplyAsync(
            () -> membership.admin().ask(asked, Membership.addresses(target)),
            task -> new Thread(task, "change").start());
    Pacing.pause(Duration.ofMillis(random.nextInt(INTERRUPT_MILLIS)));
    leader.kill();
    leader.start();
    VotersHistory.Request request = first.join();
    cluster.note("chaos: the change that was interrupted: " + request);
    boolean done = membership.awaitSettled(undisturbed(step), spare).contains(spare.voter());
    boolean back = random.nextBoolean() && !done;
    membership.change(back ? before : target, undisturbed(step), random);
    if (back) {
      membership.end(spare);
    }
  }

  /** Requests that must be refused, and change nothing. */
  static void refused(Cluster cluster, Step step) throws IOException {
    var random = new Random(step.seed());
    List<String> voters = Membership.addresses(cluster.members().all());
    for (List<String> target : invalid(cluster, voters)) {
      for (int i = 0; i < LEADERLESS; i++) {
        Node node = cluster.members().any(random);
        VotersHistory.Request request = cluster.membership().admin().askInVain(node, target);
        cluster.note("chaos: voters " + request);
        if (!request.answer().startsWith("503")) {
          break;
        }
        Pacing.pause(RETRY_DELAY);
      }
    }
  }

  private static List<List<String>> invalid(Cluster cluster, List<String> voters) {
    String nobody = cluster.network().voter(200);
    var twice = new ArrayList<>(voters);
    twice.add(voters.get(0));
    var unknown = new ArrayList<>(voters.subList(1, voters.size()));
    unknown.add(nobody);
    var strangers = new ArrayList<String>();
    for (int i = 0; i < FEW; i++) {
      strangers.add(cluster.network().voter(201 + i));
    }
    return List.of(
        voters.subList(0, 2), twice, unknown, strangers, List.of(), List.of("no address: 1:2"));
  }

  /** A voter comes back with an empty disk, and is refused; then with its own, or is replaced. */
  static void emptied(Cluster cluster, Step step) throws IOException {
    Node node = cluster.node(step.node());
    node.kill();
    node.disk().takeAway();
    node.start();
    Wait.until("the emptied voter is refused", () -> !node.runs());
    if (!node.says(EMPTIED)) {
      throw new AssertionError("an emptied voter ended for another reason");
    }
    step.pause();
    node.disk().putBack();
    if (new Random(step.seed()).nextBoolean()) {
      replace(cluster, step);
    } else {
      node.start();
    }
  }
}
