package io.tidings.log;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The index of a segment that is not written to any more, as it lies in its file. Any thread.
 *
 * <pre>
 *   0  8  the bytes "TIDINDX1"
 *   8  8  epoch
 *  16  8  first, as in the segment's header
 *  24  8  last: the offset of the last record
 *  32  8  the time of the first record
 *  40  8  the time of the last record
 *  48  8  how many bytes of the segment count
 *  56  4  number of records
 *  60  4  number of spots           64  4  number of topics
 *  68  4  number of publishers' ids 72  4  number of keys     76  4  number of breaks
 *  80  4  checksum of all that follows the head
 *  84  4  checksum of the bytes 0 to 83
 *
 * spots    each  4 distance, 4 place, 8 time: places to begin at, about 32 KiB apart
 * topics   each  8 hash, 4 where in this file the topic is, 4 number of its rows; by hash
 * ids      each  8 hash, 8 row; by hash, and within the same hash by distance
 * keys     the same
 * breaks   each  8 after, 8 previous, 8 next: see {@link Break}
 * then for each topic its name, as two bytes of length and the text, and its rows
 * row            4 distance, 4 place
 * </pre>
 *
 * <p>A distance is an offset less the segment's first; a place is where a record begins in the
 * segment. Hashes are {@link SegmentFormat#hash}, compared as signed numbers.
 */
final class StoredIndex implements SegmentIndex {
  private static final long MAGIC = 0x544944494e445831L; // "TIDINDX1"
  private static final int HEAD = 88;
  private static final int BODY_SUM = 80;
  private static final int HEAD_SUM = 84;
  private static final int SPOT = 16;
  private static final int TOPIC = 16;
  private static final int HASH = 16;
  private static final int BREAK = 24;
  private static final int ROW = 8;

  private final ByteBuffer bytes;
  private final Head head;
  private final int spots;
  private final int topics;
  private final int ids;
  private final int keys;
  private final int breaks;

  /** What is known of a segment without looking further. */
  record Head(
      long epoch,
      long first,
      long last,
      long firstTime,
      long lastTime,
      long length,
      int records,
      List<Break> breaks) {}

  /**
   * @param bytes of which {@link #valid} is true
   */
  StoredIndex(ByteBuffer bytes) {
    this.bytes = bytes;
    this.spots = HEAD;
    this.topics = spots + bytes.getInt(60) * SPOT;
    this.ids = topics + bytes.getInt(64) * TOPIC;
    this.keys = ids + bytes.getInt(68) * HASH;
    this.breaks = keys + bytes.getInt(72) * HASH;
    var list = new ArrayList<Break>();
    for (int i = 0; i < bytes.getInt(76); i++) {
      int at = breaks + i * BREAK;
      list.add(new Break(bytes.getLong(at), bytes.getLong(at + 8), bytes.getLong(at + 16)));
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
            list);
  }

  /** Whether the bytes are an index and its head is whole. */
  static boolean valid(ByteBuffer bytes) {
    return bytes.limit() >= HEAD
        && bytes.getLong(0) == MAGIC
        && bytes.getInt(HEAD_SUM) == SegmentFormat.sum(bytes, 0, HEAD_SUM);
  }

  /** Whether the rest is whole too. */
  boolean whole() {
    return bytes.getInt(BODY_SUM) == SegmentFormat.sum(bytes, HEAD, bytes.limit());
  }

  Head head() {
    return head;
  }

  @Override
  public Rows topic(String topic) {
    long hash = SegmentFormat.hash(topic);
    for (int row = ceiling(topics, topicCount(), hash);
        row < topicCount() && bytes.getLong(topics + row * TOPIC) == hash;
        row++) {
      if (name(row).equals(topic)) {
        return rows(row);
      }
    }
    return Rows.NONE;
  }

  @Override
  public void topics(BiConsumer<String, Rows> each) {
    for (int row = 0; row < topicCount(); row++) {
      each.accept(name(row), rows(row));
    }
  }

  @Override
  public int topicCount() {
    return bytes.getInt(64);
  }

  @Override
  public Rows id(String publishersId) {
    return byHash(ids, bytes.getInt(68), publishersId);
  }

  @Override
  public Rows key(String key) {
    return byHash(keys, bytes.getInt(72), key);
  }

  @Override
  public List<Spot> spots() {
    var list = new ArrayList<Spot>();
    for (int i = 0; i < bytes.getInt(60); i++) {
      int at = spots + i * SPOT;
      long offset = head.first + Integer.toUnsignedLong(bytes.getInt(at));
      list.add(new Spot(offset, bytes.getInt(at + 4), bytes.getLong(at + 8)));
    }
    return list;
  }

  private Rows byHash(int table, int count, String text) {
    long hash = SegmentFormat.hash(text);
    int from = ceiling(table, count, hash);
    int to = from;
    while (to < count && bytes.getLong(table + to * HASH) == hash) {
      to++;
    }
    return from == to ? Rows.NONE : new InFile(table + from * HASH + 8, HASH, to - from);
  }

  /** The first of the rows of 16 bytes whose hash is not less. */
  private int ceiling(int table, int count, long hash) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (bytes.getLong(table + middle * HASH) < hash) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private String name(int row) {
    int at = bytes.getInt(topics + row * TOPIC + 8);
    var name = new byte[bytes.getShort(at) & 0xffff];
    bytes.get(at + 2, name);
    return new String(name, StandardCharsets.UTF_8);
  }

  private Rows rows(int row) {
    int at = bytes.getInt(topics + row * TOPIC + 8);
    int size = bytes.getInt(topics + row * TOPIC + 12);
    return new InFile(at + 2 + (bytes.getShort(at) & 0xffff), ROW, size);
  }

  /** Rows as they lie in the file, one so many bytes after the other. */
  private final class InFile implements Rows {
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
    public long offset(int row) {
      return head.first + Integer.toUnsignedLong(bytes.getInt(from + row * stride));
    }

    @Override
    public int place(int row) {
      return bytes.getInt(from + row * stride + 4);
    }
  }

  /** An index as it lies in its file. */
  static ByteBuffer encode(
      Head head,
      List<Spot> spots,
      Map<String, GrowingIndex.Column> byTopic,
      Map<Long, GrowingIndex.Column> byId,
      Map<Long, GrowingIndex.Column> byKey) {
    var names =
        byTopic.keySet().stream()
            .map(topic -> new Name(SegmentFormat.hash(topic), topic))
            .sorted(Comparator.comparingLong(Name::hash))
            .toList();
    int idCount = byId.values().stream().mapToInt(GrowingIndex.Column::size).sum();
    int keyCount = byKey.values().stream().mapToInt(GrowingIndex.Column::size).sum();
    int columns =
        HEAD
            + spots.size() * SPOT
            + names.size() * TOPIC
            + (idCount + keyCount) * HASH
            + head.breaks.size() * BREAK;
    int size = columns;
    for (Name name : names) {
      size += 2 + name.bytes().length + byTopic.get(name.topic).size() * ROW;
    }
    ByteBuffer to = ByteBuffer.allocate(size);
    to.putLong(MAGIC).putLong(head.epoch).putLong(head.first).putLong(head.last);
    to.putLong(head.firstTime).putLong(head.lastTime).putLong(head.length).putInt(head.records);
    to.putInt(spots.size()).putInt(names.size()).putInt(idCount).putInt(keyCount);
    to.putInt(head.breaks.size()).putLong(0); // checksums, once they are known
    for (Spot spot : spots) {
      to.putInt((int) (spot.offset() - head.first)).putInt(spot.place()).putLong(spot.time());
    }
    int column = columns;
    for (Name name : names) {
      int rows = byTopic.get(name.topic).size();
      to.putLong(name.hash).putInt(column).putInt(rows);
      column += 2 + name.bytes().length + rows * ROW;
    }
    putHashes(to, byId);
    putHashes(to, byKey);
    for (Break each : head.breaks) {
      to.putLong(each.after()).putLong(each.previous()).putLong(each.next());
    }
    for (Name name : names) {
      to.putShort((short) name.bytes().length).put(name.bytes());
      byTopic.get(name.topic).write(to);
    }
    to.putInt(BODY_SUM, SegmentFormat.sum(to, HEAD, size));
    to.putInt(HEAD_SUM, SegmentFormat.sum(to, 0, HEAD_SUM));
    return to.flip();
  }

  private static void putHashes(ByteBuffer to, Map<Long, GrowingIndex.Column> columns) {
    columns.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            each -> {
              ByteBuffer rows = ByteBuffer.allocate(each.getValue().size() * ROW);
              each.getValue().write(rows);
              rows.flip();
              while (rows.hasRemaining()) {
                to.putLong(each.getKey()).putLong(rows.getLong());
              }
            });
  }

  private record Name(long hash, String topic) {
    byte[] bytes() {
      return topic.getBytes(StandardCharsets.UTF_8);
    }
  }
}
