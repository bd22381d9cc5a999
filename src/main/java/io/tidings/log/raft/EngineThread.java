package io.tidings.log.raft;

import java.io.InterruptedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * One thread, which may block, with the tasks that wait for it. A task that throws is logged, and
 * ends neither the thread nor what it repeats. What is given to it after its end is dropped.
 * Thread-safe.
 */
final class EngineThread implements Executor {
  private static final System.Logger LOG = System.getLogger(EngineThread.class.getName());

  private final String name;
  private final ScheduledThreadPoolExecutor executor;

  EngineThread(String name) {
    this.name = name;
    this.executor = new ScheduledThreadPoolExecutor(1, task -> daemon(task, name));
    executor.prestartCoreThread(); // what is given to it later needs no new thread
  }

  /** A thread, not started, that does not keep the process alive. */
  static Thread daemon(Runnable task, String name) {
    var thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public void execute(Runnable task) {
    offer(task);
  }

  /** Returns false if the thread has ended. */
  boolean offer(Runnable task) {
    try {
      executor.execute(() -> run(task));
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /** Runs the task again and again, with a delay between the end of one and the next. */
  void repeat(Runnable task, long delayMillis) {
    executor.scheduleWithFixedDelay(
        () -> run(task), delayMillis, delayMillis, TimeUnit.MILLISECONDS);
  }

  private void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) { // such as OutOfMemoryError
      report(e);
    }
  }

  private void report(Throwable failure) {
    try {
      LOG.log(System.Logger.Level.ERROR, "a task of the thread " + name + " has failed", failure);
    } catch (OutOfMemoryError e) {
      // nor is there any for a log entry; what fails again is logged when there is
    }
  }

  /** Returns when all tasks that it was given have ended. On another thread. */
  void awaitIdle() throws InterruptedIOException {
    try {
      executor.submit(() -> {}).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for a thread");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e); // not possible: the task does nothing
    }
  }

  /** Ends it, after the tasks that it was given. */
  void end() {
    executor.shutdown();
  }
}
