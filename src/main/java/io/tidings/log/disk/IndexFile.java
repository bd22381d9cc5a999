package io.tidings.log.disk;

import io.tidings.log.SequenceGap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * The index of a segment that is not written to any more, as it lies in its file. Any thread.
 *
 * <pre>
 *   0  8  the bytes "TIDINDX2"
 *   8  8  the salt of the segment's header
 *  16  8  first, as in the segment's header
 *  24  8  last: the offset of the last record
 *  32  8  the time of the first record
 *  40  8  the time of the last record
 *  48  8  how many bytes of the segment count
 *  56  4  number of records
 *  60  4  number of spots           64  4  number of topics
 *  68  4  number of publishers' ids 72  4  number of keys     76  4  number of gaps
 *  80  4  checksum of all that follows the gaps
 *  84  4  checksum of the bytes 0 to 83 and of the gaps
 *
 * gaps     each  8 after, 8 previous, 8 next: see {@link SequenceGap}
 * spots    each  4 distance, 4 place, 8 time: places to begin at, about 32 KiB apart
 * topics   each  8 hash, 4 where in this file the topic is, 4 number of its rows; by hash
 * ids      each  8 hash, 8 row; by hash, and within the same hash by distance
 * keys     the same
 * then for each topic its name, as two bytes of length and the text, and its rows
 * row            4 distance, 4 place
 * </pre>
 *
 * <p>A distance is an offset less the segment's first; a place is where a record begins in the
 * segment. Hashes are {@link SegmentFormat#hash}, compared as signed numbers.
 */
final class IndexFile implements SegmentIndex {
  static final long MAGIC = 0x544944494e445832L; // "TIDINDX2"
  static final int HEAD = 88;
  static final int BODY_SUM = 80;
  static final int HEAD_SUM = 84;
  static final int SPOT = 16;
  static final int TOPIC = 16;
  static final int HASH = 16;
  static final int GAP = 24;
  static final int ROW = 8;
  private static final int MAX_GAPS = 1 << 20;
  private static final int CHECK_BYTES = 256 << 10;

  private final DataFile file;
  private final long size;
  private final Head head;
  private final int bodySum;
  private final int body;
  private final int spots;
  private final int topics;
  private final int ids;
  private final int keys;
  private final int columns;

  /** Of the hashes of ids and keys; made when the index is checked. */
  private volatile HashFilter idHashes;

  private volatile HashFilter keyHashes;

  /** What is known of a segment without looking further. */
  record Head(
      long salt,
      long first,
      long last,
      long firstTime,
      long lastTime,
      long length,
      int records,
      List<SequenceGap> gaps) {}

  private IndexFile(DataFile file, long size, ByteBuffer bytes) {
    this.file = file;
    this.size = size;
    var list = new ArrayList<SequenceGap>();
    for (int at = HEAD; at < bytes.limit(); at += GAP) {
      list.add(new SequenceGap(bytes.getLong(at), bytes.getLong(at + 8), bytes.getLong(at + 16)));
    }
    this.head =
        new Head(
            bytes.getLong(8),
            bytes.getLong(16),
            bytes.getLong(24),
            bytes.getLong(32),
            bytes.getLong(40),
            bytes.getLong(48),
            bytes.getInt(56),
            List.copyOf(list));
    this.bodySum = bytes.getInt(BODY_SUM);
    this.body = bytes.limit();
    this.spots = bytes.getInt(60);
    this.topics = bytes.getInt(64);
    this.ids = bytes.getInt(68);
    this.keys = bytes.getInt(72);
    this.columns = idsStart() + (ids + keys) * HASH;
  }

  /** Reads the head of an index; nothing where that is damaged. */
  static Optional<IndexFile> open(DataFile file) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(HEAD);
    if (file.readFully(head, 0) < HEAD || head.getLong(0) != MAGIC) {
      return Optional.empty();
    }
    int gaps = head.getInt(76);
    if (gaps < 0 || gaps > MAX_GAPS || HEAD + (long) gaps * GAP > file.size()) {
      return Optional.empty();
    }
    ByteBuffer bytes = ByteBuffer.allocate(HEAD + gaps * GAP);
    file.readFully(bytes, 0);
    bytes.flip();
    return bytes.getInt(HEAD_SUM) == headSum(bytes)
        ? Optional.of(new IndexFile(file, file.size(), bytes))
        : Optional.empty();
  }

  /** The checksum of the head and the gaps, without itself. */
  static int headSum(ByteBuffer bytes) {
    ByteBuffer copy = ByteBuffer.allocate(bytes.limit());
    copy.put(bytes.duplicate().rewind()).putInt(HEAD_SUM, 0);
    return SegmentFormat.sum(copy, 0, copy.limit());
  }

  /** Reads the rest, and says whether it is whole; only then the index may be asked. */
  boolean whole() throws IOException {
    var crc = new java.util.zip.CRC32C();
    ByteBuffer bytes = ByteBuffer.allocate(CHECK_BYTES);
    for (long at = body; at < size; at += bytes.limit()) {
      bytes.clear().limit((int) Math.min(CHECK_BYTES, size - at));
      if (file.readFully(bytes, at) < bytes.limit()) {
        return false;
      }
      crc.update(bytes.flip());
    }
    if ((int) crc.getValue() != bodySum || columns > size) {
      return false;
    }
    idHashes = filter(idsStart(), ids);
    keyHashes = filter(idsStart() + ids * HASH, keys);
    return true;
  }

  private HashFilter filter(int table, int count) {
    var filter = new HashFilter(count);
    PagedFile bytes = bytes();
    for (int row = 0; row < count; row++) {
      filter.add(bytes.getLong(table + (long) row * HASH));
    }
    return filter;
  }

  Head head() {
    return head;
  }

  /** Copies the file. */
  void copy(Directory to, String name) throws IOException {
    LogCopy.file(file, to, name, size);
  }

  /** Gives back the file. */
  void close() throws IOException {
    file.close();
  }

  @Override
  public RecordLocations topic(String topic) {
    long hash = SegmentFormat.hash(topic);
    PagedFile bytes = bytes();
    for (int row = ceiling(bytes, topicsStart(), topics, hash);
        row < topics && bytes.getLong(topicAt(row)) == hash;
        row++) {
      if (name(bytes, row).equals(topic)) {
        return rows(bytes, row);
      }
    }
    return RecordLocations.NONE;
  }

  @Override
  public void topics(BiConsumer<String, RecordLocations> each) {
    PagedFile table = bytes();
    PagedFile names = bytes();
    for (int row = 0; row < topics; row++) {
      int at = table.getInt(topicAt(row) + 8);
      int length = names.getUnsignedShort(at);
      String name = new String(names.bytes(at + 2L, length), StandardCharsets.UTF_8);
      each.accept(name, new InFile(at + 2 + length, ROW, table.getInt(topicAt(row) + 12)));
    }
  }

  @Override
  public int topicCount() {
    return topics;
  }

  @Override
  public RecordLocations id(String publishersId) {
    return byHash(idHashes, idsStart(), ids, publishersId);
  }

  @Override
  public RecordLocations key(String key) {
    return byHash(keyHashes, idsStart() + ids * HASH, keys, key);
  }

  @Override
  public List<Spot> spots() {
    var list = new ArrayList<Spot>(spots);
    ByteBuffer all = ByteBuffer.wrap(bytes().bytes(body, spots * SPOT));
    for (int at = 0; at < all.limit(); at += SPOT) {
      long offset = head.first + Integer.toUnsignedLong(all.getInt(at));
      list.add(new Spot(offset, all.getInt(at + 4), all.getLong(at + 8)));
    }
    return list;
  }

  private RecordLocations byHash(HashFilter filter, int table, int count, String text) {
    long hash = SegmentFormat.hash(text);
    if (filter == null || !filter.mayHave(hash)) {
      return RecordLocations.NONE;
    }
    PagedFile bytes = bytes();
    int from = ceiling(bytes, table, count, hash);
    int to = from;
    while (to < count && bytes.getLong(table + (long) to * HASH) == hash) {
      to++;
    }
    return from == to ? RecordLocations.NONE : new InFile(table + from * HASH + 8, HASH, to - from);
  }

  /** The first of the rows of 16 bytes whose hash is not less. */
  private static int ceiling(PagedFile bytes, int table, int count, long hash) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (bytes.getLong(table + (long) middle * HASH) < hash) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private int topicsStart() {
    return body + spots * SPOT;
  }

  private long topicAt(int row) {
    return topicsStart() + (long) row * TOPIC;
  }

  private int idsStart() {
    return topicsStart() + topics * TOPIC;
  }

  private String name(PagedFile bytes, int row) {
    int at = bytes.getInt(topicAt(row) + 8);
    PagedFile names = bytes();
    return new String(names.bytes(at + 2L, names.getUnsignedShort(at)), StandardCharsets.UTF_8);
  }

  private RecordLocations rows(PagedFile bytes, int row) {
    int at = bytes.getInt(topicAt(row) + 8);
    int count = bytes.getInt(topicAt(row) + 12);
    return new InFile(at + 2 + bytes.getUnsignedShort(at), ROW, count);
  }

  private PagedFile bytes() {
    return new PagedFile(file, size);
  }

  /** Rows as they lie in the file, one so many bytes after the other. One thread. */
  private final class InFile implements RecordLocations {
    private final PagedFile bytes = bytes();
    private final int from;
    private final int stride;
    private final int size;

    InFile(int from, int stride, int size) {
      this.from = from;
      this.stride = stride;
      this.size = size;
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public long get(int row) {
      return head.first + Integer.toUnsignedLong(bytes.getInt(from + (long) row * stride));
    }

    @Override
    public int place(int row) {
      return bytes.getInt(from + (long) row * stride + 4);
    }
  }
}
