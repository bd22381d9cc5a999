package io.tidings.log;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A log's segments, the oldest first. Guarded by the log that owns it. */
final class Segments {
  private final List<Segment> list;

  /**
   * @param list at least one; the last is the one that is written to
   */
  Segments(List<Segment> list) {
    this.list = new ArrayList<>(list);
  }

  Segment newest() {
    return list.get(list.size() - 1);
  }

  /** The one that is forgotten next; nothing where there is only the one that is written to. */
  Optional<Segment> oldestSealed() {
    return list.size() > 1 ? Optional.of(list.get(0)) : Optional.empty();
  }

  /** One more; it takes the place of the newest where that has no records. */
  void add(Segment newest) {
    if (newest().known().records() == 0) {
      list.remove(list.size() - 1).release();
    }
    list.add(newest);
  }

  void removeOldest() {
    list.remove(0);
  }

  int size() {
    return list.size();
  }

  /** The offset before the oldest record. */
  long start() {
    return list.get(0).previous();
  }

  /** The time of the newest record that was forgotten; the lowest number where none was. */
  long forgottenTime() {
    Segment oldest = list.get(0);
    return oldest.previous() == 0 ? Long.MIN_VALUE : oldest.previousTime();
  }

  /** The time of the oldest record; nothing where there is none. */
  Optional<Long> oldestTime() {
    return list.stream()
        .map(Segment::known)
        .filter(known -> known.records() > 0)
        .map(Segment.Known::firstTime)
        .findFirst();
  }

  long records() {
    return list.stream().mapToLong(segment -> segment.known().records()).sum();
  }

  /** Bytes that count, without the indexes. */
  long bytes() {
    return list.stream().mapToLong(segment -> segment.known().length()).sum();
  }

  /** Those that have something after the offset, kept open until each is released. */
  List<Segment> acquireAfter(long offset) {
    int from = 0;
    while (from < list.size() - 1 && list.get(from).last() <= offset) {
      from++;
    }
    List<Segment> acquired = List.copyOf(list.subList(from, list.size()));
    acquired.forEach(Segment::acquire);
    return acquired;
  }

  /**
   * The breaks of all segments and between them, in order.
   *
   * @param next the offset that the next record will have
   * @param previous the one that it will name as the record before it
   */
  List<Break> breaks(long previous, long next) {
    var breaks = new ArrayList<Break>();
    long last = start();
    for (Segment segment : list) {
      if (segment.previous() != last) {
        breaks.add(new Break(last, segment.previous(), segment.first()));
      }
      breaks.addAll(segment.known().breaks());
      last = segment.last();
    }
    if (previous != last || next != last + 1) {
      breaks.add(new Break(last, previous, next));
    }
    return breaks;
  }

  /** Closes all of them. */
  void close() {
    list.forEach(Segment::release);
  }
}
