package io.tidings.limits;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What one client has used: its open streams, and its token buckets. Any thread, without locks. A
 * state that is removed from the table is retired first, after which no stream is counted in it.
 */
final class ClientState {
  private static final int RETIRED = -1;

  /** What became of a stream. */
  enum Opening {
    OPENED,
    TOO_MANY,
    RETIRED
  }

  private final LimitKey key;
  private final AtomicInteger streams = new AtomicInteger();
  private final AtomicLongArray buckets;

  /**
   * @param slots the number of buckets, which are full
   */
  ClientState(LimitKey key, int slots, long now) {
    this.key = key;
    long[] full = new long[slots];
    Arrays.fill(full, now);
    this.buckets = new AtomicLongArray(full);
  }

  LimitKey key() {
    return key;
  }

  AtomicLongArray buckets() {
    return buckets;
  }

  int streams() {
    return streams.get();
  }

  /**
   * Counts a stream.
   *
   * @param max of streams; 0 for any number
   */
  Opening openStream(int max) {
    while (true) {
      int open = streams.get();
      if (open == RETIRED) {
        return Opening.RETIRED;
      }
      if (max > 0 && open >= max) {
        return Opening.TOO_MANY;
      }
      if (streams.compareAndSet(open, open + 1)) {
        return Opening.OPENED;
      }
    }
  }

  /** Counts a stream no longer; called once for each that was opened. */
  void closeStream() {
    streams.decrementAndGet();
  }

  /** Retires the state if it is that of a client who has done nothing lately. */
  boolean retire(List<Rate> rates, long now) {
    if (streams.get() != 0) {
      return false;
    }
    for (Rate rate : rates) {
      if (!rate.full(buckets, now)) {
        return false;
      }
    }
    return streams.compareAndSet(0, RETIRED);
  }
}
