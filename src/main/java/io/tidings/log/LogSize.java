package io.tidings.log;

import java.util.OptionalLong;

/**
 * The size of a log; of a shared log, the size of the part that this hub holds.
 *
 * @param bytes the size of the records on the disk, or of the entries and indexes in memory
 * @param entries the number of entries
 * @param oldestMillis when the oldest entry was appended, in milliseconds since 1970; empty if
 *     there is none
 */
public record LogSize(long bytes, long entries, OptionalLong oldestMillis) {
  /**
   * The age of the oldest entry in seconds; 0 if there is none.
   *
   * @param now in milliseconds since 1970
   */
  public double oldestSeconds(long now) {
    return oldestMillis.isPresent() ? (now - oldestMillis.getAsLong()) / 1e3 : 0;
  }
}
