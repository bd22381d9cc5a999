package io.tidings.log;

import io.tidings.event.Publication;
import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The publications that wait for the {@link Committer}, in the order in which they arrived, bounded
 * by {@link CommitLimits#waitingBytes}. Any thread adds; the committer's thread drains.
 */
final class CommitQueue {
  private final CommitLimits limits;
  private final BlockingQueue<PendingPublication> queue = new LinkedBlockingQueue<>();
  private final AtomicLong waitingBytes = new AtomicLong();

  CommitQueue(CommitLimits limits) {
    this.limits = limits;
  }

  /**
   * Adds a publication; one is accepted even if it exceeds the bound alone.
   *
   * @return its result; fails with {@link LogUnavailable} if there is no room for it
   */
  Future<List<Entry>> add(Publication publication, long nowNanos) {
    long cost = publication.cost();
    long waiting = waitingBytes.addAndGet(cost);
    if (waiting > limits.waitingBytes() && waiting > cost) {
      waitingBytes.addAndGet(-cost);
      return Future.failedFuture(
          new LogUnavailable("too much waits to be written; nothing was stored", null));
    }
    var pending = new PendingPublication(publication, cost, nowNanos, limits.patience().toNanos());
    queue.add(pending);
    return pending.result();
  }

  /** Wakes the thread that waits in {@link #drainTo}. */
  void wakeUp() {
    queue.add(PendingPublication.wakeUp());
  }

  boolean isEmpty() {
    return queue.isEmpty();
  }

  /**
   * Claims the oldest publications, about {@link CommitGroup#BYTES} of them, and adds them to the
   * group.
   *
   * @param waitMillis how long to wait if there is none
   */
  void drainTo(List<PendingPublication> group, long waitMillis) throws InterruptedException {
    long bytes = 0;
    PendingPublication next = queue.poll(waitMillis, TimeUnit.MILLISECONDS);
    while (next != null) {
      if (next.claim()) {
        waitingBytes.addAndGet(-next.cost());
        if (!next.publication().events().isEmpty()) {
          group.add(next);
        }
        bytes += next.cost();
      }
      next = bytes < CommitGroup.BYTES ? queue.poll() : null;
    }
  }

  /** Fails the publications whose publishers have waited too long. */
  void expire(long nowNanos) {
    for (PendingPublication pending : queue) {
      if (pending.isOverdue(nowNanos) && pending.claim()) {
        waitingBytes.addAndGet(-pending.cost());
        pending.fail(
            new LogUnavailable("the log did not append it in time; nothing was stored", null));
      }
    }
  }

  /** Removes all publications and fails them. */
  void failAll(LogUnavailable cause) {
    for (PendingPublication next = queue.poll(); next != null; next = queue.poll()) {
      next.fail(cause);
    }
  }
}
