package io.tidings.log.raft;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/** A task in the background, of which one runs at a time, whatever fails. Thread-safe. */
final class SingleFlight {
  private final Executor executor;
  private final AtomicBoolean running = new AtomicBoolean();

  /**
   * @param executor runs the tasks
   */
  SingleFlight(Executor executor) {
    this.executor = executor;
  }

  /** Each task has a thread of its own, which does not keep the process alive. */
  static SingleFlight onThread(String name) {
    return new SingleFlight(task -> EngineThread.daemon(task, name).start());
  }

  /** Begins the task, unless the last one has not ended. What the executor throws is thrown. */
  void begin(Runnable task) {
    if (!running.compareAndSet(false, true)) {
      return;
    }
    try {
      executor.execute(() -> run(task));
    } catch (RuntimeException | Error e) { // such as OutOfMemoryError: no thread can be started
      running.set(false);
      throw e;
    }
  }

  private void run(Runnable task) {
    try {
      task.run();
    } finally {
      running.set(false);
    }
  }
}
