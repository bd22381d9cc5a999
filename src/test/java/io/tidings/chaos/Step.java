package io.tidings.chaos;

import io.tidings.Pacing;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A fault of the schedule, and perhaps another one that overlaps with it.
 *
 * @param number in the schedule, from 1
 * @param aim of the fault
 * @param other the other node, if it is about two, or if another fault overlaps; in the schedule
 *     how many places after the node
 * @param overlapping what happens to the other node at the same time
 * @param hold how long each lasts
 * @param rest how long there is no fault after it
 * @param seed of what else is random in it
 */
record Step(
    int number,
    Fault fault,
    Aim aim,
    int other,
    Optional<Fault> overlapping,
    Duration hold,
    Duration rest,
    long seed) {
  /** The other fault begins after this part of the hold. */
  private static final int OVERLAP = 3;

  /**
   * The node that a fault happens to.
   *
   * @param node its number; in the schedule a place among the members
   * @param leader whether it is to be the one that leads when the step begins
   */
  record Aim(int node, boolean leader) {}

  int node() {
    return aim.node();
  }

  /**
   * The step at nodes of the cluster as it is now: in the schedule it has places for them.
   *
   * @param edges one of which it happens to, if it happens to one
   * @param leader the number of the node that leads; the step's node if that is its aim
   */
  Step at(Members members, List<Node> edges, Optional<Integer> leader) {
    int size = members.all().size();
    int place = leader.filter(any -> aim.leader()).flatMap(members::place).orElse(node());
    int first = members.at(place).number();
    int second = members.at(place + 1 + other % (size - 1)).number();
    var found =
        fault.atEdge()
            ? new Aim(edges.get(node() % edges.size()).number(), false)
            : new Aim(first, aim.leader());
    return new Step(number, fault, found, second, overlapping, hold, rest, seed);
  }

  /** Begins, holds and ends what happens. */
  void run(Cluster cluster) throws IOException {
    if (overlapping.isEmpty()) {
      fault.run(cluster, this);
      return;
    }
    var second =
        new Step(
            number,
            overlapping.get(),
            new Aim(other, false),
            node(),
            Optional.empty(),
            hold,
            rest,
            seed);
    CompletableFuture<Void> first = inBackground(cluster, this);
    try {
      Pacing.pause(hold.dividedBy(OVERLAP));
      second.fault.run(cluster, second);
    } finally {
      first.join();
    }
  }

  private static CompletableFuture<Void> inBackground(Cluster cluster, Step step) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            step.fault.run(cluster, step);
          } catch (IOException e) {
            throw new CompletionException(e);
          }
        },
        task -> new Thread(task, "fault").start());
  }

  /** Whether a new process needs some seconds to start when it ends. */
  boolean restarts() {
    return fault.restarts() || overlapping.map(Fault::restarts).orElse(false);
  }

  /** Whether a majority can go on, and a node of it has no fault. */
  boolean leavesMajority() {
    return overlapping.isEmpty() && !fault.endsMajority();
  }

  /** Whether it happens to this node. */
  boolean concerns(int number) {
    return number == node()
        || number == other && (fault.needsTwo() || overlapping.isPresent())
        || fault.endsMajority();
  }

  /** Holds the fault. */
  void pause() {
    Pacing.pause(hold);
  }

  @Override
  public String toString() {
    String where = fault.needsTwo() ? node() + " and " + other : "" + node();
    String leader = aim.leader() ? " (leader)" : "";
    String second = overlapping.map(one -> ", and " + one + ", node " + other).orElse("");
    return "%d %s, node %s%s%s, %d ms"
        .formatted(number, fault, where, leader, second, hold.toMillis());
  }
}
