package io.tidings.log.disk;

import io.tidings.log.SequenceGap;
import io.tidings.log.TopicKeys;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The result of scanning all records of a segment, including intact records after damaged ones.
 *
 * @param index an index of the records that were found
 * @param contents their summary
 * @param completeLength the end of the last publication of which all records exist, in bytes
 */
record SegmentScan(GrowingIndex index, SegmentContents contents, long completeLength) {
  /**
   * Scans the records.
   *
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
      SegmentContents.addGap(gaps, last, reader.previous(), reader.offset());
      index.add(
          reader.offset(),
          (int) reader.position(),
          reader.time(),
          TopicKeys.of(reader.topics(), reader.visibility()),
          reader.id(),
          reader.names());
      last = reader.offset();
      lastTime = reader.time();
      firstTime = records++ == 0 ? lastTime : firstTime;
      from = reader.next();
      complete = reader.following() == 0 ? from : complete;
    }
    var contents = new SegmentContents(last, firstTime, lastTime, from, records, List.copyOf(gaps));
    return new SegmentScan(index, contents, complete);
  }
}
