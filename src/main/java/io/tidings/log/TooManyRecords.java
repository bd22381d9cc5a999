package io.tidings.log;

/**
 * Thrown if the owner of an {@link ExpiringRecord} has as many of its kind as one owner may have;
 * nothing was stored. There may be room for records of others.
 */
public final class TooManyRecords extends LogUnavailable {
  private static final long serialVersionUID = 1L;

  public TooManyRecords(String kind) {
    super(
        "one owner may have at most %d expiring records (%s); nothing was stored"
            .formatted(RecordTable.MAX_OF_OWNER, kind),
        null);
  }
}
