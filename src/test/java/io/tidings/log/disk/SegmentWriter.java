package io.tidings.log.disk;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.log.Entry;
import io.tidings.log.LogRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Writes the segments of a log without a journal, as a process that is then killed leaves them. */
final class SegmentWriter {
  static final long EPOCH = 7;

  private final Directory directory;
  private final RecordEncoder encoder = new RecordEncoder();
  private Segment segment;

  SegmentWriter(Directory directory) {
    this.directory = directory;
  }

  /** Begins a segment after the record with the given offset. */
  Segment begin(long previous) throws IOException {
    var header = SegmentFormat.Header.of(EPOCH, previous + 1, previous, Long.MIN_VALUE);
    segment = Segment.create(directory, header);
    return segment;
  }

  /** Appends one publication; the time of each record is its offset. */
  void publish(int events) throws IOException {
    var records = new ArrayList<LogRecord>();
    for (int following = events - 1; following >= 0; following--) {
      long previous = segment.last() + records.size();
      var position = new Position(EPOCH, previous + 1);
      Entry entry =
          Entry.of(position, previous, position.offset(), Event.of("a", "data" + previous));
      records.add(LogRecord.of(entry, following, ""));
    }
    encoder.encode(records);
    segment.write(encoder.bytes(segment.file().header().salt()));
    segment.appended(records, encoder);
  }

  /** Opens the segments of a directory as a start does. */
  static List<Segment> reopen(Directory directory) throws IOException {
    return new LogDirectory(directory).openToWrite(EPOCH);
  }
}
