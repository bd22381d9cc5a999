package io.tidings.log.disk;

import io.tidings.log.SequenceGap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Goes through all records of a segment, whole ones behind damaged ones too.
 *
 * @param index of what was found
 * @param known what is known of the segment by it
 * @param complete where the last publication ends of which all records are there
 */
record SegmentScan(GrowingIndex index, Segment.Known known, long complete) {
  /**
   * @param limit the highest offset that counts
   */
  static SegmentScan of(SegmentFormat.Header header, SegmentReader reader, long limit)
      throws IOException {
    var index = new GrowingIndex(header.first());
    List<SequenceGap> gaps = new ArrayList<>();
    long last = header.previous();
    long firstTime = header.previousTime();
    long lastTime = header.previousTime();
    long from = SegmentFormat.HEADER;
    long complete = from;
    int records = 0;
    while (reader.find(from, Math.max(last, header.first() - 1)) && reader.offset() <= limit) {
      follow(gaps, last, reader.previous(), reader.offset());
      index.add(
          reader.offset(),
          (int) reader.position(),
          reader.time(),
          reader.topics(),
          reader.id(),
          reader.key());
      last = reader.offset();
      lastTime = reader.time();
      firstTime = records++ == 0 ? lastTime : firstTime;
      from = reader.next();
      complete = reader.following() == 0 ? from : complete;
    }
    var known = new Segment.Known(last, firstTime, lastTime, from, records, List.copyOf(gaps));
    return new SegmentScan(index, known, complete);
  }

  /** Notes where a record does not follow the one before it. */
  static void follow(List<SequenceGap> gaps, long last, long previous, long offset) {
    if (offset != last + 1 || previous != last) {
      gaps.add(new SequenceGap(last, previous, offset));
    }
  }
}
