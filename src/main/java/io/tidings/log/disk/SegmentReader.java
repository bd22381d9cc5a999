package io.tidings.log.disk;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.log.Attributes;
import io.tidings.log.Entry;
import io.tidings.log.EventCodec;
import io.tidings.log.LogRecord;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Reads the records of one segment: at a known place, or one after the other and over what is
 * damaged. Stands at one record at a time. Belongs to one thread; the file is the caller's.
 */
final class SegmentReader {
  /** The most by which offsets may skip within a segment. */
  static final long MAX_SKIPPED = 0xffff_ffffL;

  private static final int READ_AHEAD = 64 * 1024;
  private static final long MAX_MENDED = 64L << 20;
  private static final int READ_AHEAD_SPARSE = 1024;
  private static final int ATTRIBUTE_HEADER = 6;

  private final DataFile file;
  private final long salt;
  private final long end;
  private int readAhead = READ_AHEAD;
  private ByteBuffer bytes = ByteBuffer.allocate(0);
  private long bytesStart;

  private long position = SegmentFormat.HEADER;
  private int at;
  private int length;

  /**
   * @param salt the one of the segment's header
   * @param end how many bytes of the file count
   */
  SegmentReader(DataFile file, long salt, long end) {
    this.file = file;
    this.salt = salt;
    this.end = end;
  }

  /**
   * Prepares for records that are so far from each other, on the average: it is not worth while to
   * read what lies between them.
   */
  void expect(long apart) {
    readAhead = apart > 16 * READ_AHEAD_SPARSE ? READ_AHEAD_SPARSE : READ_AHEAD;
  }

  /**
   * Goes to the record at the given place.
   *
   * @return whether there is one, and it is whole
   */
  boolean read(long place) throws IOException {
    position = place;
    length = 0;
    if (place + SegmentFormat.SHORTEST > end) {
      return false;
    }
    at = load(place, SegmentFormat.SHORTEST);
    int claimed = bytes.getInt(at);
    if (claimed < SegmentFormat.SHORTEST || claimed > end - place) {
      return false;
    }
    at = load(place, claimed);
    length = claimed;
    return bytes.getInt(at + 4) == SegmentFormat.sum(salt, bytes, at + 8, at + length);
  }

  /**
   * Goes on to the next record that is whole; the first time, to the one at the given place or
   * after it.
   *
   * @param from where to go on, from the beginning {@link SegmentFormat#HEADER}, and then {@link
   *     #next}
   * @param after the offset of the record before; what looks like a record must have a higher one
   * @return whether there is one
   */
  boolean find(long from, long after) throws IOException {
    for (long place = from; place + SegmentFormat.SHORTEST <= end; place++) {
      if (plausible(place, after) && read(place)) {
        return true;
      }
    }
    position = end;
    length = 0;
    return false;
  }

  /** A quick look, for damage is gone through byte by byte. */
  private boolean plausible(long place, long after) throws IOException {
    int i = load(place, SegmentFormat.SHORTEST);
    int claimed = bytes.getInt(i);
    long offset = bytes.getLong(i + 8);
    return claimed >= SegmentFormat.SHORTEST
        && claimed <= end - place
        && offset > after
        && offset - after <= MAX_SKIPPED;
  }

  /** Whether the file ends before the record at the given place does. */
  boolean cutShort(long place) throws IOException {
    if (end - place < SegmentFormat.SHORTEST) {
      return true;
    }
    int i = load(place, SegmentFormat.SHORTEST); // may replace the buffer
    return bytes.getInt(i) > end - place;
  }

  /** Whether the record at the given place is whole but for its length, and the file's last. */
  boolean wholeButForItsLength(long place) throws IOException {
    long size = end - place;
    if (size < SegmentFormat.SHORTEST || size > MAX_MENDED) {
      return false;
    }
    int i = load(place, (int) size);
    return bytes.getInt(i + 4) == SegmentFormat.sum(salt, bytes, i + 8, i + (int) size);
  }

  /** Whether there is nothing but zeros from the given place on. */
  boolean zeros(long place) throws IOException {
    for (long each = place; each < end; each++) {
      int i = load(each, 1);
      if (bytes.get(i) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Where the record is. */
  long position() {
    return position;
  }

  /** Where the next one may be. */
  long next() {
    return position + length;
  }

  long offset() {
    return bytes.getLong(at + 8);
  }

  long previous() {
    return bytes.getLong(at + 16);
  }

  long time() {
    return bytes.getLong(at + 24);
  }

  /** How many records after this one belong to the same publication. */
  int following() {
    return bytes.getInt(at + 32);
  }

  List<String> topics() {
    return EventCodec.topics(bytes, event());
  }

  /** The publisher's id; empty where it gave none. */
  String id() {
    return EventCodec.id(bytes, event());
  }

  /** The publication's key; empty where it has none, and on all its records but the first. */
  String key() {
    return EventCodec.text(bytes, at + SegmentFormat.RECORD_HEADER);
  }

  /**
   * The record as an entry of the given epoch.
   *
   * @throws IOException where a newer version wrote what this one must not read
   */
  Entry entry(long epoch) throws IOException {
    check();
    Event event = EventCodec.event(bytes, event());
    return Entry.of(new Position(epoch, offset()), previous(), time(), event);
  }

  /**
   * The whole record.
   *
   * @throws IOException where a newer version wrote what this one must not read
   */
  LogRecord record(long epoch) throws IOException {
    return new LogRecord(entry(epoch), following(), key(), flags(), attributes());
  }

  private int flags() {
    return bytes.getShort(at + 36) & 0xffff;
  }

  /** Where the event begins, after the key. */
  private int event() {
    return EventCodec.afterText(bytes, at + SegmentFormat.RECORD_HEADER);
  }

  private Attributes attributes() {
    var attributes = Attributes.NONE;
    int i = attributesStart();
    while (i < at + length) {
      int size = bytes.getInt(i + 2);
      byte[] value = new byte[size];
      bytes.get(i + ATTRIBUTE_HEADER, value);
      attributes = attributes.with(bytes.getShort(i) & 0xffff, value);
      i += ATTRIBUTE_HEADER + size;
    }
    return attributes;
  }

  private int attributesStart() {
    return at + length - bytes.getInt(at + SegmentFormat.ATTRIBUTES_LENGTH);
  }

  private void check() throws IOException {
    if ((flags() & LogRecord.REQUIRED_FLAGS) != 0) {
      throw new IOException(
          "record %d has flags %x, which this version can't read".formatted(offset(), flags()));
    }
    int i = attributesStart();
    while (i < at + length) {
      int tag = bytes.getShort(i) & 0xffff;
      if ((tag & Attributes.REQUIRED) != 0) {
        throw new IOException(
            "record %d has attribute %x, which this version can't read".formatted(offset(), tag));
      }
      i += ATTRIBUTE_HEADER + bytes.getInt(i + 2);
    }
  }

  /** Sees to it that so many bytes of the file are in memory, and tells where. */
  private int load(long place, int count) throws IOException {
    if (place < bytesStart || place + count > bytesStart + bytes.limit()) {
      int wanted = (int) Math.min(Math.max(count, readAhead), end - place);
      if (bytes.capacity() < wanted) {
        bytes = ByteBuffer.allocate(wanted);
      }
      bytes.clear().limit(0); // nothing is there if the read fails
      ByteBuffer into = bytes.duplicate().limit(wanted);
      if (file.readFully(into, place) < wanted) {
        throw new EOFException("the file ends before byte " + (place + wanted));
      }
      bytesStart = place;
      bytes.limit(wanted);
    }
    return (int) (place - bytesStart);
  }
}
