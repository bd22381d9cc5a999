package io.tidings.log.raft;

import io.tidings.settings.Member;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.apache.ratis.protocol.exceptions.StateMachineException;

/**
 * Adds edges to the configuration, on the leader, one after the other, and forgets those that have
 * not answered for long. An edge asks by itself, again and again, so an addition that fails is not
 * repeated here. It gives way to a change of the voters, and ends after a while in any case: what
 * the edge has received by then stays with it. One thread at a time; methods may be called on any.
 */
final class EdgeChanges {
  private static final System.Logger LOG = System.getLogger(EdgeChanges.class.getName());

  /** Each is in every configuration, and the leader feeds each. */
  static final int MAX_EDGES = 128;

  private static final long ANSWER_MILLIS = 2_000;
  private static final long LOOK_MILLIS = 50;

  /** How long the addition of one edge may take. */
  private static final long ADD_MILLIS = 30_000;

  /** How long a change may take that waits for no new node. */
  private static final long CHANGE_MILLIS = 10_000;

  private final LeaderRoute route;
  private final VoterClient others;
  private final ReentrantLock configuring;
  private final EdgeSilence silence;
  private final LongSupplier nanoTime;

  /** Those that are to be added, in the order in which they asked. Guarded by this. */
  private final Set<String> asking = new LinkedHashSet<>();

  /** Those that are to be forgotten. Guarded by this. */
  private final Set<String> gone = new LinkedHashSet<>();

  /** Guarded by this. */
  private boolean working;

  /**
   * @param configuring held while the configuration is changed
   * @param silence tells which edges are to be forgotten
   */
  EdgeChanges(
      LeaderRoute route,
      VoterClient others,
      ReentrantLock configuring,
      EdgeSilence silence,
      LongSupplier nanoTime) {
    this.route = route;
    this.others = others;
    this.configuring = configuring;
    this.silence = silence;
    this.nanoTime = nanoTime;
  }

  /**
   * Has an edge added if it is not fed yet; does not block.
   *
   * @param epoch of the log that it has; 0 if it has none
   */
  VoterChange add(String edge, long epoch) {
    Optional<EngineRun> run = route.run().filter(now -> route.isSelf(now.node().leader()));
    if (run.isEmpty()) {
      return answer(VoterChange.State.MOVED, "");
    }
    VoterConfiguration now = run.get().node().voters().configuration();
    String refusal = refusal(edge, epoch, now, run.get().replica().state());
    if (!refusal.isEmpty()) {
      return answer(VoterChange.State.REFUSED, refusal);
    } else if (now.edges().contains(edge) && isFed(run.get().node(), edge)) {
      return answer(VoterChange.State.DONE, "");
    }
    synchronized (this) {
      asking.add(edge);
      work();
    }
    return answer(VoterChange.State.RUNNING, "");
  }

  private static VoterChange answer(VoterChange.State state, String reason) {
    return new VoterChange("", state, reason);
  }

  private static String refusal(
      String edge, long epoch, VoterConfiguration now, ReplicatedState state) {
    if (now.all().contains(edge)) {
      return StartCheck.IS_VOTER.formatted(edge);
    } else if (epoch != 0 && state.configured() && epoch != state.epoch()) {
      return StartCheck.OTHER_CLUSTER.formatted(edge, epoch, state.epoch());
    } else if (!isAddress(edge)) {
      return edge + " is not an address";
    } else if (!now.edges().contains(edge) && now.edges().size() >= MAX_EDGES) {
      return "a cluster has at most " + MAX_EDGES + " edges";
    }
    return "";
  }

  private static boolean isAddress(String edge) {
    try {
      return Member.parse(edge).id().equals(edge);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isFed(RaftNode node, String edge) {
    return node.voters().edges().stream().anyMatch(one -> one.id().equals(edge) && one.fed());
  }

  /** Called many times a second while this node leads. */
  void lead(Collection<LeaderWatch.Follower> edges) {
    List<String> forgotten = silence.forgotten(edges);
    if (!forgotten.isEmpty()) {
      synchronized (this) {
        gone.addAll(forgotten);
        work();
      }
    }
  }

  /** This node does not lead. */
  void follow() {
    silence.follow();
  }

  /** With the lock of this. */
  private void work() {
    if (!working) {
      EngineThread.daemon(this::workOrEnd, "tidings-raft-edges").start();
      working = true;
    }
  }

  /** After an Error while one was logged, the next request starts another thread. */
  private void workOrEnd() {
    try {
      run();
    } catch (RuntimeException | Error e) {
      synchronized (this) {
        working = false;
      }
      throw e;
    }
  }

  private void run() {
    while (true) {
      List<String> forgotten;
      Optional<String> added;
      synchronized (this) {
        forgotten = List.copyOf(gone);
        added = asking.stream().findFirst();
        gone.clear();
        added.ifPresent(asking::remove);
        if (forgotten.isEmpty() && added.isEmpty()) {
          working = false;
          return;
        }
      }
      try {
        if (!forgotten.isEmpty()) {
          locked(node -> remove(node, forgotten));
        }
        if (added.isPresent() && answers(added.get())) {
          locked(node -> add(node, added.get()));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return; // the process ends
      } catch (RuntimeException | Error e) {
        LOG.log(System.Logger.Level.ERROR, "the edges could not be changed; they ask again", e);
      }
    }
  }

  /** A change by this leader. */
  private interface Change {
    void make(RaftNode node) throws Exception;
  }

  private void locked(Change change) throws InterruptedException {
    configuring.lockInterruptibly();
    try {
      Optional<RaftNode> node =
          route.run().map(EngineRun::node).filter(one -> route.isSelf(one.leader()));
      if (node.isPresent()) {
        node.get().voters().awaitSettled();
        change.make(node.get());
      }
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      LOG.log(System.Logger.Level.DEBUG, "the edges were not changed; they ask again", e);
    } finally {
      configuring.unlock();
    }
  }

  /** One whose address leads nowhere would hold others up. */
  private boolean answers(String edge) throws InterruptedException {
    try {
      others
          .ask(edge, MemberRequests.facts(route.self()))
          .get(ANSWER_MILLIS, TimeUnit.MILLISECONDS);
      return true;
    } catch (ExecutionException | TimeoutException e) {
      if (VoterChanges.hasCause(e, StateMachineException.class)) {
        return true; // it has nothing yet
      }
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} asks to be added as an edge, and does not answer at that address: {1}",
          edge,
          String.valueOf(e.getMessage()));
      return false;
    }
  }

  private void remove(RaftNode node, List<String> edges) throws Exception {
    VoterConfiguration now = node.voters().configuration();
    node.voters().changeEdges(now, without(now.edges(), edges)).get(CHANGE_MILLIS, MILLIS);
    LOG.log(
        System.Logger.Level.INFO,
        "edges that have not answered for long are forgotten: {0}",
        VoterRules.text(edges));
  }

  private static List<String> without(List<String> all, List<String> some) {
    return all.stream().filter(one -> !some.contains(one)).toList();
  }

  private void add(RaftNode node, String edge) throws Exception {
    VoterConfiguration now = node.voters().configuration();
    if (now.all().contains(edge) || isFed(node, edge)) {
      return;
    }
    if (now.edges().contains(edge)) { // what fed it has failed, and is not started again by Ratis
      node.voters()
          .changeEdges(now, without(now.edges(), List.of(edge)))
          .get(CHANGE_MILLIS, MILLIS);
      now = node.voters().configuration();
    }
    var target = new ArrayList<>(now.edges());
    target.add(edge);
    awaitAdded(node, edge, node.voters().changeEdges(now, target));
    LOG.log(System.Logger.Level.INFO, "{0} follows as an edge", edge);
  }

  private void awaitAdded(RaftNode node, String edge, CompletableFuture<Void> change)
      throws InterruptedException, ExecutionException, TimeoutException {
    long begun = nanoTime.getAsLong();
    boolean abandoned = false;
    while (true) {
      try {
        change.get(LOOK_MILLIS, MILLIS);
        return;
      } catch (TimeoutException e) {
        long millis = TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - begun);
        if (millis >= ADD_MILLIS + CHANGE_MILLIS) {
          throw e; // this node does not lead any more, or has no majority
        } else if (!abandoned && (configuring.hasQueuedThreads() || millis >= ADD_MILLIS)) {
          abandoned = true;
          node.voters().abandon(edge);
        }
      }
    }
  }

  private static final TimeUnit MILLIS = TimeUnit.MILLISECONDS;
}
