package io.tidings.log.disk;

import io.tidings.log.Retention;
import java.util.concurrent.TimeUnit;

/**
 * When to begin a new segment: there are to be some sixteen in what the log keeps, so that
 * forgetting a whole one forgets little.
 *
 * @param bytes how large a segment may become
 * @param entries how many entries it may have
 * @param millis how old its first entry may become
 */
record SegmentRollPolicy(long bytes, long entries, long millis) {
  private static final int SHARES = 16;
  private static final long LARGEST = 32L << 20;
  private static final long SMALLEST = 4L << 10;

  static SegmentRollPolicy of(Retention keep) {
    long bytes = keep.bytes() == 0 ? LARGEST : keep.bytes() / SHARES;
    return new SegmentRollPolicy(
        Math.max(SMALLEST, Math.min(LARGEST, bytes)),
        keep.entries() == 0 ? Integer.MAX_VALUE : Math.max(1, keep.entries() / SHARES),
        keep.age().isZero()
            ? TimeUnit.DAYS.toMillis(36_500)
            : Math.max(1, keep.age().toMillis() / SHARES));
  }

  /**
   * Whether the next group shall go into a new segment.
   *
   * @param more the bytes of the group
   * @param last its last offset
   * @param time its time
   */
  boolean due(Segment newest, long more, long last, long time) {
    Segment.Known known = newest.known();
    return known.records() > 0
        && (known.length() + more > bytes
            || known.records() >= entries
            || time - known.firstTime() > millis
            || last - newest.first() >= SegmentReader.MAX_SKIPPED);
  }

  /** Whether a segment from before a restart has so much room that it is gone on with. */
  boolean roomy(Segment segment) {
    return segment.known().length() < bytes / 4;
  }
}
