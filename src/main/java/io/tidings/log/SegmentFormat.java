package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.Text;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * How a log lies on disk. Numbers are big-endian; text is UTF-8; a checksum is CRC-32C (RFC 3720,
 * appendix B.4). A directory has these files:
 *
 * <ul>
 *   <li>{@code meta}: two lines of text, {@code format 1} and {@code epoch} with the log's epoch as
 *       a decimal number
 *   <li>{@code reserved}: see {@link Reserved}
 *   <li>{@code LOCK}: held by the hub that writes
 *   <li>{@code N.log}: segments; N is the lowest offset that it may have, in twenty digits, so that
 *       names sort as the segments do
 *   <li>{@code N.idx}: an index of a segment that is not written to any more, see {@link
 *       StoredIndex}; can be made anew from the segment
 * </ul>
 *
 * <p>A segment is a header and then records, without anything between them:
 *
 * <pre>
 * header   0  8  the bytes "TIDINGS1"
 *          8  8  epoch
 *         16  8  first: the lowest offset that the segment may have
 *         24  8  previous: the offset of the record before the segment, 0 for none
 *         32  8  the time of that record, in milliseconds since 1970; the lowest number for none
 *         40  4  0
 *         44  4  checksum of the bytes 0 to 43
 *
 * record   0  4  length of the record in bytes, these four among them
 *          4  4  checksum of the bytes from 8 to the record's end
 *          8  8  offset
 *         16  8  previous: the offset of the record before it, in whatever segment
 *         24  8  time of appending, in milliseconds since 1970
 *         32  4  following: how many records after this one were published together with it
 *         36  4  retry in milliseconds, or -1
 *         40  2  number of topics
 *         42     the topics, the type, the id and the key, each as two bytes of length and the text; the key is the
 *                publication's, on its first record
 *                then the data, up to the record's end
 * </pre>
 *
 * <p>Offsets grow from record to record. They skip numbers where a hub did not end in good order
 * and so does not know which ids it had given; {@code previous} tells whether records are missing
 * in between: it names the offset of the record that stood before, and one that can't be found is
 * lost. Records of one publication count as a whole: where the last of them is missing at the end
 * of the last segment, those before it were never acknowledged, and are cut off.
 */
final class SegmentFormat {
  static final long MAGIC = 0x544944494e475331L; // "TIDINGS1"
  static final int HEADER = 48;
  static final int RECORD_HEADER = 42;

  /** The shortest record: a topic of one byte, and no more. */
  static final int SHORTEST = RECORD_HEADER + 3 + 2 + 2 + 2;

  static final int FORMAT = 1;
  static final String SEGMENT_SUFFIX = ".log";
  static final String INDEX_SUFFIX = ".idx";

  /** UTF-8 has so many bytes for one char at the most, and a longer text is counted. */
  private static final int MOST_BYTES = 3;

  private static final int COUNTED = 64 * 1024;
  private static final int HEADER_SUM = HEADER - 4;
  private static final long FNV_START = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private SegmentFormat() {}

  /** The name of the file without its ending. */
  static String name(long first) {
    return "%020d".formatted(first);
  }

  /** A segment's header, ready to be written. */
  static ByteBuffer header(long epoch, long first, long previous, long previousTime) {
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    header.putLong(MAGIC).putLong(epoch).putLong(first).putLong(previous).putLong(previousTime);
    header.putInt(0).putInt(sum(header, 0, HEADER_SUM));
    return header.flip();
  }

  /** Whether the buffer begins with a header that is whole. */
  static boolean isHeader(ByteBuffer bytes) {
    return bytes.remaining() >= HEADER
        && bytes.getLong(0) == MAGIC
        && bytes.getInt(HEADER_SUM) == sum(bytes, 0, HEADER_SUM);
  }

  /**
   * How many bytes the record of the event has at the most, where they are not many; or exactly.
   */
  static int most(Event event, String key) {
    int characters = event.type().length() + event.id().length() + key.length();
    for (String topic : event.topics()) {
      characters += topic.length() + 1;
    }
    int data = event.data().length();
    int dataBytes = data > COUNTED ? Text.utf8Length(event.data()) : MOST_BYTES * data;
    return SHORTEST + MOST_BYTES * characters + dataBytes;
  }

  /** Writes a record at the buffer's position, which has room for {@link #most}. */
  static void put(ByteBuffer to, Entry entry, int following, String key) {
    int start = to.position();
    Event event = entry.event();
    to.putLong(0); // length and checksum, once they are known
    to.putLong(entry.offset()).putLong(entry.previous()).putLong(entry.time());
    to.putInt(following).putInt(event.retry());
    to.putShort((short) event.topics().size());
    event.topics().forEach(topic -> put(to, topic));
    put(to, event.type());
    put(to, event.id());
    put(to, key);
    to.put(event.data().getBytes(StandardCharsets.UTF_8));
    to.putInt(start, to.position() - start);
    to.putInt(start + 4, sum(to, start + 8, to.position()));
  }

  private static void put(ByteBuffer to, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    to.putShort((short) bytes.length).put(bytes);
  }

  /** The checksum of the buffer's bytes between two places. */
  static int sum(ByteBuffer bytes, int from, int to) {
    var crc = new CRC32C();
    if (bytes.hasArray()) {
      crc.update(bytes.array(), bytes.arrayOffset() + from, to - from);
    } else {
      crc.update(bytes.duplicate().limit(to).position(from));
    }
    return (int) crc.getValue();
  }

  /**
   * The hash by which an index finds a text: FNV-1a with 64 bits of its UTF-8 (RFC 9923). Texts may
   * share one; what is found must be compared.
   */
  static long hash(String text) {
    long hash = FNV_START;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * FNV_PRIME;
    }
    return hash;
  }
}
