package io.tidings.log.disk;

import static io.tidings.log.disk.IndexLayout.BODY_SUM;
import static io.tidings.log.disk.IndexLayout.HEADER_SUM;
import static io.tidings.log.disk.IndexLayout.LOCATION;

import io.tidings.log.SequenceGap;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Encodes the index of a segment in the format of {@link IndexFile}. One thread. */
final class IndexWriter {
  private final IndexHeader header;
  private final List<SegmentIndex.SparseEntry> sparse;
  private final Map<Long, GrowingIndex.PackedLocations> byId;
  private final Map<Long, GrowingIndex.PackedLocations> byKey;
  private final List<Topic> topics;
  private final IndexLayout layout;

  IndexWriter(
      IndexHeader header,
      List<SegmentIndex.SparseEntry> sparse,
      Map<String, GrowingIndex.PackedLocations> byTopic,
      Map<Long, GrowingIndex.PackedLocations> byId,
      Map<Long, GrowingIndex.PackedLocations> byKey) {
    this.header = header;
    this.sparse = sparse;
    this.byId = byId;
    this.byKey = byKey;
    this.topics =
        byTopic.entrySet().stream()
            .map(each -> Topic.of(each.getKey(), each.getValue()))
            .sorted(Comparator.comparingLong(Topic::hash))
            .toList();
    this.layout =
        new IndexLayout(
            header.contents().gaps().size(),
            sparse.size(),
            topics.size(),
            count(byId),
            count(byKey));
  }

  /** The bytes of the whole file. */
  ByteBuffer encoded() {
    int size = layout.namesStart();
    for (Topic topic : topics) {
      size += topic.size();
    }
    ByteBuffer to = ByteBuffer.allocate(size);
    putHeader(to);
    putTables(to);
    for (Topic topic : topics) {
      to.putShort((short) topic.name.length).put(topic.name);
      topic.locations.write(to);
    }
    to.putInt(BODY_SUM, SegmentFormat.sum(to, layout.bodyStart(), size));
    ByteBuffer head = to.duplicate().limit(layout.bodyStart());
    to.putInt(HEADER_SUM, IndexLayout.headerSum(head));
    return to.flip();
  }

  private void putHeader(ByteBuffer to) {
    SegmentContents contents = header.contents();
    to.putLong(IndexLayout.MAGIC).putLong(header.salt()).putLong(header.first());
    to.putLong(contents.last()).putLong(contents.firstTime()).putLong(contents.lastTime());
    to.putLong(contents.length()).putInt(contents.records());
    to.putInt(layout.sparse()).putInt(layout.topics());
    to.putInt(layout.ids()).putInt(layout.keys()).putInt(layout.gaps());
    to.putLong(0); // the two checksums are put at the end
    for (SequenceGap gap : contents.gaps()) {
      to.putLong(gap.after()).putLong(gap.previous()).putLong(gap.next());
    }
  }

  private void putTables(ByteBuffer to) {
    for (SegmentIndex.SparseEntry entry : sparse) {
      to.putInt((int) (entry.offset() - header.first()));
      to.putInt(entry.position()).putLong(entry.time());
    }
    int position = layout.namesStart();
    for (Topic topic : topics) {
      to.putLong(topic.hash).putInt(position).putInt(topic.locations.size());
      position += topic.size();
    }
    putHashes(to, byId);
    putHashes(to, byKey);
  }

  private static int count(Map<Long, GrowingIndex.PackedLocations> byHash) {
    return byHash.values().stream().mapToInt(GrowingIndex.PackedLocations::size).sum();
  }

  private static void putHashes(ByteBuffer to, Map<Long, GrowingIndex.PackedLocations> byHash) {
    byHash.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            each -> {
              ByteBuffer locations = ByteBuffer.allocate(each.getValue().size() * LOCATION);
              each.getValue().write(locations);
              locations.flip();
              while (locations.hasRemaining()) {
                to.putLong(each.getKey()).putLong(locations.getLong());
              }
            });
  }

  private record Topic(long hash, byte[] name, GrowingIndex.PackedLocations locations) {
    static Topic of(String topic, GrowingIndex.PackedLocations locations) {
      byte[] name = topic.getBytes(StandardCharsets.UTF_8);
      return new Topic(SegmentFormat.hash(topic), name, locations);
    }

    int size() {
      return 2 + name.length + locations.size() * LOCATION;
    }
  }
}
