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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The thread that appends to a single node's log: it takes what waits, appends it together, and
 * then answers the publishers (group commit). The more there is to append, the larger are the
 * groups.
 *
 * <p>What a publisher is told stays true. Where an append fails, the publishers of its group are
 * refused once the log has made sure that their records never appear ({@link LocalLog#settle}); who
 * has waited for {@code log.patience} by then is told {@link OutcomeUnknown}. Meanwhile the log is
 * read-only, and it is tried again and again whether it can be written.
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
  private final BlockingQueue<PendingPublication> queue = new LinkedBlockingQueue<>();
  private final AtomicLong waitingBytes = new AtomicLong();
  private final Thread thread = new Thread(this::run, "tidings-log");
  private final Promise<Void> closed = Promise.promise();

  /** The publications of the group that is being appended. */
  private volatile List<PendingPublication> committing = List.of();

  /** The publications of a group that failed and may still appear. */
  private volatile List<PendingPublication> unsettled = List.of();

  /** Whether a turn is under way, which may hang in the disk, and since when. */
  private volatile boolean busy;

  private volatile long busySince;
  private volatile boolean closing;
  private volatile boolean ended;
  private boolean appending;
  private long lastTime;

  /**
   * @param nanoTime the time by which patience is measured, as {@link System#nanoTime}
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
    this.health = health;
    this.group = new CommitGroup(log, new DedupIndex<>(log, limits.once()));
    this.lastTime = opened.lastTime();
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.metrics = metrics;
    opened.failure().ifPresent(health::broken);
  }

  /** Begins. */
  void start() {
    thread.start();
  }

  /** Takes what is to be appended. Any thread. */
  Future<List<Entry>> append(Publication publication) {
    if (closing) {
      return Future.failedFuture(closed());
    }
    Optional<String> refusal = health.refusal();
    if (refusal.isPresent()) {
      return Future.failedFuture(new LogUnavailable(refusal.get(), null));
    }
    long cost = publication.cost();
    long waits = waitingBytes.addAndGet(cost);
    if (waits > limits.waitingBytes() && waits > cost) {
      waitingBytes.addAndGet(-cost);
      return Future.failedFuture(
          new LogUnavailable("too much waits to be written; nothing was stored", null));
    }
    var waiting =
        new PendingPublication(
            publication, cost, nanoTime.getAsLong(), limits.patience().toNanos());
    queue.add(waiting);
    if (ended) {
      refuseQueued(closed());
    }
    return waiting.answer();
  }

  /** Appends what waits, and then ends. */
  Future<Void> close() {
    closing = true;
    queue.add(PendingPublication.nothing());
    return closed.future();
  }

  /**
   * Answers those who have waited for too long. On a thread of its own: the one that appends may
   * hang in a write.
   */
  void expire() {
    long now = nanoTime.getAsLong();
    for (PendingPublication waiting : queue) {
      if (waiting.late(now) && waiting.claim()) {
        waitingBytes.addAndGet(-waiting.cost());
        waiting.fail(new LogUnavailable("the log did not get to it; nothing was stored", null));
      }
    }
    for (PendingPublication waiting : committing) {
      if (waiting.late(now)) {
        waiting.fail(new OutcomeUnknown("the log does not answer", null));
      }
    }
    if (busy && now - busySince >= limits.patience().toNanos()) {
      health.stalled(true);
    }
    for (PendingPublication waiting : unsettled) {
      if (waiting.late(now)) {
        waiting.fail(new OutcomeUnknown(health.refusal().orElse("the log can't be written"), null));
      }
    }
  }

  // ---- on the thread

  private void run() {
    try {
      var waiting = new ArrayList<PendingPublication>();
      while (!closing || !queue.isEmpty() || undecided()) {
        gather(waiting, health.writable() ? IDLE_MILLIS : limits.retry().toMillis());
        turn(waiting);
        waiting.clear();
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
      health.ended();
      refuseQueued(closed());
      closed.tryFail("the log's thread ended before its time");
    }
  }

  private boolean undecided() {
    return unsettled.stream().anyMatch(waiting -> !waiting.answer().isComplete());
  }

  private static LogUnavailable closed() {
    return new LogUnavailable("the log is closed; nothing was stored", null);
  }

  private void refuseQueued(LogUnavailable why) {
    for (PendingPublication one = queue.poll(); one != null; one = queue.poll()) {
      one.fail(why);
    }
  }

  /** One turn without waiting, for tests that are the thread. */
  void step() throws InterruptedException {
    var waiting = new ArrayList<PendingPublication>();
    gather(waiting, 0);
    turn(waiting);
  }

  /** Waits for something to do, and takes what there is. */
  private void gather(List<PendingPublication> waiting, long millis) throws InterruptedException {
    long bytes = 0;
    PendingPublication next = queue.poll(millis, TimeUnit.MILLISECONDS);
    while (next != null) {
      if (next.claim()) {
        waitingBytes.addAndGet(-next.cost());
        if (!next.publication().events().isEmpty()) {
          waiting.add(next);
        }
        bytes += next.cost();
      }
      next = bytes < CommitGroup.BYTES ? queue.poll() : null;
    }
  }

  private void turn(List<PendingPublication> waiting) {
    busySince = nanoTime.getAsLong();
    busy = true;
    try {
      work(waiting);
    } finally {
      busy = false;
      health.stalled(false);
    }
  }

  private void work(List<PendingPublication> waiting) {
    log.forceFailure().ifPresent(health::broken);
    if (!health.writable()) {
      heal();
    }
    if (waiting.isEmpty()) {
      forget(true);
    } else {
      commit(List.copyOf(waiting));
    }
  }

  private void commit(List<PendingPublication> waiting) {
    Optional<String> refusal = health.refusal();
    if (refusal.isPresent()) {
      refuse(waiting, refusal.get(), null);
      return;
    }
    committing = waiting;
    List<Runnable> answers = new ArrayList<>();
    appending = false;
    try {
      lastTime = Math.max(clock.millis(), lastTime);
      group.begin(lastTime);
      waiting.forEach(one -> answers.add(add(one)));
      if (!group.records().isEmpty()) {
        reservation.cover(group.last());
        appending = true;
        log.append(group.records());
      }
    } catch (Throwable e) { // nothing may end the thread
      failed(waiting, e);
      return;
    } finally {
      committing = List.of();
    }
    forget(false);
    answers.forEach(Committer::answer);
  }

  /**
   * Adds one to the group.
   *
   * @return answers its publisher, once the group is appended
   */
  private Runnable add(PendingPublication one) {
    try {
      List<Entry> entries = group.add(one.publication());
      return () -> {
        one.complete(entries);
        metrics.appended(nanoTime.getAsLong() - one.since());
      };
    } catch (InvalidEvent e) {
      return () -> one.fail(e);
    } catch (IOException e) {
      return () ->
          one.fail(new LogUnavailable("the log can't be read: " + e + "; nothing was stored", e));
    }
  }

  private void failed(List<PendingPublication> waiting, Throwable e) {
    if (!(e instanceof IOException)) {
      LOG.log(System.Logger.Level.ERROR, "a group was not appended", e);
    }
    if (appending || e instanceof IOException) {
      health.broken(e instanceof IOException failure ? failure : new IOException(e.toString(), e));
    }
    if (appending) {
      unsettled = waiting;
      heal();
    } else {
      refuse(waiting, health.refusal().orElse("the log failed"), e);
    }
  }

  private static void refuse(List<PendingPublication> waiting, String why, Throwable cause) {
    waiting.forEach(
        one -> answer(() -> one.fail(new LogUnavailable(why + "; nothing was stored", cause))));
  }

  /** What a publisher does with its answer must not end the thread. */
  private static void answer(Runnable answer) {
    try {
      answer.run();
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "a publisher failed to take its answer", e);
    }
  }

  /** Makes sure that what failed never appears, and tries whether the log can be written again. */
  private void heal() {
    try {
      if (!unsettled.isEmpty()) {
        log.settle();
        List<PendingPublication> settled = unsettled;
        unsettled = List.of();
        refuse(settled, health.refusal().orElse("the log could not be written"), null);
      }
      log.probe();
      health.healed();
    } catch (IOException | RuntimeException | Error e) {
      // it stays as it is, which was reported when it began
      LOG.log(System.Logger.Level.DEBUG, "the log still can't be written", e);
    }
  }

  private void forget(boolean idle) {
    try {
      log.forget(clock.millis(), idle && health.writable());
    } catch (IOException | RuntimeException e) {
      health.broken(e instanceof IOException failure ? failure : new IOException(e.toString(), e));
    }
  }

  /** Ends in good order, where that is possible. */
  void end() throws IOException {
    boolean orderly = health.writable() && unsettled.isEmpty();
    try {
      log.close();
      if (orderly) {
        reservation.settle(log.next());
      }
    } finally {
      reservation.close();
    }
  }
}
