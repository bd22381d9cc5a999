package io.tidings.log;

/**
 * A segment of a node's log, as another node fetches it: the records that were committed at one
 * moment.
 *
 * @param first the lowest offset that the segment may have, by which it is named
 * @param previous the offset of the record before the segment; 0 for none
 * @param salt of the segment's header, by which two files of one name differ
 * @param last the offset of the last record; for a segment without records, the one before it
 * @param length the number of bytes, from the beginning of the file
 * @param records the number of records
 */
public record SegmentPart(
    long first, long previous, long salt, long last, long length, int records) {
  public SegmentPart {
    if (previous < 0 || first <= previous || last < previous || length <= 0 || records < 0) {
      throw new IllegalArgumentException(
          "no segment: first %d, previous %d, last %d, %d bytes, %d records"
              .formatted(first, previous, last, length, records));
    }
  }
}
