package io.tidings.log.disk;

import java.nio.ByteBuffer;

/**
 * The positions of the tables in an {@link IndexFile}, in bytes, computed from their numbers of
 * rows.
 */
record IndexLayout(int gaps, int sparse, int topics, int ids, int keys) {
  static final long MAGIC = 0x544944494e445832L; // "TIDINDX2"

  /** The bytes before the gaps. */
  static final int HEADER = 88;

  static final int BODY_SUM = 80;
  static final int HEADER_SUM = 84;

  // sizes of the rows of each table
  static final int GAP = 24;
  static final int SPARSE = 16;
  static final int TOPIC = 16;
  static final int HASH = 16;
  static final int LOCATION = 8;

  static final int MAX_GAPS = 1 << 20;

  /** Reads the numbers of rows from a header. */
  static IndexLayout of(ByteBuffer header) {
    return new IndexLayout(
        header.getInt(76),
        header.getInt(60),
        header.getInt(64),
        header.getInt(68),
        header.getInt(72));
  }

  /** The end of the header and its gaps, where the sparse entries begin. */
  int bodyStart() {
    return HEADER + gaps * GAP;
  }

  int topicsStart() {
    return bodyStart() + sparse * SPARSE;
  }

  int idsStart() {
    return topicsStart() + topics * TOPIC;
  }

  int keysStart() {
    return idsStart() + ids * HASH;
  }

  /** The end of the tables, where the names and locations of the topics begin. */
  int namesStart() {
    return keysStart() + keys * HASH;
  }

  /** The checksum of the header and the gaps; its own bytes count as zeros. */
  static int headerSum(ByteBuffer bytes) {
    ByteBuffer copy = ByteBuffer.allocate(bytes.limit());
    copy.put(bytes.duplicate().rewind()).putInt(HEADER_SUM, 0);
    return SegmentFormat.sum(copy, 0, copy.limit());
  }
}
