package io.tidings.log.raft;

import io.vertx.core.Future;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Keeps in the replicated state which kinds of commands this node knows: the highest, as the
 * checkpoint of a reserved name, which all versions understand. Confined to the supervisor's
 * thread.
 */
final class KindRecord {
  private static final System.Logger LOG = System.getLogger(KindRecord.class.getName());
  private static final String CHECKPOINT = "kinds ";
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final String self;
  private final Function<Command, Future<Void>> submit;
  private long tried = System.nanoTime() - RETRY_NANOS;

  /**
   * @param submit as {@link LeaderRoute#submit(Command)}
   */
  KindRecord(String self, Function<Command, Future<Void>> submit) {
    this.self = self;
    this.submit = submit;
  }

  /** What a node has stated; empty if nothing. */
  static Optional<Integer> stated(CheckpointTable checkpoints, String node) {
    return checkpoints
        .find(CHECKPOINT + node)
        .filter(text -> text.matches("\\d{1,3}"))
        .map(Integer::parseInt);
  }

  static Command statement(String node, int kind) {
    return new Command.SetCheckpoint(0, CHECKPOINT + node, Integer.toString(kind));
  }

  /** Called while there is a leader, and this node has the log. */
  void keep(CheckpointTable checkpoints) {
    if (stated(checkpoints, self).filter(kind -> kind == Command.KNOWN_KIND).isPresent()
        || System.nanoTime() - tried < RETRY_NANOS) {
      return;
    }
    tried = System.nanoTime();
    Optional<String> refusal =
        checkpoints.refusal(CHECKPOINT + self, Integer.toString(Command.KNOWN_KIND));
    if (refusal.isPresent()) {
      LOG.log(System.Logger.Level.DEBUG, refusal.get());
      return;
    }
    submit
        .apply(statement(self, Command.KNOWN_KIND))
        .onFailure(
            e -> LOG.log(System.Logger.Level.DEBUG, "what this node knows is not stored yet", e));
  }
}
