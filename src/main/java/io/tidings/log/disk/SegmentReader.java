package io.tidings.log.disk;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Selection;
import io.tidings.event.Visibility;
import io.tidings.log.Attributes;
import io.tidings.log.DedupNames;
import io.tidings.log.Entry;
import io.tidings.log.EventCodec;
import io.tidings.log.LogRecord;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A cursor over the records of one segment: it reads the record at a known position in the file, or
 * searches for the next intact one, skipping damage. Belongs to one thread; the caller closes the
 * file.
 */
final class SegmentReader {
  /** The maximum by which offsets may skip within a segment. */
  static final long MAX_SKIPPED = 0xffff_ffffL;

  private static final int READ_AHEAD = 64 * 1024;

  /** The maximum size of a record whose length can be restored. */
  private static final long MAX_TAIL = 64L << 20;

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
   * @param salt the salt of the segment's header
   * @param end the number of bytes of the file that are read
   */
  SegmentReader(DataFile file, long salt, long end) {
    this.file = file;
    this.salt = salt;
    this.end = end;
  }

  /**
   * Reads ahead less if the records to read are far from each other.
   *
   * @param spacing the average distance in bytes
   */
  void expectSpacing(long spacing) {
    readAhead = spacing > 16 * READ_AHEAD_SPARSE ? READ_AHEAD_SPARSE : READ_AHEAD;
  }

  /**
   * Moves to the record at the given position.
   *
   * @return whether there is an intact record
   */
  boolean read(long recordPosition) throws IOException {
    position = recordPosition;
    length = 0;
    if (position + SegmentFormat.SHORTEST > end) {
      return false;
    }
    at = load(position, SegmentFormat.SHORTEST);
    int claimed = bytes.getInt(at);
    if (claimed < SegmentFormat.SHORTEST || claimed > end - position) {
      return false;
    }
    at = load(position, claimed);
    length = claimed;
    return bytes.getInt(at + 4) == SegmentFormat.sum(salt, bytes, at + 8, at + length);
  }

  /**
   * Moves to the first intact record at or after the given position.
   *
   * @param from {@link SegmentFormat#HEADER} at first, and {@link #next} afterwards
   * @param previous the offset of the record before; bytes that look like a record count only if
   *     their offset is higher
   * @return whether there is one
   */
  boolean find(long from, long previous) throws IOException {
    for (long candidate = from; candidate + SegmentFormat.SHORTEST <= end; candidate++) {
      if (plausible(candidate, previous) && read(candidate)) {
        return true;
      }
    }
    position = end;
    length = 0;
    return false;
  }

  /** A cheap test before the checksum, because damage is searched byte by byte. */
  private boolean plausible(long candidate, long previous) throws IOException {
    int i = load(candidate, SegmentFormat.SHORTEST);
    int claimed = bytes.getInt(i);
    long offset = bytes.getLong(i + 8);
    return claimed >= SegmentFormat.SHORTEST
        && claimed <= end - candidate
        && offset > previous
        && offset - previous <= MAX_SKIPPED;
  }

  /** Whether the file ends before the record at the given position does. */
  boolean truncated(long recordPosition) throws IOException {
    if (end - recordPosition < SegmentFormat.SHORTEST) {
      return true;
    }
    int i = load(recordPosition, SegmentFormat.SHORTEST); // may replace the buffer
    return bytes.getInt(i) > end - recordPosition;
  }

  /** Whether the bytes up to the end of the file are a record that is intact but for its length. */
  boolean onlyLengthDamaged(long recordPosition) throws IOException {
    long size = end - recordPosition;
    if (size < SegmentFormat.SHORTEST || size > MAX_TAIL) {
      return false;
    }
    int i = load(recordPosition, (int) size);
    return bytes.getInt(i + 4) == SegmentFormat.sum(salt, bytes, i + 8, i + (int) size);
  }

  /** Whether all bytes from the given position on are zero. */
  boolean onlyZeros(long from) throws IOException {
    for (long each = from; each < end; each++) {
      int i = load(each, 1);
      if (bytes.get(i) != 0) {
        return false;
      }
    }
    return true;
  }

  /** The position of the current record in the file. */
  long position() {
    return position;
  }

  /** The position after the current record. */
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

  /** The number of records after this one that belong to the same publication. */
  int following() {
    return bytes.getInt(at + 32);
  }

  List<String> topics() {
    return EventCodec.topics(bytes, event());
  }

  Visibility visibility() {
    return EventCodec.visibility(bytes, event());
  }

  /** Whether the current record is selected. */
  boolean matches(Selection selection) {
    return selection.matches(topics(), visibility());
  }

  /** The publisher's id; empty if it gave none. */
  String id() {
    return EventCodec.id(bytes, event());
  }

  /** The publication's key; empty if it has none, and on all its records except the first. */
  String key() {
    return EventCodec.text(bytes, at + SegmentFormat.RECORD_HEADER);
  }

  /** The scope of deduplication; empty for that of publishers without identity. */
  String scope() {
    int i = attributesStart();
    while (i < at + length) {
      int size = bytes.getInt(i + 2);
      if (bytes.getShort(i) == Attributes.DEDUP_SCOPE) {
        byte[] text = new byte[size];
        bytes.get(i + ATTRIBUTE_HEADER, text);
        return new String(text, StandardCharsets.UTF_8);
      }
      i += ATTRIBUTE_HEADER + size;
    }
    return "";
  }

  /** The names by which deduplication finds the record. */
  List<String> names() {
    String key = key();
    String id = id();
    return DedupNames.compared(key, id)
        ? DedupNames.of(scope(), key, topics().get(0), id)
        : List.of();
  }

  /**
   * The record as an entry of the given epoch.
   *
   * @throws IOException if the record has a required feature that this version does not know
   */
  Entry entry(long epoch) throws IOException {
    check();
    Event event = EventCodec.event(bytes, event());
    return Entry.of(new Position(epoch, offset()), previous(), time(), event);
  }

  /**
   * The whole record.
   *
   * @throws IOException if the record has a required feature that this version does not know
   */
  LogRecord record(long epoch) throws IOException {
    return new LogRecord(entry(epoch), following(), key(), flags(), attributes());
  }

  private int flags() {
    return bytes.getShort(at + 36) & 0xffff;
  }

  /** The index of the event in the buffer, after the key. */
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
    if ((flags() & LogRecord.REQUIRED_FLAGS & ~LogRecord.PRIVATE) != 0) {
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

  /** Loads bytes of the file, and returns their index in the buffer. */
  private int load(long from, int count) throws IOException {
    if (from < bytesStart || from + count > bytesStart + bytes.limit()) {
      int wanted = (int) Math.min(Math.max(count, readAhead), end - from);
      if (bytes.capacity() < wanted) {
        bytes = ByteBuffer.allocate(wanted);
      }
      bytes.clear().limit(0); // the buffer is empty if the read fails
      ByteBuffer into = bytes.duplicate().limit(wanted);
      if (file.readFully(into, from) < wanted) {
        throw new EOFException("the file ends before byte " + (from + wanted));
      }
      bytesStart = from;
      bytes.limit(wanted);
    }
    return (int) (from - bytesStart);
  }
}
