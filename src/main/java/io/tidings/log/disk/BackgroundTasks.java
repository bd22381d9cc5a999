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
 * What is done to files while nobody waits for it, on a thread of its own: indexes are written,
 * forgotten segments deleted, and, where the settings say so, what was written is forced to the
 * disk from time to time.
 */
final class BackgroundTasks {
  private static final System.Logger LOG = System.getLogger(BackgroundTasks.class.getName());

  private final ScheduledExecutorService thread;
  private final Consumer<IOException> forceFailed;
  private final LogMetrics metrics;
  private final boolean forcing;
  private final AtomicBoolean extending = new AtomicBoolean();
  private final Deque<Segment> doomed = new ArrayDeque<>();
  private volatile Segment dirty;

  /**
   * @param forceFailed is told that nobody knows what the file has
   */
  BackgroundTasks(
      ScheduledExecutorService thread,
      Sync sync,
      Consumer<IOException> forceFailed,
      LogMetrics metrics) {
    this.thread = thread;
    this.forceFailed = forceFailed;
    this.metrics = metrics;
    this.forcing = !sync.os() && !sync.batch();
    if (forcing) {
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

  /** Something was written to the segment. */
  void written(Segment segment) {
    if (forcing) {
      dirty = segment;
    }
  }

  void seal(Segment segment) {
    thread.execute(() -> attempt("no index could be written for " + segment.name(), segment::seal));
  }

  /**
   * Deletes the files of a segment. Segments are deleted in the order of the calls: where one can't
   * be, those behind it wait, for a later start would find them missing in between.
   */
  void delete(Segment segment) {
    thread.execute(
        () -> {
          doomed.add(segment);
          attempt("could not delete " + doomed.peek().name(), this::deleteDoomed);
        });
  }

  private void deleteDoomed() throws IOException {
    for (Segment next = doomed.peek(); next != null; next = doomed.peek()) {
      next.delete();
      doomed.remove();
    }
  }

  /** Reserves more offsets; where that fails, the writer does it, and meets the failure. */
  void extend(ReservationFile reserved) {
    if (!extending.getAndSet(true)) {
      thread.execute(
          () -> {
            attempt("no offsets could be reserved ahead", reserved::extend);
            extending.set(false);
          });
    }
  }

  /** Sees to it that the files in the directory survive a power cut. */
  void force(Directory directory) {
    thread.execute(() -> attempt("could not force the directory", directory::force));
  }

  /** Does what is still to be done. */
  void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
        complain("indexes were not written in time; the next start does it", null);
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
      segment.force();
      metrics.forced(System.nanoTime() - begin);
    } catch (IOException e) {
      forceFailed.accept(e);
    } catch (RuntimeException e) { // or it would be the last time
      forceFailed.accept(new IOException(e));
    }
  }

  private interface Task {
    void run() throws IOException;
  }

  private static void attempt(String failure, Task task) {
    try {
      task.run();
    } catch (IOException | RuntimeException e) {
      complain(failure, e);
    }
  }

  private static void complain(String what, Exception e) {
    LOG.log(System.Logger.Level.ERROR, what + (e == null ? "" : ": " + e.getMessage()));
  }
}
