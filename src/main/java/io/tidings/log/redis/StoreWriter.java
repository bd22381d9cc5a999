package io.tidings.log.redis;

import io.vertx.core.buffer.Buffer;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Adds pending publications to the store of a shared log, one batch at a time. While nothing is
 * published, it checks whether something could be: by a probe while the log is UP, otherwise by
 * adding a record without events. Any thread; state is guarded by the log's lock.
 */
final class StoreWriter {
  private static final long TRIAL_MILLIS = 300;
  private static final long PROBE_MILLIS = 1_000;

  private final Object lock;
  private final RecordStore store;
  private final PendingAppends pending;
  private final InstantSource clock;
  private final LongSupplier nanoTime;
  private final Owner log;

  /** Why the last add or read of the whole store failed; null if it did not. */
  private Throwable lastFailure;

  private boolean closed;

  /** When the last add or probe started, by {@link #nanoTime}. */
  private long lastTried;

  /** The log, as its writer needs it; called with the lock held. */
  interface Owner {
    SharedHistory history();

    StoreHealth health();

    /** The health has changed. */
    void healthChanged();
  }

  /**
   * @param lock guards the pending publications and what the owner returns
   * @param clock the time of the records
   * @param nanoTime the clock for deadlines and intervals, as {@link System#nanoTime}
   */
  StoreWriter(
      Object lock,
      RecordStore store,
      PendingAppends pending,
      InstantSource clock,
      LongSupplier nanoTime,
      Owner log) {
    this.lock = lock;
    this.store = store;
    this.pending = pending;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.lastTried = nanoTime.getAsLong();
    this.log = log;
  }

  /** A batch for the store, and the number of its last publication. */
  private record Batch(List<Buffer> records, long lastNumber) {}

  /** Adds the next batch to the store, unless one is being added or the store is being read. */
  void flush() {
    Batch batch;
    var answers = new Answers();
    synchronized (lock) {
      batch =
          idle()
              ? batch(pending.next(log.history(), clock.millis(), answers))
              : new Batch(List.of(), 0);
    }
    answers.deliver();
    add(batch);
  }

  private boolean idle() {
    return !closed && !log.health().isLoading() && !pending.adding();
  }

  private Batch batch(List<Buffer> records) {
    if (!records.isEmpty()) {
      lastTried = nanoTime.getAsLong();
      log.health().addStarted(lastTried);
    }
    return new Batch(records, pending.lastSent());
  }

  private void add(Batch batch) {
    if (!batch.records().isEmpty()) {
      store.add(batch.records()).onComplete(added -> added(batch.lastNumber(), added.cause()));
    }
  }

  private void added(long lastNumber, Throwable failure) {
    var answers = new Answers();
    synchronized (lock) {
      if (failure == null) {
        log.health().addSucceeded(lastNumber, nanoTime.getAsLong());
        pending.batchStored(answers);
      } else {
        log.health().addFailed(text(failure));
        pending.batchFailed();
      }
      lastFailure = failure;
      log.healthChanged();
    }
    answers.deliver();
    if (failure == null) {
      flush();
    } // otherwise with the next tick
  }

  /** Fails overdue publications, retries a failed batch, and checks an idle store. Periodically. */
  void tick() {
    var answers = new Answers();
    synchronized (lock) {
      pending.expire(nanoTime.getAsLong(), lastFailure, answers);
      log.healthChanged();
    }
    answers.deliver();
    flush();
    checkIdleStore();
  }

  private void checkIdleStore() {
    boolean probe;
    Batch trial = new Batch(List.of(), 0);
    synchronized (lock) {
      if (!idle() || pending.waiting()) {
        return;
      }
      long now = nanoTime.getAsLong();
      probe = log.health().problem(now).isEmpty();
      long period = TimeUnit.MILLISECONDS.toNanos(probe ? PROBE_MILLIS : TRIAL_MILLIS);
      if (now - lastTried < period || probe && log.health().probing()) {
        return;
      }
      lastTried = now;
      if (probe) {
        log.health().probeStarted(now);
      } else {
        trial = batch(pending.trial(log.history().cursor().offset(), clock.millis()));
      }
    }
    if (probe) {
      store.probe().onComplete(done -> probed(done.cause()));
    } else {
      add(trial);
    }
  }

  private void probed(Throwable failure) {
    synchronized (lock) {
      log.health().probeEnded(failure == null ? "" : text(failure));
      log.healthChanged();
    }
  }

  /** The whole store could not be read; publications that expire fail with this cause. */
  void loadFailed(Throwable failure) {
    synchronized (lock) {
      lastFailure = failure;
    }
  }

  /** Adds nothing more, and fails all open publications with the reason. */
  void close(Throwable why) {
    var answers = new Answers();
    synchronized (lock) {
      closed = true;
      pending.expire(Long.MAX_VALUE / 2 + nanoTime.getAsLong(), why, answers);
    }
    answers.deliver();
  }

  private static String text(Throwable failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }
}
