package io.tidings.log.disk;

import io.tidings.log.Retention;
import java.util.concurrent.TimeUnit;

/**
 * Decides when a new segment begins. A log at its retention limit has about sixteen segments, so
 * that removing the oldest one removes a small part of the log.
 *
 * @param maxBytes the size of a segment
 * @param maxEntries the number of its entries
 * @param maxMillis the age of its first entry
 */
record SegmentRollPolicy(long maxBytes, long maxEntries, long maxMillis) {
  private static final int SEGMENTS_PER_LOG = 16;
  private static final long LARGEST = 32L << 20;
  private static final long SMALLEST = 4L << 10;

  static SegmentRollPolicy of(Retention retention) {
    long bytes = retention.bytes() == 0 ? LARGEST : retention.bytes() / SEGMENTS_PER_LOG;
    return new SegmentRollPolicy(
        Math.max(SMALLEST, Math.min(LARGEST, bytes)),
        retention.entries() == 0
            ? Integer.MAX_VALUE
            : Math.max(1, retention.entries() / SEGMENTS_PER_LOG),
        retention.age().isZero()
            ? TimeUnit.DAYS.toMillis(36_500)
            : Math.max(1, retention.age().toMillis() / SEGMENTS_PER_LOG));
  }

  /**
   * Whether the next group of records goes into a new segment.
   *
   * @param bytes the size of the group
   * @param last the last offset of the group
   * @param time the time of the group
   */
  boolean shouldRoll(Segment newest, long bytes, long last, long time) {
    SegmentContents contents = newest.contents();
    return contents.records() > 0
        && (contents.length() + bytes > maxBytes
            || contents.records() >= maxEntries
            || time - contents.firstTime() > maxMillis
            || last - newest.first() >= SegmentReader.MAX_SKIPPED);
  }

  /** Whether a segment of an earlier process has enough room left to append to it. */
  boolean hasRoom(Segment segment) {
    return segment.contents().length() < maxBytes / 4;
  }
}
