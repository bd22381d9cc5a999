package io.tidings.log.raft;

import io.tidings.event.CautiousClock;
import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Replicates this voter's clock every few minutes while there are expiring records, for {@link
 * VoterClocks}. Without them it sends nothing, so that a cluster that never had one runs no command
 * that older versions do not know. Confined to the supervisor's thread.
 */
final class ClockReports {
  private static final System.Logger LOG = System.getLogger(ClockReports.class.getName());
  private static final long EVERY_NANOS = TimeUnit.MINUTES.toNanos(10);
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final String self;
  private final CautiousClock clock;
  private final LongSupplier nanoTime;
  private final Function<Command, Future<Void>> submit;

  /** When the next report is due; also set by the thread on which one was replicated. */
  private volatile long next;

  /**
   * @param submit as {@link LeaderRoute#submit(Command)}
   */
  ClockReports(
      String self,
      Function<Command, Future<Void>> submit,
      CautiousClock clock,
      LongSupplier nanoTime) {
    this.self = self;
    this.submit = submit;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.next = nanoTime.getAsLong();
  }

  /**
   * Called while there is a leader.
   *
   * @param voters those that vote now
   */
  void tick(ReplicatedState state, List<String> voters) {
    long now = nanoTime.getAsLong();
    if (now - next < 0) {
      return;
    }
    next = now + RETRY_NANOS;
    long millis = clock.millis();
    if (millis == 0 || state.records().isEmpty() || !voters.contains(self)) {
      return;
    }
    submit
        .apply(new Command.ReportClock(0, self, voters.size(), millis))
        .onSuccess(replicated -> next = now + EVERY_NANOS)
        .onFailure(
            e -> LOG.log(System.Logger.Level.DEBUG, "the clock was not reported; retried", e));
  }
}
