package io.tidings.log.raft;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Linearizable reads, of which one is under way at most: those who ask meanwhile share the next
 * one, since what they wait for may have been committed after it began. Any client can cause one,
 * by an id that this node does not know.
 *
 * <p>Reads begin, and callers are answered, on a thread of their own. Ratis blocks a caller until
 * its one thread for requests has taken the request, and completes a read while it holds a lock
 * that this thread may need: a caller that asks again then would never return. Methods may be
 * called on any thread.
 */
final class SharedCatchUp {
  private final Supplier<CompletableFuture<Void>> read;
  private final EngineThread thread;

  // guarded by this
  private boolean reading;
  private boolean asked;
  private CompletableFuture<Void> next = new CompletableFuture<>();

  /**
   * @param read completes when the node has applied what was committed before the call; ends in any
   *     case
   * @param thread may block
   */
  SharedCatchUp(Supplier<CompletableFuture<Void>> read, EngineThread thread) {
    this.read = read;
    this.thread = thread;
  }

  /** Completes when the node has applied what was committed before the call. */
  CompletableFuture<Void> caughtUp() {
    CompletableFuture<Void> mine;
    synchronized (this) {
      asked = true;
      mine = next;
    }
    if (!thread.offer(this::begin)) {
      return CompletableFuture.failedFuture(ended());
    }
    return mine.copy(); // a caller must not complete it for others
  }

  private void begin() {
    CompletableFuture<Void> waiting;
    synchronized (this) {
      if (reading || !asked) {
        return;
      }
      reading = true;
      asked = false;
      waiting = next;
      next = new CompletableFuture<>();
    }
    start()
        .whenComplete(
            (nothing, failure) -> {
              if (!thread.offer(() -> end(waiting, failure))) {
                abandon(waiting);
              }
            });
  }

  /** The thread has ended: nobody is left waiting, and whoever asks again is refused at once. */
  private void abandon(CompletableFuture<Void> waiting) {
    CompletableFuture<Void> others;
    synchronized (this) {
      others = next;
    }
    waiting.completeExceptionally(ended());
    others.completeExceptionally(ended());
  }

  private static IllegalStateException ended() {
    return new IllegalStateException("the engine has ended");
  }

  private CompletableFuture<Void> start() {
    try {
      return read.get();
    } catch (RuntimeException | Error e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void end(CompletableFuture<Void> waiting, Throwable failure) {
    synchronized (this) {
      reading = false;
    }
    begin();
    if (failure == null) {
      waiting.complete(null);
    } else {
      waiting.completeExceptionally(failure);
    }
  }
}
