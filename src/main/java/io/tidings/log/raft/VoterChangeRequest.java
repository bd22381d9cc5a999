package io.tidings.log.raft;

import io.tidings.log.LogUnavailable;
import io.tidings.log.OutcomeUnknown;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One request to change the voters: finds the leader, has it begin the change, and asks it until it
 * is complete. A leader that is not to stay hands the leadership on first, and then the next leader
 * is asked. Runs on a thread of its own.
 */
final class VoterChangeRequest {
  private static final long ASK_MILLIS = 200;
  private static final long ANSWER_MILLIS = 3_000;

  /** How long a leader is looked for, or may not answer. */
  private static final long LEADER_MILLIS = 10_000;

  private final LeaderRoute route;
  private final VoterClient others;
  private final VoterChanges own;
  private final List<String> target;
  private final Promise<Void> done = Promise.promise();

  VoterChangeRequest(LeaderRoute route, VoterClient others, VoterChanges own, List<String> target) {
    this.route = route;
    this.others = others;
    this.own = own;
    this.target = target;
  }

  Future<Void> start() {
    EngineThread.daemon(this::run, "tidings-raft-voters-request").start();
    return done.future();
  }

  private void run() {
    try {
      String leader = leader("");
      VoterChange change = follow(leader, begin(leader));
      while (change.state() == VoterChange.State.MOVED) {
        leader = leader(leader);
        change = follow(leader, begin(leader));
      }
      end(change);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      done.tryFail(unknown("the node is being stopped", e));
    } catch (RuntimeException e) {
      done.tryFail(e);
    }
  }

  private void end(VoterChange change) {
    switch (change.state()) {
      case DONE -> done.tryComplete();
      case REFUSED -> done.tryFail(new VotersRefused(change.reason()));
      default -> done.tryFail(unknown(change.reason(), null));
    }
  }

  private static OutcomeUnknown unknown(String reason, Throwable cause) {
    return OutcomeUnknown.ofVoters(reason, cause);
  }

  /** The leader, another one than the last. */
  private String leader(String last) throws InterruptedException {
    for (long waited = 0; waited < LEADER_MILLIS; waited += ASK_MILLIS) {
      Optional<String> leader = route.leader().filter(one -> !one.equals(last));
      if (leader.isPresent()) {
        return leader.get();
      }
      Thread.sleep(ASK_MILLIS);
    }
    throw new LogUnavailable(
        "no majority of the cluster's nodes can be reached; the voters were not changed", null);
  }

  private VoterChange begin(String leader) throws InterruptedException {
    if (leader.equals(route.self())) {
      return own.begin(target);
    }
    return ask(leader, MemberRequests.change(target))
        .orElseThrow(() -> unknown("the leader, " + leader + ", does not answer", null));
  }

  private VoterChange follow(String leader, VoterChange begun) throws InterruptedException {
    VoterChange change = begun;
    long silent = 0;
    while (change.state() == VoterChange.State.RUNNING) {
      Thread.sleep(ASK_MILLIS);
      Optional<VoterChange> now =
          leader.equals(route.self())
              ? Optional.of(own.find(begun.id()))
              : ask(leader, MemberRequests.state(begun.id()));
      silent = now.isPresent() ? 0 : silent + ASK_MILLIS;
      if (silent >= LEADER_MILLIS) {
        throw unknown("the leader, " + leader + ", does not answer any more", null);
      }
      change = now.orElse(change);
    }
    return change;
  }

  private Optional<VoterChange> ask(String leader, String request) throws InterruptedException {
    try {
      return VoterChange.decode(
          others.ask(leader, request).get(ANSWER_MILLIS, TimeUnit.MILLISECONDS));
    } catch (ExecutionException | TimeoutException e) {
      return Optional.empty();
    }
  }
}
