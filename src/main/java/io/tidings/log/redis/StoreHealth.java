package io.tidings.log.redis;

import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Whether the store of a shared log accepts records and delivers them, as far as this hub has seen.
 * Times are those of {@link System#nanoTime}. Not thread-safe; the log's lock guards it.
 */
final class StoreHealth {
  /** How long an answer, or the delivery of a stored record, may take. */
  private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final long NEVER = 0;

  /** Why the store is being read; empty if it is not. */
  private String loading = "";

  /** Why the store can't be followed; empty if it can. */
  private String unreachable = "";

  /** Why the store refused the last add or probe; empty if it did not. */
  private String refused = "";

  private long addStarted = NEVER;
  private long probeStarted = NEVER;

  /** The numbers of the last publication that was stored, and of the last that was read back. */
  private long lastStored;

  private long lastReadBack;

  /** When a publication was last read back, or the first one stored that is not. */
  private long unreadSince;

  /** The store is read as a whole from now on. */
  void loading(String why) {
    loading = why;
  }

  void loaded() {
    loading = "";
  }

  boolean isLoading() {
    return !loading.isEmpty();
  }

  /** The store can't be followed; or it can, if the text is empty. */
  void unreachable(String why) {
    unreachable = why;
  }

  void addStarted(long now) {
    addStarted = now;
  }

  /**
   * @param number that of the last publication that was added
   */
  void addSucceeded(long number, long now) {
    addStarted = NEVER;
    refused = "";
    if (number > lastStored) {
      unreadSince = lastStored > lastReadBack ? unreadSince : now;
      lastStored = number;
    }
  }

  void addFailed(String why) {
    addStarted = NEVER;
    refused = why;
  }

  void probeStarted(long now) {
    probeStarted = now;
  }

  /** Whether a probe has not completed yet. */
  boolean probing() {
    return probeStarted != NEVER;
  }

  /**
   * A probe completed. Success does not clear a refusal: only an add that succeeds does.
   *
   * @param refusal why the store can't be written; empty if it can
   */
  void probeEnded(String refusal) {
    probeStarted = NEVER;
    refused = refusal.isEmpty() ? refused : refusal;
  }

  /** A publication of this hub was read back. */
  void readBack(long number, long now) {
    lastReadBack = Math.max(lastReadBack, number);
    unreadSince = now;
  }

  /** The store was read as a whole: publications that were not in it are not waited for. */
  void reloaded() {
    lastReadBack = Math.max(lastReadBack, lastStored);
  }

  /** Why a publication could not be stored and read back now; empty if it could. */
  Optional<String> problem(long now) {
    if (isLoading()) {
      return Optional.of(loading);
    } else if (!unreachable.isEmpty()) {
      return Optional.of(unreachable);
    } else if (!refused.isEmpty()) {
      return Optional.of(refused);
    } else if (late(addStarted, now) || late(probeStarted, now)) {
      return Optional.of("the store does not answer");
    } else if (lastStored > lastReadBack && now - unreadSince > LATE_NANOS) {
      return Optional.of("the store does not deliver the records that it stored");
    }
    return Optional.empty();
  }

  private static boolean late(long since, long now) {
    return since != NEVER && now - since > LATE_NANOS;
  }
}
