package io.tidings.log.disk;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The in-memory index of a segment that is being appended to. One thread adds, any thread looks up;
 * the results of a lookup do not change afterwards.
 */
final class GrowingIndex implements SegmentIndex {
  private final long first;
  private final Map<String, PackedLocations> byTopic = new HashMap<>();
  private final Map<Long, PackedLocations> byId = new HashMap<>();
  private final Map<Long, PackedLocations> byKey = new HashMap<>();
  private final List<SparseEntry> sparse = new ArrayList<>();

  /**
   * @param first the lowest offset of the segment, to which its offsets are relative
   */
  GrowingIndex(long first) {
    this.first = first;
  }

  /**
   * Adds the next record.
   *
   * @param keys {@link io.tidings.log.TopicKeys} of its topics
   * @param id the publisher's id, or empty
   * @param names by which deduplication finds it
   */
  synchronized void add(
      long offset, int position, long time, List<String> keys, String id, List<String> names) {
    long location = RecordLocations.pack(offset - first, position);
    for (String key : keys) {
      byTopic.computeIfAbsent(key, t -> new PackedLocations()).add(location);
    }
    if (!id.isEmpty()) {
      byId.computeIfAbsent(SegmentFormat.hash(id), h -> new PackedLocations()).add(location);
    }
    for (String name : names) {
      byKey.computeIfAbsent(SegmentFormat.hash(name), h -> new PackedLocations()).add(location);
    }
    if (sparse.isEmpty() || position - sparse.get(sparse.size() - 1).position() >= SPARSE_BYTES) {
      sparse.add(new SparseEntry(offset, position, time));
    }
  }

  @Override
  public synchronized RecordLocations topic(String topic) {
    return locations(byTopic.get(topic));
  }

  @Override
  public synchronized void forEachTopic(BiConsumer<String, RecordLocations> action) {
    byTopic.forEach((topic, packed) -> action.accept(topic, locations(packed)));
  }

  @Override
  public synchronized int topicCount() {
    return byTopic.size();
  }

  @Override
  public synchronized RecordLocations id(String publisherId) {
    return byId.isEmpty()
        ? RecordLocations.NONE
        : locations(byId.get(SegmentFormat.hash(publisherId)));
  }

  @Override
  public synchronized RecordLocations name(String name) {
    return byKey.isEmpty() ? RecordLocations.NONE : locations(byKey.get(SegmentFormat.hash(name)));
  }

  @Override
  public synchronized List<SparseEntry> sparseEntries() {
    return List.copyOf(sparse);
  }

  /** The bytes of an {@link IndexFile} of this index; nothing may be added afterwards. */
  synchronized ByteBuffer encoded(IndexHeader header) {
    return new IndexWriter(header, sparse, byTopic, byId, byKey).encoded();
  }

  private RecordLocations locations(PackedLocations packed) {
    return packed == null
        ? RecordLocations.NONE
        : RecordLocations.of(packed.values, packed.size, first);
  }

  /** An ascending list of {@link RecordLocations#pack packed} locations. */
  static final class PackedLocations {
    private long[] values = new long[1];
    private int size;

    private void add(long location) {
      if (size == values.length) {
        values = Arrays.copyOf(values, size * 2);
      }
      values[size++] = location;
    }

    int size() {
      return size;
    }

    void write(ByteBuffer to) {
      for (int i = 0; i < size; i++) {
        to.putLong(values[i]);
      }
    }
  }
}
