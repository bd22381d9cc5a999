package io.tidings.log.disk;

import io.tidings.log.SequenceGap;
import io.tidings.log.TopicKeys;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.zip.CRC32C;

/**
 * The index of a sealed segment, read from its file. Any thread.
 *
 * <pre>
 *   0  8  the bytes "TIDINDX2"
 *   8  8  the salt of the segment's header
 *  16  8  first, as in the segment's header
 *  24  8  last: the offset of the last record
 *  32  8  the time of the first record
 *  40  8  the time of the last record
 *  48  8  the number of bytes of the segment that count
 *  56  4  number of records
 *  60  4  number of sparse entries  64  4  number of topics
 *  68  4  number of publishers' ids 72  4  number of keys     76  4  number of gaps
 *  80  4  checksum of everything after the gaps
 *  84  4  checksum of the bytes 0 to 83 and of the gaps
 *
 * gaps     each  8 after, 8 previous, 8 next: see {@link SequenceGap}
 * sparse   each  4 relative offset, 4 position, 8 time: a record about every 32 KiB
 * topics   each  8 hash, 4 position of the topic in this file, 4 number of its locations; by hash
 * ids      each  8 hash, 8 location; sorted by hash, and for the same hash by relative offset
 * keys     the same, with the hashes of the keys of publications. Where a record has a scope of
 *          deduplication: of the scope, a line feed and the key; and if its event has an id, of the
 *          scope, a line feed, the topic, a line feed and the id
 * then for each topic its name, after a dot for its private events, as two bytes of length and the text, and its locations
 * location       4 relative offset, 4 position
 * </pre>
 *
 * <p>A relative offset is an offset minus the segment's first; a position is the byte of the
 * segment's file at which a record begins. Hashes are {@link SegmentFormat#hash}, compared as
 * signed numbers.
 */
final class IndexFile implements SegmentIndex {
  private static final int BYTES_PER_READ = 256 << 10;

  private final DataFile file;
  private final long size;
  private final IndexHeader header;
  private final IndexLayout layout;
  private final int bodySum;

  /** The hashes of the ids and keys; null until {@link #verify} has read them. */
  private volatile HashFilter idHashes;

  private volatile HashFilter keyHashes;

  /** Whether there are private events; found by {@link #verify}. */
  private volatile boolean hasPrivate;

  private IndexFile(DataFile file, long size, ByteBuffer bytes) {
    this.file = file;
    this.size = size;
    this.layout = IndexLayout.of(bytes);
    var gaps = new ArrayList<SequenceGap>();
    for (int at = IndexLayout.HEADER; at < bytes.limit(); at += IndexLayout.GAP) {
      gaps.add(new SequenceGap(bytes.getLong(at), bytes.getLong(at + 8), bytes.getLong(at + 16)));
    }
    this.header =
        new IndexHeader(
            bytes.getLong(8),
            bytes.getLong(16),
            new SegmentContents(
                bytes.getLong(24),
                bytes.getLong(32),
                bytes.getLong(40),
                bytes.getLong(48),
                bytes.getInt(56),
                List.copyOf(gaps)));
    this.bodySum = bytes.getInt(IndexLayout.BODY_SUM);
  }

  /** Reads the header of an index; empty if it is damaged. */
  static Optional<IndexFile> open(DataFile file) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(IndexLayout.HEADER);
    if (file.readFully(header, 0) < IndexLayout.HEADER || header.getLong(0) != IndexLayout.MAGIC) {
      return Optional.empty();
    }
    IndexLayout layout = IndexLayout.of(header);
    if (layout.gaps() < 0
        || layout.gaps() > IndexLayout.MAX_GAPS
        || layout.bodyStart() > file.size()) {
      return Optional.empty();
    }
    ByteBuffer bytes = ByteBuffer.allocate(layout.bodyStart());
    file.readFully(bytes, 0);
    bytes.flip();
    return bytes.getInt(IndexLayout.HEADER_SUM) == IndexLayout.headerSum(bytes)
        ? Optional.of(new IndexFile(file, file.size(), bytes))
        : Optional.empty();
  }

  /**
   * Reads the whole file. Lookups are allowed only after this returned true.
   *
   * @return whether the file is intact
   */
  boolean verify() throws IOException {
    var crc = new CRC32C();
    ByteBuffer bytes = ByteBuffer.allocate(BYTES_PER_READ);
    for (long at = layout.bodyStart(); at < size; at += bytes.limit()) {
      bytes.clear().limit((int) Math.min(BYTES_PER_READ, size - at));
      if (file.readFully(bytes, at) < bytes.limit()) {
        return false;
      }
      crc.update(bytes.flip());
    }
    if ((int) crc.getValue() != bodySum || layout.namesStart() > size) {
      return false;
    }
    idHashes = filter(layout.idsStart(), layout.ids());
    keyHashes = filter(layout.keysStart(), layout.keys());
    hasPrivate = findPrivate();
    return true;
  }

  /** The rows have the order of the names, so the file is read once from front to back. */
  private boolean findPrivate() {
    PagedFile table = pages();
    PagedFile names = pages();
    for (int row = 0; row < layout.topics(); row++) {
      int name = table.getInt(topicRow(row) + 8) + 2;
      if (names.getUnsignedShort(name) >>> Byte.SIZE == TopicKeys.PRIVATE_MARK) {
        return true;
      }
    }
    return false;
  }

  private HashFilter filter(int table, int count) {
    var filter = new HashFilter(count);
    PagedFile bytes = pages();
    for (int row = 0; row < count; row++) {
      filter.add(bytes.getLong(table + (long) row * IndexLayout.HASH));
    }
    return filter;
  }

  IndexHeader header() {
    return header;
  }

  void copy(Directory to, String name) throws IOException {
    LogCopy.file(file, to, name, size);
  }

  void close() throws IOException {
    file.close();
  }

  @Override
  public RecordLocations topic(String topic) {
    if (!hasPrivate && TopicKeys.isPrivate(topic)) {
      return RecordLocations
          .NONE; // without a search in the file, for each segment that is replayed
    }
    long hash = SegmentFormat.hash(topic);
    PagedFile bytes = pages();
    for (int row = ceiling(bytes, layout.topicsStart(), layout.topics(), hash);
        row < layout.topics() && bytes.getLong(topicRow(row)) == hash;
        row++) {
      int at = bytes.getInt(topicRow(row) + 8);
      if (topicName(pages(), at).equals(topic)) {
        int count = bytes.getInt(topicRow(row) + 12);
        return new FileLocations(at + 2 + bytes.getUnsignedShort(at), IndexLayout.LOCATION, count);
      }
    }
    return RecordLocations.NONE;
  }

  @Override
  public void forEachTopic(BiConsumer<String, RecordLocations> action) {
    PagedFile table = pages();
    PagedFile names = pages();
    for (int row = 0; row < layout.topics(); row++) {
      int at = table.getInt(topicRow(row) + 8);
      int count = table.getInt(topicRow(row) + 12);
      int locations = at + 2 + names.getUnsignedShort(at);
      action.accept(
          topicName(names, at), new FileLocations(locations, IndexLayout.LOCATION, count));
    }
  }

  @Override
  public int topicCount() {
    return layout.topics();
  }

  @Override
  public RecordLocations id(String publisherId) {
    return byHash(idHashes, layout.idsStart(), layout.ids(), publisherId);
  }

  @Override
  public RecordLocations name(String name) {
    return byHash(keyHashes, layout.keysStart(), layout.keys(), name);
  }

  @Override
  public List<SparseEntry> sparseEntries() {
    var list = new ArrayList<SparseEntry>(layout.sparse());
    int length = layout.sparse() * IndexLayout.SPARSE;
    ByteBuffer all = ByteBuffer.wrap(pages().bytes(layout.bodyStart(), length));
    for (int at = 0; at < length; at += IndexLayout.SPARSE) {
      long offset = header.first() + Integer.toUnsignedLong(all.getInt(at));
      list.add(new SparseEntry(offset, all.getInt(at + 4), all.getLong(at + 8)));
    }
    return list;
  }

  private RecordLocations byHash(HashFilter filter, int table, int count, String text) {
    long hash = SegmentFormat.hash(text);
    if (filter == null || !filter.mightContain(hash)) {
      return RecordLocations.NONE;
    }
    PagedFile bytes = pages();
    int from = ceiling(bytes, table, count, hash);
    int to = from;
    while (to < count && bytes.getLong(table + (long) to * IndexLayout.HASH) == hash) {
      to++;
    }
    return from == to
        ? RecordLocations.NONE
        : new FileLocations(table + from * IndexLayout.HASH + 8, IndexLayout.HASH, to - from);
  }

  /** The first row of a table of 16-byte rows whose hash is not less than the given one. */
  private static int ceiling(PagedFile bytes, int table, int count, long hash) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (bytes.getLong(table + (long) middle * IndexLayout.HASH) < hash) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private long topicRow(int row) {
    return layout.topicsStart() + (long) row * IndexLayout.TOPIC;
  }

  private static String topicName(PagedFile bytes, int at) {
    byte[] name = bytes.bytes(at + 2L, bytes.getUnsignedShort(at));
    return new String(name, StandardCharsets.UTF_8);
  }

  private PagedFile pages() {
    return new PagedFile(file, size);
  }

  /** Locations read from the file, at a fixed distance from each other. One thread. */
  private final class FileLocations implements RecordLocations {
    private final PagedFile bytes = pages();
    private final int start;
    private final int stride;
    private final int size;

    FileLocations(int start, int stride, int size) {
      this.start = start;
      this.stride = stride;
      this.size = size;
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public long get(int row) {
      return header.first() + Integer.toUnsignedLong(bytes.getInt(start + (long) row * stride));
    }

    @Override
    public int position(int row) {
      return bytes.getInt(start + (long) row * stride + 4);
    }
  }
}
