package io.tidings.log.disk;

import io.tidings.log.Journal;
import io.tidings.log.LogSize;
import io.tidings.log.Retention;
import io.tidings.log.SequenceGap;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The segments of a log, the oldest first, and the extent of the log that readers see. One thread
 * changes it, any thread reads; the monitor guards the list and is never held during a file
 * operation.
 */
final class Segments {
  private final List<Segment> list;
  private volatile long head;
  private volatile Journal.Extent extent;

  /**
   * @param list at least one; the last is appended to
   * @param head the offset that the next record will name as its predecessor
   */
  Segments(List<Segment> list, long head) {
    this.list = new ArrayList<>(list);
    this.head = head;
    refresh();
  }

  /** The segment that is appended to. */
  synchronized Segment newest() {
    return list.get(list.size() - 1);
  }

  /** The offset of the newest committed record, or of a later one that is lost. */
  long head() {
    return head;
  }

  /** Moves the head to a record that was committed. */
  void commit(long offset) {
    head = offset;
  }

  /**
   * Adds a segment to append to. It replaces the newest one if that has no records.
   *
   * @return the segment that was replaced
   */
  synchronized Optional<Segment> add(Segment segment) {
    Segment before = newest();
    before.limit(segment.previous());
    boolean empty = before.contents().records() == 0;
    if (empty) {
      list.remove(list.size() - 1);
    }
    list.add(segment);
    refresh();
    return empty ? Optional.of(before) : Optional.empty();
  }

  /**
   * Removes the oldest segments that exceed the retention; never the one that is appended to.
   *
   * @param now in milliseconds since 1970
   * @return the removed segments, which the caller deletes
   */
  synchronized List<Segment> removeExpired(Retention retention, long now) {
    var expired = new ArrayList<Segment>();
    while (list.size() > 1
        && (retention.exceededBy(bytes(), records())
            || tooOld(list.get(0).contents(), retention, now))) {
      expired.add(list.remove(0));
    }
    if (!expired.isEmpty()) {
      refresh();
    }
    return expired;
  }

  /** Whether all records are older than the retention allows. */
  static boolean tooOld(SegmentContents contents, Retention retention, long now) {
    return contents.records() > 0 && contents.lastTime() < retention.horizon(now);
  }

  synchronized int size() {
    return list.size();
  }

  synchronized LogSize logSize() {
    OptionalLong oldestTime =
        list.stream()
            .map(Segment::contents)
            .filter(contents -> contents.records() > 0)
            .mapToLong(SegmentContents::firstTime)
            .findFirst();
    return new LogSize(bytes(), records(), oldestTime);
  }

  private long records() {
    return list.stream().mapToLong(segment -> segment.contents().records()).sum();
  }

  /** The number of bytes that count, without the indexes. */
  private long bytes() {
    return list.stream().mapToLong(segment -> segment.contents().length()).sum();
  }

  /** The extent, as of the last {@link #refresh}. */
  Journal.Extent extent() {
    return extent;
  }

  /** Recomputes the extent. */
  synchronized void refresh() {
    extent = new Journal.Extent(start(), expiredTime(), gaps());
  }

  /** The gaps as they are known now; rebuilding a damaged index may have revealed more. */
  synchronized List<SequenceGap> currentGaps() {
    refresh();
    return extent.gaps();
  }

  /** The segments and what readers see of them, as of now; the segments stay open until closed. */
  synchronized View acquire() {
    List<Segment> acquired = List.copyOf(list);
    acquired.forEach(Segment::acquire);
    return new View(acquired, extent, head);
  }

  /** The acquired segments, the oldest first, with the extent and the head of the same moment. */
  record View(List<Segment> segments, Journal.Extent extent, long head) implements AutoCloseable {
    @Override
    public void close() {
      segments.forEach(Segment::release);
    }
  }

  synchronized void close() {
    list.forEach(Segment::release);
  }

  /** The offset before the oldest record. */
  private long start() {
    return list.get(0).previous();
  }

  /** The time of the newest record that retention removed; {@link Long#MIN_VALUE} for none. */
  private long expiredTime() {
    Segment oldest = list.get(0);
    if (oldest.previous() == 0) {
      return Long.MIN_VALUE;
    }
    boolean unknown = oldest.file().headerDamaged() && oldest.contents().records() == 0;
    return unknown && list.size() > 1 ? list.get(1).previousTime() : oldest.previousTime();
  }

  /** The gaps within and between the segments, and before the next record, in order. */
  private List<SequenceGap> gaps() {
    var gaps = new ArrayList<SequenceGap>();
    long last = start();
    for (Segment segment : list) {
      if (segment.previous() != last) {
        gaps.add(new SequenceGap(last, segment.previous(), segment.first()));
      }
      gaps.addAll(segment.contents().gaps());
      last = segment.last();
    }
    if (head != last) {
      gaps.add(new SequenceGap(last, head, head + 1));
    }
    return gaps;
  }
}
