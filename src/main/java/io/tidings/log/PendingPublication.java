package io.tidings.log;

import io.tidings.event.Publication;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A publication that waits to be appended. It is claimed once, by the thread that appends it or by
 * the one that lets it expire; the first completion of its result wins. Thread-safe.
 */
final class PendingPublication {
  private final Publication publication;
  private final Promise<List<Entry>> result = Promise.promise();
  private final AtomicBoolean claimed = new AtomicBoolean();
  private final long cost;
  private final long enqueuedNanos;
  private final long patienceNanos;

  /**
   * @param cost the bytes of memory that it occupies
   * @param enqueuedNanos when it was enqueued
   * @param patienceNanos how long its publisher waits for the result
   */
  PendingPublication(Publication publication, long cost, long enqueuedNanos, long patienceNanos) {
    this.publication = publication;
    this.cost = cost;
    this.enqueuedNanos = enqueuedNanos;
    this.patienceNanos = patienceNanos;
  }

  /** An empty publication, which wakes the thread that appends. */
  static PendingPublication wakeUp() {
    return new PendingPublication(Publication.of(List.of()), 0, 0, Long.MAX_VALUE);
  }

  Publication publication() {
    return publication;
  }

  long cost() {
    return cost;
  }

  long enqueuedNanos() {
    return enqueuedNanos;
  }

  Future<List<Entry>> result() {
    return result.future();
  }

  /**
   * Claims the right to append the publication, or to let it expire.
   *
   * @return false if it was claimed before
   */
  boolean claim() {
    return claimed.compareAndSet(false, true);
  }

  /** Whether its publisher has waited for {@code patienceNanos}. */
  boolean isOverdue(long nowNanos) {
    return nowNanos - enqueuedNanos >= patienceNanos;
  }

  /** Fails the result if the publication is overdue and was claimed, so that it may be stored. */
  void expire(long nowNanos, String reason) {
    if (isOverdue(nowNanos)) {
      fail(new OutcomeUnknown(reason, null));
    }
  }

  void complete(List<Entry> entries) {
    result.tryComplete(entries);
  }

  void fail(Throwable cause) {
    result.tryFail(cause);
  }
}
