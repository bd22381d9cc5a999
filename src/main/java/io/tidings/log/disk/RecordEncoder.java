package io.tidings.log.disk;

import io.tidings.log.EventCodec;
import io.tidings.log.LogRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Encodes the records of one write in the format of {@link SegmentFormat}. Their checksums depend
 * on the segment and are added last. Belongs to the thread that appends.
 */
final class RecordEncoder {
  private static final int INITIAL_CAPACITY = 2 << 20;
  private static final int MAX_RETAINED_CAPACITY = 16 << 20;
  private static final int ATTRIBUTE_HEADER = 6;

  private final List<Integer> positions = new ArrayList<>();
  private ByteBuffer buffer = ByteBuffer.allocateDirect(INITIAL_CAPACITY);

  /** Encodes the records, and discards those of the previous call. */
  void encode(List<LogRecord> records) {
    if (buffer.capacity() > MAX_RETAINED_CAPACITY) {
      buffer = ByteBuffer.allocateDirect(INITIAL_CAPACITY);
    }
    buffer.clear();
    positions.clear();
    records.forEach(this::put);
  }

  /** The size of the encoded records in bytes. */
  int size() {
    return buffer.position();
  }

  /** The position of an encoded record, relative to the first one. */
  int position(int index) {
    return positions.get(index);
  }

  /** The encoded bytes, with the checksums for a segment with the given salt. */
  ByteBuffer bytes(long salt) {
    for (int i = 0; i < positions.size(); i++) {
      int from = positions.get(i);
      int to = i + 1 < positions.size() ? positions.get(i + 1) : buffer.position();
      buffer.putInt(from + 4, SegmentFormat.sum(salt, buffer, from + 8, to));
    }
    return buffer.duplicate().flip();
  }

  private void put(LogRecord record) {
    int size = maxSize(record);
    if (buffer.remaining() < size) {
      grow(size);
    }
    int start = buffer.position();
    positions.add(start);
    buffer.putLong(0); // length and checksum, put later
    buffer.putLong(record.offset()).putLong(record.entry().previous());
    buffer.putLong(record.entry().time());
    buffer.putInt(record.following()).putShort((short) record.flags());
    buffer.putInt(0); // length of the attributes, put later
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

  /** An upper bound of the encoded size, as tight as {@link EventCodec#maxBytes}. */
  private static int maxSize(LogRecord record) {
    int attributes = 0;
    for (byte[] value : record.attributes().values().values()) {
      attributes += ATTRIBUTE_HEADER + value.length;
    }
    return SegmentFormat.RECORD_HEADER
        + EventCodec.maxBytes(record.key())
        + EventCodec.maxBytes(record.entry().event())
        + attributes;
  }

  private void grow(int size) {
    int needed = buffer.position() + size;
    ByteBuffer larger = ByteBuffer.allocateDirect(Math.max(needed, 2 * buffer.capacity()));
    buffer.flip();
    buffer = larger.put(buffer);
  }
}
