package io.tidings.log;

import io.vertx.core.Future;
import io.vertx.core.Handler;

/**
 * Records that are kept with a log, replicated as its entries are, each until its own time and
 * outside the log's retention: revocations, and who redeemed a ticket first. Bounded ({@link
 * RecordTable}). Thread-safe and non-blocking; futures complete, and handlers are called, on any
 * thread.
 */
public interface ExpiringRecords {
  /**
   * Stores a record unless there is one with its kind and key.
   *
   * @return the one that was stored first, which may be another one, when it is durable and
   *     replicated. Fails with {@link OutcomeUnknown} if it may have been stored, and with any
   *     other {@link LogUnavailable} if it was not, also because there is no room; with {@link
   *     TooManyRecords} if there is none for its owner
   */
  Future<ExpiringRecord> putIfAbsent(ExpiringRecord record);

  /**
   * Calls the handler with all stored records of the kind, those that are known already before this
   * returns, and then with each new one, of this node or another, in the order in which they were
   * stored. Its calls do not overlap; it must not block. An exception of it has no effect on
   * others.
   */
  void follow(String kind, Handler<ExpiringRecord> records);
}
