package io.tidings.log.disk;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Inspects and repairs the end of a segment that was being appended to when its process ended. One
 * thread, after the segment was scanned and before it is appended to.
 */
final class SegmentRepair {
  private final Segment segment;

  SegmentRepair(Segment segment) {
    this.segment = segment;
  }

  /** What follows the last intact record. */
  enum Tail {
    /** Nothing. */
    NONE,
    /** A record that is intact except for its length, which ends with the file. */
    LENGTH_DAMAGED,
    /** Bytes that were a record once. */
    DAMAGED,
    /** A write that did not complete: part of a record, zeros, or part of a publication. */
    INCOMPLETE
  }

  Tail tail() throws IOException {
    long end = segment.contents().length();
    long size = segment.file().size();
    SegmentReader reader = segment.file().reader(size);
    if (reader.onlyLengthDamaged(end)) {
      return Tail.LENGTH_DAMAGED;
    } else if (end < size && !reader.truncated(end) && !reader.onlyZeros(end)) {
      return Tail.DAMAGED;
    }
    return segment.completeLength() < size ? Tail.INCOMPLETE : Tail.NONE;
  }

  /** Writes the length of the last record, which extends to the end of the file. */
  void restoreLength() throws IOException {
    long position = segment.contents().length();
    int length = (int) (segment.file().size() - position);
    segment.file().write(ByteBuffer.allocate(Integer.BYTES).putInt(length).flip(), position);
    segment.rescan(segment.file().size());
  }

  /**
   * Excludes the publication at the end of which records are missing, and everything after it: it
   * was never acknowledged. The file does not change.
   */
  void dropIncomplete() throws IOException {
    segment.rescan(segment.completeLength());
  }
}
