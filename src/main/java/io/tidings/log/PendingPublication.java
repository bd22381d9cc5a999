package io.tidings.log;

import io.tidings.event.Publication;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A publication that waits to be appended. Either the thread that appends takes it, or it expires.
 * Whoever answers it first has answered it. Any thread.
 */
final class PendingPublication {
  private final Publication publication;
  private final Promise<List<Entry>> promise = Promise.promise();
  private final AtomicBoolean decided = new AtomicBoolean();
  private final long cost;
  private final long since;
  private final long patienceNanos;

  /**
   * @param cost the bytes of memory that it takes
   * @param since when it came, in nanoseconds
   */
  PendingPublication(Publication publication, long cost, long since, long patienceNanos) {
    this.publication = publication;
    this.cost = cost;
    this.since = since;
    this.patienceNanos = patienceNanos;
  }

  /** Wakes the thread that appends. */
  static PendingPublication nothing() {
    return new PendingPublication(Publication.of(List.of()), 0, 0, Long.MAX_VALUE);
  }

  Publication publication() {
    return publication;
  }

  long cost() {
    return cost;
  }

  long since() {
    return since;
  }

  Future<List<Entry>> answer() {
    return promise.future();
  }

  /**
   * Decides what becomes of it: whoever calls this first may append it, or let it expire.
   *
   * @return false where that was decided before
   */
  boolean claim() {
    return decided.compareAndSet(false, true);
  }

  /** Whether its publisher has waited for as long as it has patience. */
  boolean late(long now) {
    return now - since >= patienceNanos;
  }

  void complete(List<Entry> entries) {
    promise.tryComplete(entries);
  }

  void fail(Throwable why) {
    promise.tryFail(why);
  }
}
