package io.tidings.log.raft;

import io.tidings.event.CautiousClock;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * What a node does many times a second while its engine runs: it tells {@link RaftHealth} what it
 * sees, applies the retention, and does a leader's duties. Confined to the supervisor's thread.
 */
final class EngineTicks {
  private static final System.Logger LOG = System.getLogger(EngineTicks.class.getName());

  /** The time between two. */
  static final long MILLIS = 50;

  /** After so many ticks without a leader, and then again and again, voters are connected anew. */
  private static final int RECONNECT_TICKS = 60;

  /** After so many ticks, and then again and again, the file with the vote is looked at. */
  private static final int VOTE_TICKS = 20;

  private final EngineParts parts;
  private final LeaderRoute route;
  private final Executor thread;
  private final LeaderWatch leaderWatch;
  private final ClockReports clockReports;
  private final ApplyWatch applyWatch = new ApplyWatch(System::nanoTime);
  private boolean hanging;
  private final SingleFlight reconnecting = SingleFlight.onThread("tidings-raft-reconnect");

  /** On the thread that saves: a disk that hangs must not keep the others waiting. */
  private final SingleFlight retaining;

  private int ticks;
  private final Consumer<String> restart;
  private final MemberRecord record;
  private final KindRecord kinds;
  private final LogBegin begin;
  private final EdgeRequest edgeRequest;
  private final UnheardChange unheard;
  private final Consumer<String> end;

  /** The ticks since there was a leader. */
  private int leaderless;

  /**
   * @param thread the supervisor's
   * @param saver the thread that saves states
   * @param unheard looks whether the others count this node as a voter
   * @param restart starts the engine again, for a reason
   * @param end ends it for good, for a reason
   */
  EngineTicks(
      EngineParts parts,
      LeaderRoute route,
      Executor thread,
      Executor saver,
      UnheardChange unheard,
      Consumer<String> restart,
      Consumer<String> end) {
    this.parts = parts;
    this.route = route;
    this.thread = thread;
    this.retaining = new SingleFlight(saver);
    this.unheard = unheard;
    this.restart = restart;
    this.clockReports =
        new ClockReports(
            parts.voters().self(),
            route::submit,
            CautiousClock.of(parts.clock()),
            System::nanoTime);
    this.end = end;
    this.record = new MemberRecord(parts, route, end);
    this.kinds = new KindRecord(parts.voters().self(), route::submit);
    this.begin = new LogBegin(parts, route, thread);
    this.edgeRequest = new EdgeRequest(parts.voters(), route);
    this.leaderWatch = new LeaderWatch(new Leadership(restart), System::nanoTime);
  }

  void tick(EngineRun run) {
    parts.voters().set(run.node().voters().configuration());
    Optional<String> leader = run.node().leader();
    if (leader.isPresent() || !waits()) {
      parts.health().leader(leader.isPresent());
    }
    parts.proposer().send();
    retaining.begin(() -> retain(run.replica()));
    if (leader.isPresent()) {
      leaderless = 0;
      catchUp(run);
      begin.tick(run, leader);
      clockReports.tick(run.replica().state(), parts.voters().configuration().current());
      record.keep(run);
      keepKinds(run);
    }
    try {
      if (leader.isEmpty()) {
        reconnectSometimes(run.node());
        checkRemoved();
      }
      edgeRequest.tick(run.replica().state(), leader.isPresent());
      unheard.tick(run);
      watchApplying(run.node());
      watchFollowers(run.node());
      watchVote();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "the engine is being closed", e);
    }
  }

  /** Not of edges, which come and go: the names of checkpoints are kept for ever. */
  private void keepKinds(EngineRun run) {
    if (!parts.voters().isEdge()
        && parts.health().behindMillis() == 0
        && run.replica().state().configured()) {
      kinds.keep(run.replica().checkpoints());
    }
  }

  /** A node that waits to be added, and has nothing yet, misses nobody. */
  private boolean waits() {
    return parts.voters().joins() && parts.feed().log().isEmpty();
  }

  /**
   * Not while this node leads and takes no commands yet: it would lose the followers to which it
   * can hand on the leadership. On a thread of its own, since closing a connection takes seconds.
   */
  private void reconnectSometimes(RaftNode node) throws IOException {
    if (node.leads() || ++leaderless % RECONNECT_TICKS != 0) {
      return;
    }
    reconnecting.begin(() -> reconnect(node));
  }

  /**
   * A voter that was removed and is started again has no part in elections, and is told nothing: it
   * does not know that the change is complete.
   */
  private void checkRemoved() {
    VoterConfiguration known = parts.voters().configuration();
    if (leaderless > 0
        && leaderless % RECONNECT_TICKS == 0
        && !parts.voters().joins()
        && known.index() >= 0
        && !known.current().contains(parts.voters().self())) {
      parts.check().removed(known).ifPresent(end);
    }
  }

  private static void reconnect(RaftNode node) {
    try {
      node.reconnect();
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.WARNING, "the other voters could not be connected anew", e);
    }
  }

  private void retain(Replica replica) {
    try {
      replica.applyRetention(parts.options().settings().retention(), parts.clock().millis());
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "the retention could not be applied; retried", e);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "the retention could not be applied", e);
    }
  }

  /** This node answers for the log when it has applied what was committed before. */
  private void catchUp(EngineRun run) {
    if (parts.health().mustCatchUp()) {
      run.caughtUp()
          .whenComplete(
              (nothing, failure) -> parts.health().caughtUp(failure == null && route.uses(run)));
    }
  }

  /** A vote that Ratis has lost is restored between two runs. */
  private void watchVote() throws IOException {
    if (++ticks % VOTE_TICKS == 0 && parts.options().vote().lost()) {
      restart.accept("the vote could not be written");
    }
  }

  /** A node that hangs is not ready, and does not lead for long. */
  private void watchApplying(RaftNode node) throws IOException {
    boolean hangs = applyWatch.hangs(node.applied(), node.committed());
    if (hangs && !hanging) {
      parts.health().failed("its disk does not answer");
    } else if (hanging && !hangs) {
      parts.health().recovered();
    }
    hanging = hangs;
  }

  /** Also while this node leads and takes no commands yet: if it can't apply, it never will. */
  private void watchFollowers(RaftNode node) throws IOException {
    if (node.leads()) {
      node.voters().checkAdded();
      leaderWatch.lead(parts.health().writes(), node.committed(), node.voters().followers());
      parts.edges().lead(node.voters().edges());
    } else {
      leaderWatch.follow();
      parts.edges().follow();
    }
  }

  private final class Leadership implements LeaderWatch.Leadership {
    private final Consumer<String> restart;

    private Leadership(Consumer<String> restart) {
      this.restart = restart;
    }

    @Override
    public void handOn(String successor) {
      LOG.log(System.Logger.Level.WARNING, "the leadership is handed on to {0}", successor);
      route.run().ifPresent(run -> handOn(run.node(), successor));
    }

    private void handOn(RaftNode node, String successor) {
      node.handOn(successor)
          .exceptionally(
              failure -> {
                LOG.log(System.Logger.Level.WARNING, "it could not be handed on", failure);
                thread.execute(leaderWatch::handOnFailed);
                return null;
              });
    }

    @Override
    public void restart(String reason) {
      restart.accept(reason);
    }
  }
}
