package io.tidings.log.disk;

import io.tidings.log.Entry;
import io.tidings.log.LogRecord;
import io.tidings.log.SequenceGap;
import java.util.ArrayList;
import java.util.List;

/**
 * The records of a segment that count, as of one moment. Immutable.
 *
 * @param last the offset of the last record; for a segment without records, the one before it
 * @param firstTime the time of the first record, in milliseconds since 1970
 * @param lastTime the time of the last record, in milliseconds since 1970
 * @param length the number of bytes of the file that count, from its beginning
 * @param records the number of records
 * @param gaps the gaps between consecutive offsets, in order
 */
record SegmentContents(
    long last, long firstTime, long lastTime, long length, int records, List<SequenceGap> gaps) {

  /** The contents of a segment that has a header and no records. */
  static SegmentContents empty(SegmentFormat.Header header) {
    return new SegmentContents(
        header.previous(),
        header.previousTime(),
        header.previousTime(),
        SegmentFormat.HEADER,
        0,
        List.of());
  }

  /**
   * The contents after an append.
   *
   * @param bytes the encoded size of the appended records
   * @return contents whose list of gaps is the same instance if the append added no gap
   */
  SegmentContents plus(List<LogRecord> appended, long bytes) {
    var added = new ArrayList<SequenceGap>();
    long before = last;
    for (LogRecord each : appended) {
      addGap(added, before, each.entry().previous(), each.entry().offset());
      before = each.entry().offset();
    }
    Entry first = appended.get(0).entry();
    Entry newest = appended.get(appended.size() - 1).entry();
    return new SegmentContents(
        newest.offset(),
        records == 0 ? first.time() : firstTime,
        newest.time(),
        length + bytes,
        records + appended.size(),
        added.isEmpty() ? gaps : joined(gaps, added));
  }

  /** The contents with the records after the last one, up to the given offset, reported as lost. */
  SegmentContents withLossUpTo(long offset) {
    var lost = new SequenceGap(last, offset, offset + 1);
    return new SegmentContents(
        offset, firstTime, lastTime, length, records, joined(gaps, List.of(lost)));
  }

  /** Adds a gap if a record does not directly follow the one before it. */
  static void addGap(List<SequenceGap> gaps, long last, long previous, long offset) {
    if (offset != last + 1 || previous != last) {
      gaps.add(new SequenceGap(last, previous, offset));
    }
  }

  private static List<SequenceGap> joined(List<SequenceGap> first, List<SequenceGap> second) {
    var all = new ArrayList<>(first);
    all.addAll(second);
    return List.copyOf(all);
  }
}
