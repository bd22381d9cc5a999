package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.Position;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the records of one segment: at a known place, or one after the other and over what is
 * damaged. Stands at one record at a time. Belongs to one thread; the file is the caller's.
 */
final class SegmentReader {
  /** The most by which offsets may skip within a segment. */
  static final long MOST_SKIPPED = 0xffff_ffffL;

  private static final int READ_AHEAD = 64 * 1024;
  private static final long MOST_MENDED = 64L << 20;
  private static final int READ_AHEAD_SPARSE = 1024;

  private final FileChannel file;
  private final long end;
  private int readAhead = READ_AHEAD;
  private ByteBuffer bytes = ByteBuffer.allocate(0);
  private long bytesStart;

  private long position = SegmentFormat.HEADER;
  private int at;
  private int length;

  /**
   * @param end how many bytes of the file count
   */
  SegmentReader(FileChannel file, long end) {
    this.file = file;
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
    return bytes.getInt(at + 4) == SegmentFormat.sum(bytes, at + 8, at + length);
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
        && offset - after <= MOST_SKIPPED;
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
    if (size < SegmentFormat.SHORTEST || size > MOST_MENDED) {
      return false;
    }
    int i = load(place, (int) size);
    return bytes.getInt(i + 4) == SegmentFormat.sum(bytes, i + 8, i + (int) size);
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
    int count = bytes.getShort(at + 40);
    int i = at + SegmentFormat.RECORD_HEADER;
    if (count == 1) {
      return List.of(text(i));
    }
    var topics = new ArrayList<String>(count);
    for (int t = 0; t < count; t++) {
      topics.add(text(i));
      i = after(i);
    }
    return topics;
  }

  /** The publisher's id; empty where it gave none. */
  String id() {
    return text(after(afterTopics()));
  }

  /** The publication's key; empty where it has none, and on all its records but the first. */
  String key() {
    return text(after(after(afterTopics())));
  }

  /** The record as an entry of the given epoch. */
  Entry entry(long epoch) {
    int type = afterTopics();
    int id = after(type);
    int data = after(after(id));
    int dataLength = at + length - data;
    var event =
        new Event(
            topics(),
            text(type),
            text(id),
            bytes.getInt(at + 36),
            new String(bytes.array(), data, dataLength, StandardCharsets.UTF_8));
    return Entry.of(new Position(epoch, offset()), previous(), time(), event);
  }

  private int afterTopics() {
    int i = at + SegmentFormat.RECORD_HEADER;
    for (int t = bytes.getShort(at + 40); t > 0; t--) {
      i = after(i);
    }
    return i;
  }

  /** What follows the text at the given place. */
  private int after(int text) {
    return text + 2 + (bytes.getShort(text) & 0xffff);
  }

  private String text(int place) {
    int size = bytes.getShort(place) & 0xffff;
    return size == 0 ? "" : new String(bytes.array(), place + 2, size, StandardCharsets.UTF_8);
  }

  /** Sees to it that so many bytes of the file are in memory, and tells where. */
  private int load(long place, int count) throws IOException {
    if (place < bytesStart || place + count > bytesStart + bytes.limit()) {
      int wanted = (int) Math.min(Math.max(count, readAhead), end - place);
      if (bytes.capacity() < wanted) {
        bytes = ByteBuffer.allocate(wanted);
      }
      bytes.clear().limit(wanted);
      bytesStart = place;
      while (bytes.hasRemaining()) {
        if (file.read(bytes, place + bytes.position()) < 0) {
          bytes.limit(0);
          throw new EOFException("the file ends before byte " + (place + wanted));
        }
      }
      bytes.flip();
    }
    return (int) (place - bytesStart);
  }
}
