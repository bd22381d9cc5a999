package io.tidings.log.redis;

import io.tidings.log.ExpiringRecords;
import io.tidings.log.Gap;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/**
 * Stores the records that hubs share, in one order. The content of a record is opaque to it. Any
 * thread; futures complete and the follower is called on any thread, the follower by one thread at
 * a time.
 */
public interface RecordStore {
  /** The greatest number of records that can be added at once. */
  int maxRecords();

  /** Whether records are delivered to the follower only when they are as durable as configured. */
  boolean deliversDurable();

  /**
   * Appends records next to each other, all of them or none.
   *
   * @return completes when they are as durable as configured; where it fails, the records may be
   *     stored nevertheless, now or later
   */
  Future<Void> add(List<Buffer> records);

  /**
   * Checks whether records could be added, without adding any. Completes if they could, or if that
   * can't be checked.
   */
  Future<Void> probe();

  /**
   * Reads records.
   *
   * @param from the lowest offset to read
   * @param max the greatest number of records to read
   */
  Future<Slice> read(long from, int max);

  /**
   * Delivers every record after one, in order, each once; preferably when it is as durable as
   * configured, since a record that is lost later must not reach subscribers.
   *
   * @param after the last record that is known; offset zero for none
   */
  void follow(Stored after, Follower follower);

  /** Completes when all records that were durable at this call are delivered, or fails. */
  Future<Void> caughtUp();

  /** For how many milliseconds stored records have not been delivered yet; 0 if all are. */
  long behindMillis();

  /** The offset before which the store has no records, as far as is known. */
  long oldest();

  /** The expiring records of all hubs. */
  ExpiringRecords records();

  Future<Void> close();

  /**
   * A record with its offset.
   *
   * @param previous the offset of the record before it when it was added; 0 for none
   * @param bytes its content; null if only the place in the order is meant
   */
  record Stored(long offset, long previous, Buffer bytes) {
    /** The place after all records up to an offset. */
    static Stored place(long offset) {
      return new Stored(offset, 0, null);
    }
  }

  /**
   * Consecutive records of the store.
   *
   * @param records in order
   * @param more whether the store has more after them
   * @param whole whether no record is missing before the first of them: it is the requested one, or
   *     there never was one before it
   */
  record Slice(List<Stored> records, boolean more, boolean whole) {}

  /** Receives the records of a store. */
  interface Follower {
    /** Receives the next records. */
    void receive(List<Stored> records);

    /**
     * The store has lost records or was replaced. Nothing is delivered until {@link
     * RecordStore#follow} is called again.
     *
     * @param why {@link Gap.Reason#REMOVED} if records were removed before they were delivered
     */
    void lost(Gap.Reason why);

    /** Records are delivered from now on. */
    void reachable();

    /** Records are not delivered from now on. */
    void unreachable(String why);
  }
}
