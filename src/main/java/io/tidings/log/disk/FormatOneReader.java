package io.tidings.log.disk;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.log.Attributes;
import io.tidings.log.Entry;
import io.tidings.log.LogRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a segment of format 1, for {@link Migration}. It has one header of 48 bytes (magic, epoch,
 * first, previous, time of that record, 0, checksum), and records with 42 bytes before their texts
 * and without salt, flags and attributes. One thread.
 */
final class FormatOneReader {
  static final int FORMAT = 1;

  private static final long MAGIC = 0x544944494e475331L; // "TIDINGS1"
  private static final int HEADER = 48;
  private static final int RECORD_HEADER = 42;
  private static final int SHORTEST = RECORD_HEADER + 3 + 2 + 2 + 2;

  private final ByteBuffer bytes;
  private int at = HEADER;

  private FormatOneReader(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  /** Reads a whole segment into memory. */
  static FormatOneReader open(Directory directory, String name) throws IOException {
    return new FormatOneReader(ByteBuffer.wrap(directory.read(name)));
  }

  boolean headerIntact() {
    return bytes.limit() >= HEADER
        && bytes.getLong(0) == MAGIC
        && bytes.getInt(HEADER - 4) == SegmentFormat.sum(bytes, 0, HEADER - 4);
  }

  long epoch() {
    return bytes.getLong(8);
  }

  long previous() {
    return bytes.getLong(24);
  }

  long previousTime() {
    return bytes.getLong(32);
  }

  /**
   * The intact records, including those after damaged ones.
   *
   * @param after the offset before the first record
   * @param limit the highest offset that counts
   */
  List<LogRecord> records(long epoch, long after, long limit) {
    var records = new ArrayList<LogRecord>();
    long last = after;
    while (find(last)) {
      if (bytes.getLong(at + 8) > limit) {
        break;
      }
      LogRecord record = record(epoch);
      records.add(record);
      last = record.offset();
      at += bytes.getInt(at);
    }
    return records;
  }

  private boolean find(long last) {
    for (; at + SHORTEST <= bytes.limit(); at++) {
      int length = bytes.getInt(at);
      if (length >= SHORTEST
          && length <= bytes.limit() - at
          && bytes.getLong(at + 8) > last
          && bytes.getInt(at + 4) == SegmentFormat.sum(bytes, at + 8, at + length)) {
        return true;
      }
    }
    return false;
  }

  private LogRecord record(long epoch) {
    ByteBuffer record = bytes.duplicate().limit(at + bytes.getInt(at)).position(at + 8);
    long offset = record.getLong();
    long previous = record.getLong();
    long time = record.getLong();
    int following = record.getInt();
    int retry = record.getInt();
    int count = record.getShort();
    var topics = new ArrayList<String>(count);
    for (int i = 0; i < count; i++) {
      topics.add(text(record));
    }
    String type = text(record);
    String id = text(record);
    String key = text(record);
    String data = text(record, record.remaining());
    var event = new Event(topics, type, id, retry, data);
    Entry entry = Entry.of(new Position(epoch, offset), previous, time, event);
    return new LogRecord(entry, following, key, 0, Attributes.NONE);
  }

  private static String text(ByteBuffer from) {
    return text(from, from.getShort() & 0xffff);
  }

  private static String text(ByteBuffer from, int length) {
    byte[] text = new byte[length];
    from.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }
}
