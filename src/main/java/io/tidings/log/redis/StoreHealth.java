package io.tidings.log.redis;

import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Whether a shared log's store takes records and hands them back, as far as this hub has seen.
 * Times are those of {@link System#nanoTime}. Not thread-safe; the log guards it.
 */
final class StoreHealth {
  /** How long an answer, or a record that was stored, may be on its way. */
  private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final long NEVER = 0;

  /** Why the store is not followed, why it refused what it was given last; empty where not. */
  private String unreachable = "";

  private String refused = "";

  private long addSince = NEVER;
  private long probeSince = NEVER;

  /** The last publication that was stored, and the last that was read back, by their numbers. */
  private long stored;

  private long readBack;

  /** Since when nothing of what was stored has been read back. */
  private long unreadSince;

  /** The store can't be followed; or it can, where the text is empty. */
  void unreachable(String why) {
    unreachable = why;
  }

  void addBegins(long now) {
    addSince = now;
  }

  /**
   * @param number that of the last publication that was added
   */
  void addSucceeds(long number, long now) {
    addSince = NEVER;
    refused = "";
    if (number > stored) {
      unreadSince = stored > readBack ? unreadSince : now;
      stored = number;
    }
  }

  void addFails(String why) {
    addSince = NEVER;
    refused = why;
  }

  void probeBegins(long now) {
    probeSince = now;
  }

  /** Whether the answer to a probe is awaited. */
  boolean probing() {
    return probeSince != NEVER;
  }

  /**
   * The store said whether it can be written, without having been given anything.
   *
   * @param why it can't; empty where it can
   */
  void probeEnds(String why) {
    probeSince = NEVER;
    refused = why.isEmpty() ? refused : why;
  }

  /** A publication of this hub's was read back. */
  void readBack(long number, long now) {
    readBack = Math.max(readBack, number);
    unreadSince = now;
  }

  /** The store was read anew: what has not been read back was lost, and is not waited for. */
  void restart() {
    readBack = Math.max(readBack, stored);
  }

  /** Why a publication could not be stored and read back now; nothing where it could. */
  Optional<String> problem(long now) {
    if (!unreachable.isEmpty()) {
      return Optional.of(unreachable);
    } else if (!refused.isEmpty()) {
      return Optional.of(refused);
    } else if (late(addSince, now) || late(probeSince, now)) {
      return Optional.of("the store does not answer");
    } else if (stored > readBack && now - unreadSince > LATE_NANOS) {
      return Optional.of("the store does not hand back what it took");
    }
    return Optional.empty();
  }

  private static boolean late(long since, long now) {
    return since != NEVER && now - since > LATE_NANOS;
  }
}
