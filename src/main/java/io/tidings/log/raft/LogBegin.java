package io.tidings.log.raft;

import io.tidings.event.Position;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * What a leader does so that the log begins and its time goes on: the first one marks the log as
 * one whose settings are replicated, begins it, and has its own settings replicated as soon as all
 * nodes know how; while nothing is published, a leader lets time pass for deduplication. A log that
 * an earlier version began has no mark: its settings are replicated by the first change of them, so
 * that nodes can go back to that version until then. Confined to the supervisor's thread.
 */
final class LogBegin {
  private static final System.Logger LOG = System.getLogger(LogBegin.class.getName());

  /** The reserved name of a checkpoint; its id says nothing. */
  private static final String MARK = "cluster settings";

  /** After this time without a command, the leader makes one. */
  private static final long IDLE_NANOS =
      TimeUnit.MILLISECONDS.toNanos(ReplicatedState.MAX_STEP_MILLIS / 2);

  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final EngineParts parts;
  private final LeaderRoute route;
  private final Executor thread;
  private boolean submitting;
  private boolean reported;
  private boolean reportedReplicated;
  private long tried = System.nanoTime() - RETRY_NANOS;

  /**
   * @param thread the supervisor's
   */
  LogBegin(EngineParts parts, LeaderRoute route, Executor thread) {
    this.parts = parts;
    this.route = route;
    this.thread = thread;
  }

  /** Called while there is a leader. */
  void tick(EngineRun run, Optional<String> leader) {
    ReplicatedState state = run.replica().state();
    if (route.isSelf(leader) && !submitting) {
      next(state, run.idleNanos()).ifPresent(command -> submit(run, command));
      replicateSettings(state);
    }
    report(state);
  }

  /** The command that is due. */
  private Optional<Command> next(ReplicatedState state, long idleNanos) {
    if (!state.configured() && !marked(state)) {
      return Optional.of(new Command.SetCheckpoint(0, MARK, "by the first leader"));
    } else if (!state.configured()) {
      long epoch = state.base() == 0 ? Position.newEpoch() : state.epoch();
      long once = parts.options().settings().own().once().toMillis();
      long bytes = parts.options().settings().own().dedup();
      return Optional.of(new Command.Configure(0, epoch, state.base(), once, bytes));
    } else if (idleNanos >= IDLE_NANOS) {
      return Optional.of(
          new Command.Configure(
              0, state.epoch(), state.base(), state.onceMillis(), state.onceBytes()));
    }
    return Optional.empty();
  }

  private static boolean marked(ReplicatedState state) {
    return state.checkpoints().find(MARK).isPresent();
  }

  private void submit(EngineRun run, Command command) {
    submitting = true;
    run.node()
        .submit(command.encode())
        .whenComplete((nothing, failure) -> thread.execute(() -> submitting = false));
  }

  private void replicateSettings(ReplicatedState state) {
    if (!state.configured()
        || !state.settings().isEmpty()
        || !marked(state)
        || System.nanoTime() - tried < RETRY_NANOS) {
      return;
    }
    tried = System.nanoTime();
    parts
        .settings()
        .begin()
        .onFailure(
            e ->
                LOG.log(
                    System.Logger.Level.DEBUG, "the settings are not replicated yet; retried", e));
  }

  /** When the settings of the cluster are known, and again when all of them are replicated. */
  private void report(ReplicatedState state) {
    boolean replicated = !state.settings().isEmpty();
    if (reported && reportedReplicated == replicated
        || !state.configured()
        || parts.health().behindMillis() > 0
        || !replicated && marked(state)) {
      return;
    }
    reported = true;
    reportedReplicated = replicated;
    String ignored = parts.options().settings().report();
    if (!ignored.isEmpty()) {
      LOG.log(System.Logger.Level.INFO, "{0}; see `tidings cluster set`", ignored);
    }
  }
}
