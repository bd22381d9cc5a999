package io.tidings.log.disk;

import io.tidings.metrics.LogMetrics;
import io.tidings.settings.LogSettings.Sync;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Work on the log's files that no caller waits for, on its own thread: writing indexes, deleting
 * expired segments, reserving offsets, and, if the log is configured to force periodically, forcing
 * what was appended.
 */
final class BackgroundTasks {
  private static final System.Logger LOG = System.getLogger(BackgroundTasks.class.getName());

  private final ScheduledExecutorService thread;
  private final Consumer<IOException> onForceFailure;
  private final LogMetrics metrics;
  private final boolean periodicForce;
  private final AtomicBoolean reserving = new AtomicBoolean();
  private final Deque<Segment> pendingDeletes = new ArrayDeque<>();
  private volatile Segment dirty;

  /**
   * @param onForceFailure called if forcing fails: the content of the file is unknown then
   */
  BackgroundTasks(
      ScheduledExecutorService thread,
      Sync sync,
      Consumer<IOException> onForceFailure,
      LogMetrics metrics) {
    this.thread = thread;
    this.onForceFailure = onForceFailure;
    this.metrics = metrics;
    this.periodicForce = !sync.os() && !sync.batch();
    if (periodicForce) {
      long every = sync.every().toMillis();
      thread.scheduleWithFixedDelay(this::force, every, every, TimeUnit.MILLISECONDS);
    }
  }

  /** The thread on which tasks run, one after the other. */
  static ScheduledExecutorService thread() {
    var executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              var worker = new Thread(task, "tidings-log-tasks");
              worker.setDaemon(true);
              return worker;
            });
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    return executor;
  }

  /** Marks the segment to be forced by the next periodic force. */
  void markDirty(Segment segment) {
    if (periodicForce) {
      dirty = segment;
    }
  }

  void seal(Segment segment) {
    thread.execute(() -> attempt("cannot write the index of " + segment.name(), segment::seal));
  }

  /**
   * Deletes the files of a segment. Segments are deleted in the order of the calls: if a deletion
   * fails, later ones wait, because a later start would report a hole in the log as a loss.
   */
  void delete(Segment segment) {
    thread.execute(
        () -> {
          pendingDeletes.add(segment);
          attempt("cannot delete " + pendingDeletes.peek().name(), this::deletePending);
        });
  }

  private void deletePending() throws IOException {
    for (Segment next = pendingDeletes.peek(); next != null; next = pendingDeletes.peek()) {
      next.delete();
      pendingDeletes.remove();
    }
  }

  /** Reserves more offsets. If that fails, the writer reserves them, and receives the failure. */
  void reserveAhead(ReservationFile reservation) {
    if (!reserving.getAndSet(true)) {
      thread.execute(
          () -> {
            attempt("cannot reserve offsets ahead", reservation::extend);
            reserving.set(false);
          });
    }
  }

  /** Forces the names of the files in the directory to the disk. */
  void forceNames(UnforcedRecords unforced) {
    thread.execute(() -> attempt("cannot force the directory", unforced::forceNames));
  }

  /** Completes the pending tasks, for at most ten seconds. */
  void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
        logError("indexes were not written in time; the next start writes them", null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void force() {
    Segment segment = dirty;
    if (segment == null) {
      return;
    }
    dirty = null;
    long begin = System.nanoTime();
    try {
      segment.file().force();
      metrics.forced(System.nanoTime() - begin);
    } catch (IOException e) {
      onForceFailure.accept(e);
    } catch (RuntimeException e) { // would cancel the schedule
      onForceFailure.accept(new IOException(e));
    }
  }

  private interface Task {
    void run() throws IOException;
  }

  private static void attempt(String failure, Task task) {
    try {
      task.run();
    } catch (IOException | RuntimeException e) {
      logError(failure, e);
    }
  }

  private static void logError(String message, Exception e) {
    LOG.log(System.Logger.Level.ERROR, message + (e == null ? "" : ": " + e.getMessage()));
  }
}
