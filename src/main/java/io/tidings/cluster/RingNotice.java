package io.tidings.cluster;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Records of the ring that are safe, as they go from node to node: 8 bytes with the sequence of the
 * first, 4 with their number, then each with 4 bytes of its length before it.
 */
record RingNotice(long first, List<byte[]> records) {
  private static final int COUNT = 8;
  private static final int RECORDS = 12;

  static Buffer encode(long first, List<byte[]> records) {
    Buffer notice = Buffer.buffer();
    notice.appendLong(first).appendInt(records.size());
    records.forEach(record -> notice.appendInt(record.length).appendBytes(record));
    return notice;
  }

  /** The sequence of the last record, without reading the records. */
  static long last(Buffer notice) {
    return notice.getLong(0) + notice.getInt(COUNT) - 1;
  }

  static RingNotice decode(Buffer notice) {
    int count = notice.getInt(COUNT);
    var records = new ArrayList<byte[]>(count);
    int at = RECORDS;
    for (int i = 0; i < count; i++) {
      int length = notice.getInt(at);
      at += Integer.BYTES;
      records.add(notice.getBytes(at, at + length));
      at += length;
    }
    return new RingNotice(notice.getLong(0), records);
  }
}
