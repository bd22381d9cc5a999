package io.tidings.log;

/**
 * An entry as the journal stores it.
 *
 * @param entry the event and its position
 * @param following how many records after this one belong to the same publication
 * @param key the publication's key, on its first record; otherwise empty
 * @param flags bits: {@link #PRIVATE}; those of the upper byte must be understood by readers
 * @param attributes what else is stored with it
 */
public record LogRecord(Entry entry, int following, String key, int flags, Attributes attributes) {
  /** Only for subscribers that were granted its topic. */
  public static final int PRIVATE = 1;

  /** The flags that a reader must know, or it must not read the record. */
  public static final int REQUIRED_FLAGS = 0xff00;

  /** A record without flags and attributes. */
  public static LogRecord of(Entry entry, int following, String key) {
    return new LogRecord(entry, following, key, 0, Attributes.NONE);
  }

  public long offset() {
    return entry.offset();
  }
}
