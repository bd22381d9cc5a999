package io.tidings.log.disk;

import static io.tidings.log.disk.IndexFile.BODY_SUM;
import static io.tidings.log.disk.IndexFile.GAP;
import static io.tidings.log.disk.IndexFile.HASH;
import static io.tidings.log.disk.IndexFile.HEAD;
import static io.tidings.log.disk.IndexFile.HEAD_SUM;
import static io.tidings.log.disk.IndexFile.ROW;
import static io.tidings.log.disk.IndexFile.SPOT;
import static io.tidings.log.disk.IndexFile.TOPIC;

import io.tidings.log.SequenceGap;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Encodes the index of a segment as {@link IndexFile} describes it. One thread. */
final class IndexWriter {
  private final IndexFile.Head head;
  private final List<SegmentIndex.Spot> spots;
  private final Map<String, GrowingIndex.Column> byTopic;
  private final Map<Long, GrowingIndex.Column> byId;
  private final Map<Long, GrowingIndex.Column> byKey;
  private final List<Name> names;

  IndexWriter(
      IndexFile.Head head,
      List<SegmentIndex.Spot> spots,
      Map<String, GrowingIndex.Column> byTopic,
      Map<Long, GrowingIndex.Column> byId,
      Map<Long, GrowingIndex.Column> byKey) {
    this.head = head;
    this.spots = spots;
    this.byTopic = byTopic;
    this.byId = byId;
    this.byKey = byKey;
    this.names =
        byTopic.entrySet().stream()
            .map(each -> Name.of(each.getKey(), each.getValue()))
            .sorted(Comparator.comparingLong(Name::hash))
            .toList();
  }

  /** The whole file. */
  ByteBuffer encoded() {
    int columns = columnsStart();
    int size = columns;
    for (Name name : names) {
      size += name.size();
    }
    ByteBuffer to = ByteBuffer.allocate(size);
    putHead(to);
    int body = to.position();
    putTables(to, columns);
    for (Name name : names) {
      to.putShort((short) name.bytes.length).put(name.bytes);
      name.rows.write(to);
    }
    to.putInt(BODY_SUM, SegmentFormat.sum(to, body, size));
    to.putInt(HEAD_SUM, IndexFile.headSum(to.duplicate().limit(body)));
    return to.flip();
  }

  private int columnsStart() {
    return HEAD
        + head.gaps().size() * GAP
        + spots.size() * SPOT
        + names.size() * TOPIC
        + (count(byId) + count(byKey)) * HASH;
  }

  private void putHead(ByteBuffer to) {
    to.putLong(IndexFile.MAGIC).putLong(head.salt()).putLong(head.first()).putLong(head.last());
    to.putLong(head.firstTime()).putLong(head.lastTime()).putLong(head.length());
    to.putInt(head.records()).putInt(spots.size()).putInt(names.size());
    to.putInt(count(byId)).putInt(count(byKey)).putInt(head.gaps().size());
    to.putLong(0); // checksums, once they are known
    for (SequenceGap gap : head.gaps()) {
      to.putLong(gap.after()).putLong(gap.previous()).putLong(gap.next());
    }
  }

  private void putTables(ByteBuffer to, int columns) {
    for (SegmentIndex.Spot spot : spots) {
      to.putInt((int) (spot.offset() - head.first())).putInt(spot.place()).putLong(spot.time());
    }
    int column = columns;
    for (Name name : names) {
      to.putLong(name.hash).putInt(column).putInt(name.rows.size());
      column += name.size();
    }
    putHashes(to, byId);
    putHashes(to, byKey);
  }

  private static int count(Map<Long, GrowingIndex.Column> columns) {
    return columns.values().stream().mapToInt(GrowingIndex.Column::size).sum();
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

  /** A topic's name and rows. */
  private record Name(long hash, byte[] bytes, GrowingIndex.Column rows) {
    static Name of(String topic, GrowingIndex.Column rows) {
      return new Name(SegmentFormat.hash(topic), topic.getBytes(StandardCharsets.UTF_8), rows);
    }

    int size() {
      return 2 + bytes.length + rows.size() * ROW;
    }
  }
}
