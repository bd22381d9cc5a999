package io.tidings.log.redis;

import io.vertx.core.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * Runs tasks one at a time on its own thread, to which state can be confined. Tasks that are
 * submitted after {@link #end} are dropped.
 */
final class SerialExecutor {
  private static final System.Logger LOG = System.getLogger(SerialExecutor.class.getName());

  private final ScheduledExecutorService executor;

  SerialExecutor(String name) {
    var pool =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              var thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
    pool.setRemoveOnCancelPolicy(true);
    executor = pool;
  }

  void run(Runnable task) {
    after(0, task);
  }

  void after(long millis, Runnable task) {
    try {
      executor.schedule(() -> guarded(task), millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "a task was dropped after the end", e);
    }
  }

  /** Runs the task repeatedly, with a delay between the end of one run and the next. */
  void every(long millis, Runnable task) {
    executor.scheduleWithFixedDelay(() -> guarded(task), millis, millis, TimeUnit.MILLISECONDS);
  }

  /** Handles the result of a future on this thread; one of result and failure is null. */
  <T> void onComplete(Future<T> future, BiConsumer<T, Throwable> handler) {
    future.onComplete(done -> run(() -> handler.accept(done.result(), done.cause())));
  }

  void end() {
    executor.shutdownNow();
  }

  /** Logs an exception, which would otherwise end a repeated task. */
  private static void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, Thread.currentThread().getName() + " failed", e);
    }
  }
}
