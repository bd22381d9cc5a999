package io.tidings.log.disk;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The index of a segment that is being written. One thread adds, any may look; what it gives out
 * stays as it was.
 */
final class GrowingIndex implements SegmentIndex {
  private final long first;
  private final Map<String, Column> byTopic = new HashMap<>();
  private final Map<Long, Column> byId = new HashMap<>();
  private final Map<Long, Column> byKey = new HashMap<>();
  private final List<Spot> spots = new ArrayList<>();

  /**
   * @param first the segment's, from which distances are counted
   */
  GrowingIndex(long first) {
    this.first = first;
  }

  /** Adds the next record. */
  synchronized void add(
      long offset, int place, long time, List<String> topics, String id, String key) {
    long row = RecordLocations.pack(offset - first, place);
    for (String topic : topics) {
      byTopic.computeIfAbsent(topic, t -> new Column()).add(row);
    }
    if (!id.isEmpty()) {
      byId.computeIfAbsent(SegmentFormat.hash(id), h -> new Column()).add(row);
    }
    if (!key.isEmpty()) {
      byKey.computeIfAbsent(SegmentFormat.hash(key), h -> new Column()).add(row);
    }
    if (spots.isEmpty() || place - spots.get(spots.size() - 1).place() >= SPOT_BYTES) {
      spots.add(new Spot(offset, place, time));
    }
  }

  @Override
  public synchronized RecordLocations topic(String topic) {
    return rows(byTopic.get(topic));
  }

  @Override
  public synchronized void topics(BiConsumer<String, RecordLocations> each) {
    byTopic.forEach((topic, column) -> each.accept(topic, rows(column)));
  }

  @Override
  public synchronized int topicCount() {
    return byTopic.size();
  }

  @Override
  public synchronized RecordLocations id(String publishersId) {
    return byId.isEmpty() ? RecordLocations.NONE : rows(byId.get(SegmentFormat.hash(publishersId)));
  }

  @Override
  public synchronized RecordLocations key(String key) {
    return byKey.isEmpty() ? RecordLocations.NONE : rows(byKey.get(SegmentFormat.hash(key)));
  }

  @Override
  public synchronized List<Spot> spots() {
    return List.copyOf(spots);
  }

  /** The index as {@link IndexFile} describes it; nothing may be added any more. */
  synchronized ByteBuffer stored(IndexFile.Head head) {
    return new IndexWriter(head, spots, byTopic, byId, byKey).encoded();
  }

  private RecordLocations rows(Column column) {
    return column == null
        ? RecordLocations.NONE
        : RecordLocations.of(column.rows, column.size, first);
  }

  /** Packed rows, in order. */
  static final class Column {
    private long[] rows = new long[1];
    private int size;

    private void add(long row) {
      if (size == rows.length) {
        rows = Arrays.copyOf(rows, size * 2);
      }
      rows[size++] = row;
    }

    int size() {
      return size;
    }

    void write(ByteBuffer to) {
      for (int i = 0; i < size; i++) {
        to.putLong(rows[i]);
      }
    }
  }
}
