package io.tidings.log;

import io.tidings.event.Position;
import io.tidings.event.Selection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a log on disk has, in memory and in segments, and where it ends. Any thread; only the one
 * that writes changes it.
 */
final class DiskStore {
  private final long epoch;
  private final Retention keep;
  private final Window window;
  private final Segments segments;

  /** What the next record will name as the one before it, and the offset that it will have. */
  private long previous;

  private long next;

  /**
   * @param keep how much the segments may have together
   * @param memory the bytes that the newest entries may take in memory
   */
  DiskStore(long epoch, Retention keep, long memory, Segments segments, long previous, long next) {
    this.epoch = epoch;
    this.keep = keep;
    this.window = new Window(new Position(epoch, previous), Retention.ofBytes(memory));
    this.segments = segments;
    this.previous = previous;
    this.next = next;
  }

  long epoch() {
    return epoch;
  }

  synchronized Bounds bounds() {
    return new Bounds(segments.start(), new Position(epoch, Math.max(previous, segments.start())));
  }

  synchronized long previous() {
    return previous;
  }

  synchronized long next() {
    return next;
  }

  synchronized Segment newestSegment() {
    return segments.newest();
  }

  /** Records that have been written to the newest segment count from now on. */
  synchronized void added(List<Segment.Added> records, long length) {

    segments.newest().added(records, length);
    records.forEach(record -> window.add(record.entry()));
    previous = records.get(records.size() - 1).entry().offset();
    next = previous + 1;
  }

  /** A new segment is written to from now on. */
  synchronized void roll(Segment newest) {
    segments.add(newest);
  }

  /**
   * Forgets whole segments, as long as more is kept than shall be.
   *
   * @return what is forgotten, to be deleted
   */
  synchronized List<Segment> forget(long now) {
    var forgotten = new ArrayList<Segment>();
    for (Optional<Segment> oldest = segments.oldestSealed();
        oldest.isPresent() && tooMuch(oldest.get(), now);
        oldest = segments.oldestSealed()) {
      segments.removeOldest();
      forgotten.add(oldest.get());
    }
    return forgotten;
  }

  /** Whether everything in the newest segment is too old to be kept. */
  synchronized boolean newestTooOld(long now) {
    Segment.Known newest = segments.newest().known();
    return newest.records() > 0 && newest.lastTime() < keep.horizon(now);
  }

  private boolean tooMuch(Segment oldest, long now) {
    return keep.exceededBy(segments.bytes(), segments.records())
        || (oldest.known().records() > 0 && oldest.known().lastTime() < keep.horizon(now));
  }

  /** Whether the place is one to go on from, and if not, why and from where then. */
  synchronized Start check(Position position, String id) {
    Bounds bounds = bounds();
    long offset = position.offset();
    if (position.epoch() != epoch) {
      return oldest(Gap.Reason.EPOCH, id, bounds);
    } else if (offset < bounds.start()) {
      return oldest(Gap.Reason.FORGOTTEN, id, bounds);
    } else if (offset >= next) {
      return oldest(Gap.Reason.UNKNOWN, id, bounds);
    } else if (offset > bounds.newest()) {
      return new Start(bounds.head(), Optional.of(new Gap(Gap.Reason.LOST, id, null)));
    }
    for (Break each : breaks()) {
      if (each.missedBy(offset)) {
        var after = new Position(epoch, Math.max(offset, each.previous()));
        return new Start(after, Optional.of(new Gap(Gap.Reason.LOST, id, null)));
      }
    }
    return Start.after(position);
  }

  /** The oldest place, with the reason why it is not another; the next id is not looked up yet. */
  private static Start oldest(Gap.Reason reason, String id, Bounds bounds) {
    return new Start(bounds.begin(), Optional.of(new Gap(reason, id, null)));
  }

  private synchronized List<Break> breaks() {
    return segments.breaks(previous, next);
  }

  /** The newest entry of the selection, where memory has it. */
  synchronized Optional<Entry> newestOf(Selection what) {
    return window.newestOf(what).filter(entry -> entry.previous() >= segments.start());
  }

  /** The page after the position, where memory has all of it and nothing is to be told. */
  synchronized Optional<Page> inMemory(Position position, Selection what, int maxBytes) {
    boolean all =
        position.offset() >= window.bounds().start()
            && check(position, position.toString()).gap().isEmpty();
    return all ? Optional.of(window.after(position.offset(), what, maxBytes)) : Optional.empty();
  }

  /** All that there is, to read; must be closed. */
  synchronized Reading reading() {
    return reading(Start.after(new Position(epoch, segments.start())));
  }

  /** What comes after the position, to read; must be closed. */
  synchronized Reading reading(Position position) {
    return reading(check(position, position.toString()));
  }

  private Reading reading(Start start) {
    List<Segment> acquired = segments.acquireAfter(start.after().offset());
    return new Reading(
        new DiskReader(acquired, this::breaks, bounds().head()),
        start,
        acquired,
        window.bounds().start(),
        segments.forgottenTime());
  }

  /**
   * A reader and the segments that it keeps open.
   *
   * @param start where to begin, as of the moment when the segments were taken, and what to tell
   * @param memoryFrom the offset after which memory has everything
   * @param forgottenTime the time of the newest record that is forgotten
   */
  record Reading(
      DiskReader reader, Start start, List<Segment> segments, long memoryFrom, long forgottenTime)
      implements AutoCloseable {
    @Override
    public void close() {
      segments.forEach(Segment::release);
    }
  }

  synchronized int segmentCount() {
    return segments.size();
  }

  synchronized long bytes() {
    return segments.bytes();
  }

  synchronized long entries() {
    return segments.records();
  }

  /** The time of the oldest entry, in milliseconds since 1970; nothing where there is none. */
  synchronized Optional<Long> oldestTime() {
    return segments.oldestTime();
  }

  synchronized void close() {
    segments.close();
  }

  /** How many bytes the entries take that are in memory. */
  synchronized long memoryBytes() {
    return window.holding().bytes();
  }
}
