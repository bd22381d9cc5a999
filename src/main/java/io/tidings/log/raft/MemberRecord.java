package io.tidings.log.raft;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Keeps this voter's {@link NodeLife} in the replicated state. A voter that finds another one
 * there, and has begun with an empty directory though it was to be added by nobody, was emptied.
 * Confined to the supervisor's thread.
 */
final class MemberRecord {
  private static final System.Logger LOG = System.getLogger(MemberRecord.class.getName());
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final EngineParts parts;
  private final LeaderRoute route;
  private final Consumer<String> end;
  private long tried = System.nanoTime() - RETRY_NANOS;

  MemberRecord(EngineParts parts, LeaderRoute route, Consumer<String> end) {
    this.parts = parts;
    this.route = route;
    this.end = end;
  }

  /** Called while there is a leader. */
  void keep(EngineRun run) {
    VoterConfiguration voters = parts.voters().configuration();
    if (parts.health().behindMillis() > 0
        || !run.replica().state().configured()
        || !voters.current().contains(parts.voters().self())
        || System.nanoTime() - tried < RETRY_NANOS) {
      return;
    }
    String name = NodeLife.checkpoint(parts.voters().self());
    Optional<String> known = run.replica().checkpoints().find(name);
    if (known.equals(Optional.of(parts.life().id()))) {
      return;
    }
    if (known.isPresent() && parts.life().emptied() && !parts.voters().joins()) {
      end.accept(StartCheck.EMPTIED.formatted(parts.voters().self()));
      return;
    }
    tried = System.nanoTime();
    run.replica()
        .checkpoints()
        .refusal(name, parts.life().id())
        .ifPresentOrElse(
            refusal -> LOG.log(System.Logger.Level.DEBUG, refusal),
            () -> submit(new Command.SetCheckpoint(0, name, parts.life().id())));
  }

  private void submit(Command command) {
    route
        .submit(command)
        .onFailure(
            e -> LOG.log(System.Logger.Level.DEBUG, "this voter's life is not stored yet", e));
  }
}
