package io.tidings.log.disk;

import io.tidings.log.EventCodec;
import io.tidings.log.LogRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Encodes records for one write, as {@link SegmentFormat} describes them. Their checksums depend on
 * the segment that they go to, and are added last. Belongs to the thread that appends.
 */
final class RecordEncoder {
  private static final int ROOM = 2 << 20;
  private static final int MAX_KEPT = 16 << 20;

  private static final int ATTRIBUTE_HEADER = 6;

  private final List<Integer> places = new ArrayList<>();
  private ByteBuffer buffer = ByteBuffer.allocateDirect(ROOM);

  /** Encodes these, in place of what was encoded before. */
  void encode(List<LogRecord> records) {
    if (buffer.capacity() > MAX_KEPT) {
      buffer = ByteBuffer.allocateDirect(ROOM);
    }
    buffer.clear();
    places.clear();
    records.forEach(this::put);
  }

  /** How many bytes they have. */
  int size() {
    return buffer.position();
  }

  /** Where the record begins, of those that were encoded, in bytes. */
  int place(int index) {
    return places.get(index);
  }

  /** The bytes, with the checksums for a segment. */
  ByteBuffer bytes(long salt) {
    for (int i = 0; i < places.size(); i++) {
      int from = places.get(i);
      int to = i + 1 < places.size() ? places.get(i + 1) : buffer.position();
      buffer.putInt(from + 4, SegmentFormat.sum(salt, buffer, from + 8, to));
    }
    return buffer.duplicate().flip();
  }

  private void put(LogRecord record) {
    int room = most(record);
    if (buffer.remaining() < room) {
      grow(room);
    }
    int start = buffer.position();
    places.add(start);
    buffer.putLong(0); // length and checksum, once they are known
    buffer.putLong(record.offset()).putLong(record.entry().previous());
    buffer.putLong(record.entry().time());
    buffer.putInt(record.following()).putShort((short) record.flags());
    buffer.putInt(0); // length of the attributes
    EventCodec.put(buffer, record.key());
    EventCodec.put(buffer, record.entry().event());
    int attributes = buffer.position();
    for (Map.Entry<Integer, byte[]> each : record.attributes().values().entrySet()) {
      buffer.putShort(each.getKey().shortValue()).putInt(each.getValue().length);
      buffer.put(each.getValue());
    }
    buffer.putInt(start + SegmentFormat.ATTRIBUTES_LENGTH, buffer.position() - attributes);
    buffer.putInt(start, buffer.position() - start);
  }

  /** How many bytes the record has at the most, where they are not many; or exactly. */
  private static int most(LogRecord record) {
    int attributes = 0;
    for (byte[] value : record.attributes().values().values()) {
      attributes += ATTRIBUTE_HEADER + value.length;
    }
    return SegmentFormat.RECORD_HEADER
        + EventCodec.maxBytes(record.key())
        + EventCodec.maxBytes(record.entry().event())
        + attributes;
  }

  private void grow(int room) {
    int needed = buffer.position() + room;
    ByteBuffer larger = ByteBuffer.allocateDirect(Math.max(needed, 2 * buffer.capacity()));
    buffer.flip();
    buffer = larger.put(buffer);
  }
}
