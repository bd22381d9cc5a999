package io.tidings.log;

import io.tidings.settings.LogSettings;
import java.time.Duration;

/**
 * How much a log retains. All bounds that are set apply.
 *
 * @param bytes the maximum size of the entries; 0 for no limit
 * @param age the maximum age of an entry; zero for no limit
 * @param entries the maximum number of entries; 0 for no limit
 */
public record Retention(long bytes, Duration age, long entries) {
  /** The retention of the settings {@code log.keep}. */
  public static Retention of(LogSettings.Keep keep) {
    return new Retention(keep.bytes(), keep.age(), keep.entries());
  }

  /** Without bounds. */
  public static Retention unlimited() {
    return ofBytes(0);
  }

  /** Bounded by bytes alone. */
  public static Retention ofBytes(long bytes) {
    return new Retention(bytes, Duration.ZERO, 0);
  }

  /** A copy with at most the given number of bytes. */
  public Retention within(long maxBytes) {
    return new Retention(bytes == 0 ? maxBytes : Math.min(bytes, maxBytes), age, entries);
  }

  public boolean exceededBy(long heldBytes, long heldEntries) {
    return (bytes > 0 && heldBytes > bytes) || (entries > 0 && heldEntries > entries);
  }

  /**
   * The time, in milliseconds since 1970, before which entries have expired; {@link Long#MIN_VALUE}
   * if the age has no limit.
   */
  public long horizon(long now) {
    return age.isZero() ? Long.MIN_VALUE : now - age.toMillis();
  }
}
