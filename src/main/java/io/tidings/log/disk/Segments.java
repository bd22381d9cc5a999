package io.tidings.log.disk;

import io.tidings.log.SequenceGap;
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

  /**
   * One more. It takes the place of the newest where that has no records.
   *
   * @return the one whose place it took; nothing where it is an addition
   */
  Optional<Segment> add(Segment newest) {
    Segment before = newest();
    before.limit(newest.previous());
    boolean empty = before.known().records() == 0;
    if (empty) {
      list.remove(list.size() - 1);
    }
    list.add(newest);
    return empty ? Optional.of(before) : Optional.empty();
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
    if (oldest.previous() == 0) {
      return Long.MIN_VALUE;
    }
    boolean unknown = oldest.headerDamaged() && oldest.known().records() == 0;
    return unknown && list.size() > 1 ? list.get(1).previousTime() : oldest.previousTime();
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

  /** All of them, kept open until each is released. */
  List<Segment> acquire() {
    List<Segment> acquired = List.copyOf(list);
    acquired.forEach(Segment::acquire);
    return acquired;
  }

  /**
   * The gaps within and between all segments, in order.
   *
   * @param previous the offset that the next record will name as its predecessor
   * @param next the offset that it will have
   */
  List<SequenceGap> gaps(long previous, long next) {
    var gaps = new ArrayList<SequenceGap>();
    long last = start();
    for (Segment segment : list) {
      if (segment.previous() != last) {
        gaps.add(new SequenceGap(last, segment.previous(), segment.first()));
      }
      gaps.addAll(segment.known().gaps());
      last = segment.last();
    }
    if (previous != last || next != last + 1) {
      gaps.add(new SequenceGap(last, previous, next));
    }
    return gaps;
  }

  /** Closes all of them. */
  void close() {
    list.forEach(Segment::release);
  }
}
