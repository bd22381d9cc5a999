package io.tidings.log;

import io.tidings.event.CautiousClock;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.metrics.LogMetrics;
import io.tidings.metrics.Metrics;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The log of a single node: a {@link LocalLog} with a {@link Committer}, which assigns offsets and
 * times and deduplicates. Futures of appends complete, and followers are called, on the committer's
 * thread.
 */
public final class StandaloneLog extends LocalEventLog {
  private static final long EXPIRE_MILLIS = 100;

  private final String report;
  private final Committer committer;
  private final LocalRecords records;
  private final LogHealth health = new LogHealth();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            var thread = new Thread(task, "tidings-log-timer");
            thread.setDaemon(true);
            return thread;
          });

  private StandaloneLog(
      Opened opened, CommitLimits limits, InstantSource clock, LogMetrics metrics) {
    super(opened.log, clock);
    this.report = opened.report;
    this.records = opened.records;
    this.committer = new Committer(opened, limits, health, clock, System::nanoTime, metrics);
  }

  /**
   * A log that was opened for reading, with what the committer needs.
   *
   * @param reservation keeps offsets from being assigned twice
   * @param lastTime the time of the newest entry, in milliseconds since 1970
   * @param failure why the log can't be written yet; empty if it can
   * @param records those that are kept beside the entries
   * @param report the result of opening it, in one line
   */
  public record Opened(
      LocalLog log,
      OffsetReservation reservation,
      long lastTime,
      Optional<IOException> failure,
      LocalRecords records,
      String report) {}

  /** Starts the committer of an opened log. */
  public static StandaloneLog start(
      Opened opened, CommitLimits limits, InstantSource clock, LogMetrics metrics) {
    var log = new StandaloneLog(opened, limits, clock, metrics);
    log.committer.start();
    log.timer.scheduleWithFixedDelay(
        log.committer::expire, EXPIRE_MILLIS, EXPIRE_MILLIS, TimeUnit.MILLISECONDS);
    return log;
  }

  /** A log that is empty after a restart; each has its own epoch. */
  public static StandaloneLog inMemory(
      Retention retention, CommitLimits limits, InstantSource clock, Metrics metrics) {
    var log = LocalLog.inMemory(Position.newEpoch(), retention);
    var opened =
        new Opened(
            log,
            OffsetReservation.NONE,
            Long.MIN_VALUE,
            Optional.empty(),
            LocalRecords.inMemory(CautiousClock.of(clock)),
            "");
    return start(opened, limits, clock, metrics.log());
  }

  @Override
  public String report() {
    return report;
  }

  @Override
  public Future<List<Entry>> append(Publication publication) {
    return publication.events().isEmpty()
        ? Future.succeededFuture(List.of())
        : committer.append(publication);
  }

  @Override
  public ExpiringRecords records() {
    return records;
  }

  @Override
  public Runnable onState(Handler<LogState> state) {
    health.watch(state);
    return () -> health.forget(state);
  }

  @Override
  public Future<Void> close() {
    // first the records, since the committer releases the directory
    return records.close().eventually(committer::close).onComplete(closed -> timer.shutdownNow());
  }
}
