package io.tidings.log;

/**
 * An entry as the journal stores it.
 *
 * @param entry the event and its position
 * @param following the number of records after this one that belong to the same publication
 * @param key the publication's key, on its first record; otherwise empty
 * @param flags bits such as {@link #PRIVATE}, which is added where it belongs; a reader must know
 *     those of the upper byte
 * @param attributes the optional attributes
 */
public record LogRecord(Entry entry, int following, String key, int flags, Attributes attributes) {
  /** The event is private. A reader that does not know the mark must not read the event. */
  public static final int PRIVATE = 0x0100;

  /** The flags that a reader must know in order to read the record. */
  public static final int REQUIRED_FLAGS = 0xff00;

  /** Sets the flag of a private event. */
  public LogRecord {
    flags |= entry.event().isPrivate() ? PRIVATE : 0;
  }

  /** A record without further flags, and without attributes. */
  public static LogRecord of(Entry entry, int following, String key) {
    return new LogRecord(entry, following, key, 0, Attributes.NONE);
  }

  /**
   * A record without further flags.
   *
   * @param scope of deduplication; stored if the record has what it applies to
   */
  public static LogRecord of(Entry entry, int following, String key, String scope) {
    return new LogRecord(entry, following, key, 0, attributes(Attributes.NONE, scope, key, entry));
  }

  /** A copy of attributes with the scope, if it is not empty and applies to the record. */
  public static Attributes attributes(Attributes others, String scope, String key, Entry entry) {
    return scope.isEmpty() || !DedupNames.compared(key, entry.event().id())
        ? others
        : others.with(Attributes.DEDUP_SCOPE, scope);
  }

  /** The scope of deduplication; empty for that of publishers without identity. */
  public String scope() {
    return attributes.text(Attributes.DEDUP_SCOPE).orElse("");
  }

  public long offset() {
    return entry.offset();
  }
}
