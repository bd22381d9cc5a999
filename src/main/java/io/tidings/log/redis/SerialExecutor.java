package io.tidings.log.redis;

import io.vertx.core.Future;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** A thread to which something is confined. Once it has ended, what it is given is dropped. */
public final class SerialExecutor {
  private static final System.Logger LOG = System.getLogger(SerialExecutor.class.getName());

  private final ScheduledExecutorService executor;

  public SerialExecutor(String name) {
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

  public void run(Runnable task) {
    after(0, task);
  }

  public void after(long millis, Runnable task) {
    try {
      executor.schedule(() -> guarded(task), millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "nothing is done after the end", e);
    }
  }

  /** Again and again, with so much time in between. */
  public void every(long millis, Runnable task) {
    executor.scheduleWithFixedDelay(() -> guarded(task), millis, millis, TimeUnit.MILLISECONDS);
  }

  /**
   * Asks, and takes the answer here; one of result and failure is null. Who can't even be asked, as
   * Hazelcast once it has stopped, has failed too.
   */
  public <T> void ask(Supplier<CompletionStage<T>> question, BiConsumer<T, Throwable> handler) {
    CompletionStage<T> answer;
    try {
      answer = question.get();
    } catch (RuntimeException e) {
      answer = CompletableFuture.failedFuture(e);
    }
    answer.whenComplete(
        (result, failure) -> {
          Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
          run(() -> handler.accept(result, cause));
        });
  }

  /** Takes an answer here; one of result and failure is null. */
  public <T> void take(Future<T> answer, BiConsumer<T, Throwable> handler) {
    answer.onComplete(done -> run(() -> handler.accept(done.result(), done.cause())));
  }

  public void end() {
    executor.shutdownNow();
  }

  /** What fails must not end what is done again and again. */
  private static void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, Thread.currentThread().getName() + " failed", e);
    }
  }
}
