package io.tidings.log.raft;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.ratis.protocol.exceptions.ReconfigurationInProgressException;
import org.apache.ratis.protocol.exceptions.ReconfigurationTimeoutException;
import org.apache.ratis.protocol.exceptions.ServerNotReadyException;
import org.apache.ratis.protocol.exceptions.SetConfigurationException;

/**
 * Changes the voters, on the leader, one change at a time. What can be known before is checked
 * before: that the new ones wait to be added, and that most of the target answer. Ratis has the new
 * ones receive the log before they count, and the change is complete when most of the old and of
 * the new voters have it; publishing goes on meanwhile. Each change has a thread. Thread-safe.
 */
final class VoterChanges {
  private static final System.Logger LOG = System.getLogger(VoterChanges.class.getName());
  private static final long ANSWER_MILLIS = 3_000;
  private static final long HAND_ON_MILLIS = 5_000;
  private static final long CHANGE_MINUTES = 60;

  private final LeaderRoute route;
  private final VoterClient others;
  private final FetchNotes notes;

  /** Held while the configuration is changed. */
  private final ReentrantLock configuring;

  /** The last change; guarded by this. */
  private VoterChange last = new VoterChange("", VoterChange.State.DONE, "");

  private List<String> lastTarget = List.of();

  /**
   * @param notes what nodes that fetch the log have told
   */
  VoterChanges(LeaderRoute route, VoterClient others, ReentrantLock configuring, FetchNotes notes) {
    this.notes = notes;
    this.route = route;
    this.others = others;
    this.configuring = configuring;
  }

  /** Begins a change, unless another one runs; does not block. */
  synchronized VoterChange begin(List<String> target) {
    String id = UUID.randomUUID().toString();
    if (last.state() == VoterChange.State.RUNNING) {
      return new VoterChange(
          id,
          VoterChange.State.REFUSED,
          "the voters are being changed to "
              + VoterRules.text(lastTarget)
              + " already: wait until that has ended");
    }
    EngineThread.daemon(() -> run(target), "tidings-raft-voters").start();
    last = new VoterChange(id, VoterChange.State.RUNNING, "");
    lastTarget = List.copyOf(target);
    return last;
  }

  /** The change with this id; refused if this node did not make it last. */
  synchronized VoterChange find(String id) {
    return last.id().equals(id)
        ? last
        : new VoterChange(
            id, VoterChange.State.UNKNOWN, "the node that made the change was started again");
  }

  /** The target of the change that runs. */
  synchronized Optional<List<String>> running() {
    return last.state() == VoterChange.State.RUNNING ? Optional.of(lastTarget) : Optional.empty();
  }

  private synchronized void end(VoterChange.State state, String reason) {
    last = last.with(state, reason);
  }

  /** A failure ends it before it is logged: an Error may come again, and nothing ends it twice. */
  private void run(List<String> target) {
    try {
      if (changeAlone(target)) {
        LOG.log(System.Logger.Level.INFO, "the voters are {0}", VoterRules.text(target));
        end(VoterChange.State.DONE, "");
      } else {
        end(VoterChange.State.MOVED, "");
      }
    } catch (VotersRefused e) {
      end(VoterChange.State.REFUSED, e.getMessage());
      LOG.log(System.Logger.Level.WARNING, "the voters were not changed: {0}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end(VoterChange.State.UNKNOWN, "the node is being stopped");
    } catch (Exception | Error e) {
      end(VoterChange.State.UNKNOWN, "this node does not lead any more");
      LOG.log(System.Logger.Level.WARNING, "the voters may not be changed", e);
    }
  }

  /** Edges that are being added give way. */
  private boolean changeAlone(List<String> target) throws Exception {
    configuring.lockInterruptibly();
    try {
      RaftNode node = leader();
      node.voters().awaitSettled();
      return change(node, target);
    } finally {
      configuring.unlock();
    }
  }

  private RaftNode leader() {
    return route
        .run()
        .map(EngineRun::node)
        .filter(node -> route.isSelf(node.leader()))
        .orElseThrow(() -> new VotersRefused("this node does not lead any more: try again"));
  }

  /** Returns false if another node is to make the change. */
  private boolean change(RaftNode node, List<String> target) throws Exception {
    VoterConfiguration now = node.voters().configuration();
    List<List<String>> steps = VoterRules.steps(now.current(), target);
    checkEdges(target.stream().filter(now.edges()::contains).toList());
    checkNew(target.stream().filter(voter -> !now.current().contains(voter)).toList());
    checkMajority(node, now, target);
    if (!target.contains(route.self())) {
      handOn(node, target);
      return false;
    }
    List<String> from = now.current();
    for (List<String> step : steps) {
      setVoters(node, from, step);
      from = step;
    }
    return true;
  }

  private static void checkEdges(List<String> edges) {
    if (!edges.isEmpty()) {
      throw new VotersRefused(
          VoterRules.text(edges)
              + (edges.size() == 1 ? " is an edge" : " are edges")
              + ": start a node with an empty log.dir and cluster.join=true at another address (another port is enough), and name that");
    }
  }

  /** A node that waits to be added has no vote, and so does not answer but by that. */
  private void checkNew(List<String> added) throws InterruptedException {
    for (String voter : added) {
      Optional<String> fetches = notes.progress(voter);
      if (fetches.isPresent()) {
        throw new VotersRefused(
            voter + " fetches the log first: " + fetches.get() + "; repeat this when it has it");
      }
      try {
        others
            .ask(voter, MemberRequests.facts(route.self()))
            .get(ANSWER_MILLIS, TimeUnit.MILLISECONDS);
        throw new VotersRefused(
            voter
                + " has a log of its own, or one of another cluster: start it with an empty log.dir and cluster.join=true");
      } catch (ExecutionException | TimeoutException e) {
        if (!hasCause(e, ServerNotReadyException.class)) {
          throw new VotersRefused(
              voter
                  + " does not answer as a node that waits to be added: start it with cluster.join=true and cluster.name as here, and look at its log");
        }
      }
    }
  }

  /** Otherwise the change could not be completed, and nothing could be stored any more. */
  private void checkMajority(RaftNode node, VoterConfiguration now, List<String> target)
      throws Exception {
    List<String> silent = new ArrayList<>();
    for (LeaderWatch.Follower follower : node.voters().followers()) {
      if (!follower.answers() && target.contains(follower.id())) {
        silent.add(follower.id());
      }
    }
    if (silent.size() * 2 >= target.size()) {
      throw new VotersRefused(
          VoterRules.text(silent) + " do not answer: most of the new voters must run");
    }
  }

  private void handOn(RaftNode node, List<String> target) throws Exception {
    String successor =
        node.voters().followers().stream()
            .filter(follower -> target.contains(follower.id()) && follower.answers())
            .max(Comparator.comparingLong(LeaderWatch.Follower::match))
            .map(LeaderWatch.Follower::id)
            .orElseThrow(
                () ->
                    new VotersRefused(
                        "this node leads, and none of the voters that stay can take its place"));
    try {
      node.handOn(successor).get(HAND_ON_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new VotersRefused(
          "this node leads, and " + successor + " could not take its place: try again");
    }
  }

  private static void setVoters(RaftNode node, List<String> from, List<String> to)
      throws InterruptedException, TimeoutException {
    CompletableFuture<Void> change = node.voters().change(from, to);
    try {
      change.get(CHANGE_MINUTES, TimeUnit.MINUTES);
    } catch (ExecutionException e) {
      if (hasCause(e, ReconfigurationTimeoutException.class)) {
        throw new VotersRefused(
            "a new node stopped answering while it received the log, of "
                + VoterRules.text(to)
                + ": its own log says why");
      } else if (hasCause(e, ReconfigurationInProgressException.class)) {
        throw new VotersRefused("another change is not complete: wait for it");
      } else if (hasCause(e, SetConfigurationException.class)) {
        throw new VotersRefused("the voters were changed meanwhile: try again");
      }
      throw new CompletionException(e.getCause());
    }
  }

  static boolean hasCause(Throwable failure, Class<? extends Throwable> type) {
    for (Throwable one = failure; one != null; one = one.getCause()) {
      if (type.isInstance(one)) {
        return true;
      }
    }
    return false;
  }
}
