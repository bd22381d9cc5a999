package io.tidings.log;

import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.ResumeRequest;
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
 * The log of a single node: a {@link LocalLog}, and the {@link Committer} that decides the offsets,
 * times and deduplication of what it appends. Futures of appends complete, and followers are
 * called, on the committer's thread.
 */
public final class StandaloneLog implements EventLog {
  private static final long EXPIRE_MILLIS = 100;

  private final LocalLog log;
  private final String report;
  private final Committer committer;
  private final LogHealth health = new LogHealth();
  private final InstantSource clock;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            var thread = new Thread(task, "tidings-log-timer");
            thread.setDaemon(true);
            return thread;
          });

  private StandaloneLog(
      Opened opened, CommitLimits limits, InstantSource clock, LogMetrics metrics) {
    this.log = opened.log;
    this.report = opened.report;
    this.clock = clock;
    this.committer = new Committer(opened, limits, health, clock, System::nanoTime, metrics);
  }

  /**
   * A log that can be read, and is to be appended to.
   *
   * @param reservation keeps its offsets from being used twice
   * @param lastTime the time of its newest entry, in milliseconds since 1970
   * @param failure why it can't be written to yet; nothing where it can
   * @param report what was found and done when it was opened, in one line
   */
  public record Opened(
      LocalLog log,
      OffsetReservation reservation,
      long lastTime,
      Optional<IOException> failure,
      String report) {}

  /** Begins to append to a log. */
  public static StandaloneLog start(
      Opened opened, CommitLimits limits, InstantSource clock, LogMetrics metrics) {
    var log = new StandaloneLog(opened, limits, clock, metrics);
    log.committer.start();
    log.timer.scheduleWithFixedDelay(
        log.committer::expire, EXPIRE_MILLIS, EXPIRE_MILLIS, TimeUnit.MILLISECONDS);
    return log;
  }

  /** A log that has the newest entries, and nothing after a restart; each has its own epoch. */
  public static StandaloneLog inMemory(
      Retention keep, CommitLimits limits, InstantSource clock, Metrics metrics) {
    var log = LocalLog.inMemory(Position.newEpoch(), keep);
    var opened = new Opened(log, OffsetReservation.NONE, Long.MIN_VALUE, Optional.empty(), "");
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
  public Future<StreamStart> find(ResumeRequest resume, Filter what) {
    return log.find(resume, what, clock.millis());
  }

  @Override
  public Future<Page> after(Position position, Filter what, int maxBytes) {
    return log.after(position, what, maxBytes);
  }

  @Override
  public void follow(Handler<List<Entry>> entries) {
    log.follow(entries);
  }

  @Override
  public Bounds bounds() {
    return log.bounds();
  }

  @Override
  public LogSize size() {
    return log.size();
  }

  @Override
  public long memoryBytes() {
    return log.memoryBytes();
  }

  @Override
  public boolean makes(Position id) {
    return log.makes(id);
  }

  @Override
  public void onState(Handler<LogState> state) {
    health.watch(state);
  }

  @Override
  public Future<Void> close() {
    return committer.close().onComplete(closed -> timer.shutdownNow());
  }
}
