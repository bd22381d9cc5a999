package io.tidings.log;

import io.tidings.event.InvalidEvent;
import io.tidings.event.Publication;
import io.tidings.metrics.LogMetrics;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The thread that appends to a single node's log. It drains the {@link CommitQueue}, appends the
 * publications together, and then completes their results (group commit). The higher the load, the
 * larger the groups.
 *
 * <p>A result is never wrong. If an append fails, its publications fail as soon as the log
 * guarantees that their records never appear ({@link LocalLog#rollBack}); those that have waited
 * for {@code log.patience} before that fail with {@link OutcomeUnknown}. Meanwhile the log is
 * read-only, and the committer probes again and again whether it can be written.
 */
final class Committer {
  private static final long IDLE_MILLIS = 1_000;
  private static final System.Logger LOG = System.getLogger(Committer.class.getName());

  private final LocalLog log;
  private final OffsetReservation reservation;
  private final CommitGroup group;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final CommitLimits limits;
  private final LogHealth health;
  private final LogMetrics metrics;
  private final CommitQueue queue;
  private final Thread thread = new Thread(this::run, "tidings-log");
  private final Promise<Void> closed = Promise.promise();

  /** The group that is being appended. */
  private volatile List<PendingPublication> committing = List.of();

  /** The group whose append failed and whose records may still appear. */
  private volatile List<PendingPublication> inDoubt = List.of();

  /** Whether a cycle is in progress, which may block on the disk, and since when. */
  private volatile boolean busy;

  private volatile long busySince;
  private volatile boolean closing;
  private volatile boolean ended;
  private boolean appending;
  private long lastTime;

  /**
   * @param nanoTime the clock that measures {@code log.patience}, as {@link System#nanoTime}
   */
  Committer(
      StandaloneLog.Opened opened,
      CommitLimits limits,
      LogHealth health,
      InstantSource clock,
      LongSupplier nanoTime,
      LogMetrics metrics) {
    this.log = opened.log();
    this.reservation = opened.reservation();
    this.limits = limits;
    this.queue = new CommitQueue(limits);
    this.health = health;
    this.group = new CommitGroup(log, new DedupIndex<>(log, limits.once()));
    this.lastTime = opened.lastTime();
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.metrics = metrics;
    opened.failure().ifPresent(health::failed);
  }

  void start() {
    thread.start();
  }

  /** Enqueues a publication. Any thread. */
  Future<List<Entry>> append(Publication publication) {
    if (closing) {
      return Future.failedFuture(closedFailure());
    }
    Optional<String> refusal = health.refusal();
    if (refusal.isPresent()) {
      return Future.failedFuture(new LogUnavailable(refusal.get(), null));
    }
    Future<List<Entry>> result = queue.add(publication, nanoTime.getAsLong());
    if (ended) { // the thread may have drained the queue for the last time before
      queue.failAll(closedFailure());
    }
    return result;
  }

  /** Appends the queued publications, and then ends the thread. */
  Future<Void> close() {
    closing = true;
    queue.wakeUp();
    return closed.future();
  }

  /**
   * Fails the publications that have waited for {@code log.patience}. Called on another thread,
   * since the committer's may block in a write.
   */
  void expire() {
    long now = nanoTime.getAsLong();
    queue.expire(now);
    committing.forEach(pending -> pending.expire(now, "the log does not answer"));
    if (busy && now - busySince >= limits.patience().toNanos()) {
      health.stalled();
    }
    String reason = health.refusal().orElse("the log can't be written");
    inDoubt.forEach(pending -> pending.expire(now, reason));
  }

  // ---- on the committer's thread

  private void run() {
    try {
      while (!closing || !queue.isEmpty() || hasUndecided()) {
        cycle(health.writable() ? IDLE_MILLIS : limits.retry().toMillis());
      }
      end();
      closed.complete();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed.fail(e);
    } catch (IOException | RuntimeException e) {
      closed.fail(e);
    } finally {
      closing = true;
      ended = true;
      health.closed();
      queue.failAll(closedFailure());
      closed.tryFail("the log's thread ended unexpectedly");
    }
  }

  /** Whether publications of a failed group have no result yet. */
  private boolean hasUndecided() {
    return inDoubt.stream().anyMatch(pending -> !pending.result().isComplete());
  }

  private static LogUnavailable closedFailure() {
    return new LogUnavailable("the log is closed; nothing was stored", null);
  }

  /**
   * Waits for publications and appends them; or does the periodic work if there are none.
   *
   * @param waitMillis how long to wait; tests that run cycles themselves pass 0
   */
  void cycle(long waitMillis) throws InterruptedException {
    var group = new ArrayList<PendingPublication>();
    queue.drainTo(group, waitMillis);
    busySince = nanoTime.getAsLong();
    busy = true;
    try {
      process(group);
    } finally {
      busy = false;
      health.responding();
    }
  }

  private void process(List<PendingPublication> group) {
    log.forceFailure().ifPresent(health::failed);
    if (!health.writable()) {
      recover();
    }
    if (!group.isEmpty()) {
      commit(group);
      return;
    }
    applyRetentionWhileIdle();
  }

  private void commit(List<PendingPublication> publications) {
    Optional<String> refusal = health.refusal();
    if (refusal.isPresent()) {
      failAll(publications, refusal.get(), null);
      return;
    }
    committing = publications;
    List<Runnable> completions = new ArrayList<>();
    appending = false;
    try {
      lastTime = Math.max(clock.millis(), lastTime);
      group.begin(lastTime);
      publications.forEach(pending -> completions.add(add(pending)));
      if (!group.records().isEmpty()) {
        reservation.reserve(group.last());
        appending = true;
        log.append(group.records());
      }
    } catch (Throwable e) { // nothing may end the thread
      commitFailed(publications, e);
      return;
    } finally {
      committing = List.of();
    }
    applyRetention();
    completions.forEach(Committer::complete);
  }

  /**
   * Adds a publication to the group.
   *
   * @return completes the publication's result; to be run after the group was appended
   */
  private Runnable add(PendingPublication pending) {
    try {
      List<Entry> entries = group.add(pending.publication());
      return () -> {
        pending.complete(entries);
        metrics.appended(nanoTime.getAsLong() - pending.enqueuedNanos());
      };
    } catch (InvalidEvent e) {
      return () -> pending.fail(e);
    } catch (IOException e) {
      return () ->
          pending.fail(
              new LogUnavailable("the log can't be read: " + e + "; nothing was stored", e));
    }
  }

  private void commitFailed(List<PendingPublication> publications, Throwable e) {
    if (!(e instanceof IOException)) {
      LOG.log(System.Logger.Level.ERROR, "a group was not appended", e);
    }
    if (appending || e instanceof IOException) {
      health.failed(e);
    }
    if (appending) {
      inDoubt = publications;
      recover();
    } else {
      failAll(publications, health.refusal().orElse("the log failed"), e);
    }
  }

  private static void failAll(
      List<PendingPublication> publications, String reason, Throwable cause) {
    for (PendingPublication pending : publications) {
      complete(() -> pending.fail(new LogUnavailable(reason + "; nothing was stored", cause)));
    }
  }

  /** A publisher's handler that throws must not end the thread. */
  private static void complete(Runnable completion) {
    try {
      completion.run();
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "a publisher's handler failed", e);
    }
  }

  /** Rolls the failed group back, and probes whether the log can be written again. */
  private void recover() {
    try {
      if (!inDoubt.isEmpty()) {
        log.rollBack();
        List<PendingPublication> rolledBack = inDoubt;
        inDoubt = List.of();
        failAll(rolledBack, health.refusal().orElse("the log could not be written"), null);
      }
      log.probe();
      health.recovered();
    } catch (IOException | RuntimeException | Error e) {
      // the state does not change; the failure was reported when it began
      LOG.log(System.Logger.Level.DEBUG, "the log still can't be written", e);
    }
  }

  private void applyRetentionWhileIdle() {
    try {
      if (health.writable()) {
        log.expireNewest(clock.millis());
      }
      log.applyRetention(clock.millis());
    } catch (IOException | RuntimeException e) {
      health.failed(e);
    }
  }

  private void applyRetention() {
    try {
      log.applyRetention(clock.millis());
    } catch (IOException | RuntimeException e) {
      health.failed(e);
    }
  }

  /** Closes the log; reserved offsets are released if no append is in doubt. */
  void end() throws IOException {
    boolean orderly = health.writable() && inDoubt.isEmpty();
    try {
      log.close();
      if (orderly) {
        reservation.release(log.next());
      }
    } finally {
      reservation.close();
    }
  }
}
