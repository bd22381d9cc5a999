package io.tidings.log.disk;

import java.util.List;
import java.util.function.BiConsumer;

/**
 * Tells where in a segment the records are. Any thread. One that is in a file throws {@link
 * java.io.UncheckedIOException} where it can't be read.
 */
interface SegmentIndex {
  /** How many bytes apart the {@link Spot}s are, at least. */
  int SPOT_BYTES = 32 * 1024;

  /** The records of a topic; none where the segment has nothing of it. */
  RecordLocations topic(String topic);

  /** Goes through all topics. */
  void topics(BiConsumer<String, RecordLocations> each);

  /** How many topics there are. */
  int topicCount();

  /** The records that may be of the publisher's id: those whose ids have the same hash. */
  RecordLocations id(String publishersId);

  /** The records that may be of the publication's key. */
  RecordLocations key(String key);

  /** Places from which the records can be gone through, in order; the first is the first record. */
  List<Spot> spots();

  /** A record's offset, place in the file, and time. */
  record Spot(long offset, int place, long time) {}
}
