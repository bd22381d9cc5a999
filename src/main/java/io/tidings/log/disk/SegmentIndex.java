package io.tidings.log.disk;

import io.tidings.event.Selection;
import io.tidings.log.TopicKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * Locates the records of a segment. Any thread. An index in a file throws {@link
 * java.io.UncheckedIOException} if the file cannot be read.
 */
interface SegmentIndex {
  /** The minimum distance between {@link SparseEntry}s, in bytes. */
  int SPARSE_BYTES = 32 * 1024;

  /**
   * The records of a topic, by one of its {@link TopicKeys}; none if the segment does not have it.
   */
  RecordLocations topic(String key);

  /** Calls the action with the {@link TopicKeys} of all topics. */
  void forEachTopic(BiConsumer<String, RecordLocations> action);

  int topicCount();

  /** The records that may have the publisher's id: the hashes of their ids are equal. */
  RecordLocations id(String publisherId);

  /**
   * The records that may have the name, by which deduplication finds publications and events
   * ({@link io.tidings.log.DedupNames}): the hashes of their names are equal.
   */
  RecordLocations name(String name);

  /** Records from which a scan can start, in order; the first is the segment's first record. */
  List<SparseEntry> sparseEntries();

  /** The offset, the position in the segment's file, and the time of a record. */
  record SparseEntry(long offset, int position, long time) {}

  /** The last sparse entry that satisfies the condition, or the first one if none does. */
  default SparseEntry lastSparseEntry(Predicate<SparseEntry> condition) {
    List<SparseEntry> entries = sparseEntries();
    SparseEntry last = entries.get(0);
    for (SparseEntry entry : entries) {
      last = condition.test(entry) ? entry : last;
    }
    return last;
  }

  /**
   * The locations of each topic that the selection selects.
   *
   * @param max for a selection with globs, the number of topics after which the search stops; one
   *     more is returned then
   */
  default List<RecordLocations> select(Selection selection, int max) {
    var selected = new ArrayList<RecordLocations>();
    if (selection.exact()) {
      for (String key : TopicKeys.of(selection)) {
        RecordLocations locations = topic(key);
        if (locations.size() > 0) {
          selected.add(locations);
        }
      }
    } else {
      forEachTopic(
          (key, locations) -> {
            if (selected.size() <= max && TopicKeys.matches(selection, key)) {
              selected.add(locations);
            }
          });
    }
    return selected;
  }
}
