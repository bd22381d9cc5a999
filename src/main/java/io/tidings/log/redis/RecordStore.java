package io.tidings.log.redis;

import io.tidings.log.Gap;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/**
 * Where hubs keep the records that they share, in one order. What a record says is none of its
 * business. Any thread; futures complete, and the follower is called, on any thread, but the
 * follower by one at a time.
 */
public interface RecordStore {
  /** How many consecutive offsets a record has: one for each event that it may hold. */
  int eventsPerRecord();

  /** The greatest number of records that can be added at once. */
  int maxRecords();

  /** Whether the follower hears of records only when they are as safe as the settings want them. */
  boolean safeWhenHeard();

  /**
   * Puts records at the end, next to each other, all of them or none.
   *
   * @return completes when they are as safe as the settings want them; where it fails, they may be
   *     there, or come to be, all the same
   */
  Future<Void> add(List<Buffer> records);

  /**
   * Finds out whether records could be added now, without adding any; completes where they could,
   * or where that can't be found out so.
   */
  default Future<Void> probe() {
    return Future.succeededFuture();
  }

  /**
   * Reads on.
   *
   * @param from the lowest offset that is wanted
   * @param most how many records at the most
   */
  Future<Slice> read(long from, int most);

  /**
   * Hands over every record from now on, in order, each once; best when it is as safe as the
   * settings want it, for nobody shall hear what may be gone in a moment.
   *
   * @param after the last record that is known; zero for none
   */
  void follow(Stored after, Follower follower);

  /** Completes when the follower has all that was safe at the time of asking; or fails. */
  Future<Void> caughtUp();

  /** For how many milliseconds it has had something that was not handed over yet; 0 for nothing. */
  long behindMillis();

  /** The offset before which it has nothing, as far as it knows. */
  long oldest();

  Future<Void> close();

  /** A record and the offset of its first event. */
  record Stored(long offset, Buffer bytes) {}

  /**
   * A part of the store.
   *
   * @param records in order
   * @param more whether it has more after them
   * @param whole whether nothing can be missing before the first of them: that is the one that was
   *     wanted, or there was never one before it
   */
  record Slice(List<Stored> records, boolean more, boolean whole) {}

  /** Who follows a store. */
  interface Follower {
    /** What comes next. */
    void hear(List<Stored> records);

    /**
     * The store is not what it was: it has lost what was there, or was replaced. Nothing more is
     * handed over before {@link RecordStore#follow} is called again.
     *
     * @param why {@link Gap.Reason#FORGOTTEN} where it went on faster than it was followed
     */
    void lost(Gap.Reason why);

    /** Whether records can be added, and are handed over, from now on. */
    void reachable(boolean now);

    /** They can't be, or are not, from now on. */
    default void unreachable(String why) {
      reachable(false);
    }

    /** A record that says nothing, for a store that must find out whether it can be written. */
    Buffer nothing();
  }
}
