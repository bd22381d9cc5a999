package io.tidings.log;

import io.tidings.event.TextRules;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A small value that is kept with a log until a time, outside its retention.
 *
 * @param kind what it is; each kind has its own keys
 * @param key by which it is found; what precedes the first colon in it, if there is one, is its
 *     owner, who has a limited number of records of each kind ({@link RecordTable#MAX_OF_OWNER})
 * @param value what it says; may be empty
 * @param until it is kept at least until then; to the millisecond
 */
public record ExpiringRecord(String kind, String key, String value, Instant until) {
  static final int MAX_KIND_BYTES = 64;
  static final int MAX_KEY_BYTES = 1_024;
  static final int MAX_VALUE_BYTES = 16_384;

  /** The end of the year 9999. */
  private static final Instant LATEST = Instant.ofEpochSecond(253_402_300_799L);

  /** What a record occupies beside its texts, in memory and approximately in a file. */
  private static final int OVERHEAD = 64;

  /**
   * @throws IllegalArgumentException if a text is too long, or the time is not between 1970 and the
   *     end of the year 9999
   */
  public ExpiringRecord {
    until = until.truncatedTo(ChronoUnit.MILLIS);
    check("kind", kind, MAX_KIND_BYTES);
    check("key", key, MAX_KEY_BYTES);
    check("value", value, MAX_VALUE_BYTES);
    if (kind.isEmpty() || key.isEmpty()) {
      throw new IllegalArgumentException("an expiring record needs a kind and a key");
    }
    if (until.isBefore(Instant.EPOCH) || until.isAfter(LATEST)) {
      throw new IllegalArgumentException("an expiring record must end between 1970 and 9999");
    }
  }

  private static void check(String name, String text, int maxBytes) {
    if (TextRules.utf8Length(text) > maxBytes) {
      throw new IllegalArgumentException(
          "the " + name + " of an expiring record must have at most " + maxBytes + " bytes");
    }
  }

  /** Whose it is; empty for nobody's. */
  String owner() {
    return key.substring(0, Math.max(0, key.indexOf(':')));
  }

  /** The bytes that it counts for. */
  long bytes() {
    return OVERHEAD
        + TextRules.utf8Length(kind)
        + TextRules.utf8Length(key)
        + TextRules.utf8Length(value);
  }
}
