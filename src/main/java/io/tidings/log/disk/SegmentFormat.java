package io.tidings.log.disk;

import io.tidings.log.EventCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The format of a log on disk, version 2. Numbers are big-endian; text is UTF-8; a checksum is
 * CRC-32C (RFC 3720, appendix B.4). A directory has these files:
 *
 * <ul>
 *   <li>{@code meta}: lines of text: {@code format 2}; {@code epoch} and the log's epoch as a
 *       decimal number; and for each earlier epoch of a log that was restored, {@code ancestor},
 *       that epoch and the last offset that both logs share
 *   <li>{@code reserved}: see {@link ReservationFile}
 *   <li>{@code LOCK}: locked by the hub that writes; its process id
 *   <li>{@code committed}: while a hub holds LOCK, the offset of the last record that it has
 *       committed, eight bytes, and their checksum, four bytes. Later records are being written
 *   <li>{@code N.log}: segments; N is the lowest offset that the segment may have, in twenty
 *       digits, so that names sort as the segments do
 *   <li>{@code N.idx}: the index of a sealed segment, see {@link IndexFile}; it can be rebuilt from
 *       the segment
 * </ul>
 *
 * <p>A segment is a header, a copy of the header in case that it is damaged, and then records, with
 * nothing between them:
 *
 * <pre>
 * header   0  8  the bytes "TIDINGS2"
 *          8  8  epoch
 *         16  8  first: the lowest offset that the segment may have
 *         24  8  previous: the offset of the record before the segment, 0 for none
 *         32  8  the time of that record, in milliseconds since 1970; Long.MIN_VALUE for none
 *         40  8  salt: random, so that an event's data cannot contain a forged record
 *         48  4  features that a reader must know: none are defined, so 0
 *         52  4  features that a reader may ignore: 0
 *         56  4  0
 *         60  4  checksum of the bytes 0 to 59
 *
 * record   0  4  length of the record in bytes, these four among them
 *          4  4  checksum of the salt and then the bytes from 8 to the record's end
 *          8  8  offset
 *         16  8  previous: the offset of the record before it, in any segment
 *         24  8  time of appending, in milliseconds since 1970; never less than that of the record
 *                before
 *         32  4  following: the number of records after this one in the same publication
 *         36  2  flags: 0x100 the event is private; a reader must know the flags of the upper byte
 *         38  4  length of the attributes
 *         42  2  length of the key, then the key; it is the publication's, on its first record
 *                the event:
 *             4  retry in milliseconds, or -1
 *             2  number of topics; 0x8000 is added if the event is private
 *                the topics, the type and the id, each as two bytes of length and the text
 *             4  length of the data, then the data
 *                the attributes, each as two bytes of tag, four of length and the value
 * </pre>
 *
 * <p>Tags of attributes: 1 scope of deduplication, a digest of the publisher, on records with a key
 * or an id, unless the publisher had no identity; 2 publisher, 3 traceparent, 4 content type (all
 * text), 5 index of the Raft command (eight bytes), 6 kinds of the topics (a byte for each: 0
 * dotted, 1 URI). A reader keeps unknown tags below 0x8000, and must refuse a record with an
 * unknown tag above.
 *
 * <p>Offsets grow from record to record; times never decrease. Offsets are skipped after an unclean
 * shutdown, because the offsets in use are unknown then, and after a failed append. {@code
 * previous} shows whether records are missing in between: it names the offset of the record before,
 * and if that is not found, it is lost. Records of a segment with offsets above the next segment's
 * {@code previous} were refused when they were published, and do not count. The records of a
 * publication count as a whole: if the last of them is missing at the end of the last segment, the
 * others were never acknowledged, and are cut off.
 */
final class SegmentFormat {
  static final long MAGIC = 0x544944494e475332L; // "TIDINGS2"

  /** The bytes before the first record: the header, twice. */
  static final int HEADER = 128;

  private static final int HEADER_COPY = 64;

  /** The bytes of a record before its key. */
  static final int RECORD_HEADER = 42;

  /** The position within a record of the length of its attributes. */
  static final int ATTRIBUTES_LENGTH = 38;

  /** The size of the shortest record, with a topic of one byte and nothing else. */
  static final int SHORTEST = RECORD_HEADER + 2 + EventCodec.SHORTEST;

  static final int FORMAT = 2;
  static final String SEGMENT_SUFFIX = ".log";
  static final String INDEX_SUFFIX = ".idx";

  private static final int REQUIRED_FEATURES = 48;
  private static final int HEADER_SUM = HEADER_COPY - 4;
  private static final long FNV_START = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;
  private static final SecureRandom RANDOM = new SecureRandom();

  private SegmentFormat() {}

  static String segmentName(long first) {
    return "%020d".formatted(first) + SEGMENT_SUFFIX;
  }

  static String indexName(long first) {
    return "%020d".formatted(first) + INDEX_SUFFIX;
  }

  /**
   * The header of a segment; the fields are those of the format.
   *
   * @param previousTime {@link Long#MIN_VALUE} for none
   */
  record Header(long epoch, long first, long previous, long previousTime, long salt) {
    /** The header of a new segment, with a random salt. */
    static Header of(long epoch, long first, long previous, long previousTime) {
      return new Header(epoch, first, previous, previousTime, RANDOM.nextLong());
    }

    Header withSalt(long other) {
      return new Header(epoch, first, previous, previousTime, other);
    }

    /** The bytes of the header and its copy. */
    ByteBuffer encoded() {
      ByteBuffer header = ByteBuffer.allocate(HEADER);
      header.putLong(MAGIC).putLong(epoch).putLong(first).putLong(previous).putLong(previousTime);
      header.putLong(salt).putInt(0).putInt(0).putInt(0).putInt(sum(header, 0, HEADER_SUM));
      return header.put(header.duplicate().flip()).flip();
    }
  }

  /**
   * Reads a header.
   *
   * @param bytes the beginning of a segment
   * @return empty if both the header and its copy are damaged
   * @throws IOException if the segment has a required feature that this version does not know
   */
  static Optional<Header> header(ByteBuffer bytes) throws IOException {
    for (int at = 0; at <= HEADER_COPY && bytes.limit() >= at + HEADER_COPY; at += HEADER_COPY) {
      if (bytes.getLong(at) == MAGIC
          && bytes.getInt(at + HEADER_SUM) == sum(bytes, at, at + HEADER_SUM)) {
        int required = bytes.getInt(at + REQUIRED_FEATURES);
        if (required != 0) {
          throw new IOException(
              "has features %x, which this version can't read".formatted(required));
        }
        return Optional.of(
            new Header(
                bytes.getLong(at + 8),
                bytes.getLong(at + 16),
                bytes.getLong(at + 24),
                bytes.getLong(at + 32),
                bytes.getLong(at + 40)));
      }
    }
    return Optional.empty();
  }

  /** The checksum of the buffer's bytes between two indexes. */
  static int sum(ByteBuffer bytes, int from, int to) {
    var crc = new CRC32C();
    if (bytes.hasArray()) {
      crc.update(bytes.array(), bytes.arrayOffset() + from, to - from);
    } else {
      crc.update(bytes.duplicate().limit(to).position(from));
    }
    return (int) crc.getValue();
  }

  /** The checksum of a record: of the salt, then of the buffer's bytes between two indexes. */
  static int sum(long salt, ByteBuffer bytes, int from, int to) {
    var crc = new CRC32C();
    crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, salt));
    if (bytes.hasArray()) {
      crc.update(bytes.array(), bytes.arrayOffset() + from, to - from);
    } else {
      crc.update(bytes.duplicate().limit(to).position(from));
    }
    return (int) crc.getValue();
  }

  /**
   * The hash of a text in an index: FNV-1a with 64 bits of its UTF-8 (RFC 9923). Texts may collide,
   * so matches must be compared.
   */
  static long hash(String text) {
    long hash = FNV_START;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * FNV_PRIME;
    }
    return hash;
  }
}
