package io.tidings.log;

import java.util.OptionalLong;

/**
 * How much a log has; of a log that hubs share, how much of it this one has at hand.
 *
 * @param bytes of records on the disk, or of entries in memory with all that belongs to them
 * @param entries how many
 * @param oldestMillis when the oldest was appended, in milliseconds since 1970; nothing where there
 *     is none
 */
public record LogSize(long bytes, long entries, OptionalLong oldestMillis) {
  /** How old the oldest is, in seconds; 0 where there is none. */
  public double oldestSeconds(long now) {
    return oldestMillis.isPresent() ? (now - oldestMillis.getAsLong()) / 1e3 : 0;
  }
}
