package io.tidings.log;

import io.tidings.settings.LogSettings;
import java.time.Duration;

/**
 * How much a log remembers. Where several bounds are set, the narrowest counts.
 *
 * @param bytes what the entries may take; 0 for no limit
 * @param age how old an entry may become; zero for no limit
 * @param entries how many there may be; 0 for no limit
 */
public record Retention(long bytes, Duration age, long entries) {
  /** As the settings have it. */
  public static Retention of(LogSettings.Keep keep) {
    return new Retention(keep.bytes(), keep.age(), keep.entries());
  }

  /** Bounded by bytes alone. */
  public static Retention ofBytes(long bytes) {
    return new Retention(bytes, Duration.ZERO, 0);
  }

  /** The same, but never more bytes than that. */
  public Retention within(long maxBytes) {
    return new Retention(bytes == 0 ? maxBytes : Math.min(bytes, maxBytes), age, entries);
  }

  public boolean exceededBy(long heldBytes, long heldEntries) {
    return (bytes > 0 && heldBytes > bytes) || (entries > 0 && heldEntries > entries);
  }

  /** The time, in milliseconds since 1970, before which entries are too old. */
  public long horizon(long now) {
    return age.isZero() ? Long.MIN_VALUE : now - age.toMillis();
  }
}
