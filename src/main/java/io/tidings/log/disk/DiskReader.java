package io.tidings.log.disk;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Selection;
import io.tidings.log.DedupNames;
import io.tidings.log.Entry;
import io.tidings.log.Journal;
import io.tidings.log.JournalReader;
import io.tidings.log.LogRecord;
import io.tidings.log.Page;
import io.tidings.log.SequenceGap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Answers one query from the segments of a log. Belongs to one thread. {@link SegmentPageReader}
 * reads the entries of a page.
 */
final class DiskReader implements JournalReader {
  private final List<Segment> segments;
  private final Journal.Extent extent;
  private final Supplier<List<SequenceGap>> gaps;
  private final Position head;

  /**
   * @param segments the oldest first
   * @param gaps the gaps of the whole log that are known when it is called; verifying an index may
   *     reveal more of them
   * @param head the position of the newest committed record: no later record is read
   */
  DiskReader(
      List<Segment> segments,
      Journal.Extent extent,
      Supplier<List<SequenceGap>> gaps,
      Position head) {
    this.segments = segments;
    this.extent = extent;
    this.gaps = gaps;
    this.head = head;
  }

  @Override
  public Journal.Extent extent() {
    return extent;
  }

  @Override
  public Page after(Position from, Selection selection, int maxBytes, long until)
      throws IOException {
    return after(new ScanPageBuilder(from, head.epoch(), maxBytes, reader -> {}), selection, until);
  }

  /** As {@link #after}, and passes the whole records of the page to a consumer. */
  Page records(Position from, Selection selection, int maxBytes, Consumer<LogRecord> to)
      throws IOException {
    long epoch = head.epoch();
    var page =
        new ScanPageBuilder(from, epoch, maxBytes, reader -> to.accept(reader.record(epoch)));
    return after(page, selection, Long.MAX_VALUE);
  }

  private Page after(ScanPageBuilder page, Selection selection, long until) throws IOException {
    long limit = Math.min(head.offset(), nextLoss(page.offset()));
    for (Segment segment : segments) {
      if (segment.checkIndex()) {
        limit = Math.min(head.offset(), nextLoss(page.offset()));
      }
      boolean more = segment.contents().records() > 0 && segment.last() > page.offset();
      if (more && page.offset() < limit) {
        new SegmentPageReader(segment, selection, page, limit).read();
        if (page.ended()) {
          return page.build();
        }
        page.advanceTo(Math.min(segment.last(), limit));
        if (page.offset() >= until) {
          return page.build();
        }
      }
    }
    page.advanceTo(limit);
    return page.build();
  }

  /** The offset after which the next lost records are missing. */
  private long nextLoss(long offset) {
    return gaps.get().stream()
        .filter(gap -> gap.lost() && gap.previous() > offset)
        .mapToLong(SequenceGap::after)
        .findFirst()
        .orElse(Long.MAX_VALUE);
  }

  @Override
  public Optional<Entry> newestOf(Selection selection) throws IOException {
    for (int i = segments.size() - 1; i >= 0; i--) {
      Segment segment = segments.get(i);
      long newest = -1;
      long position = 0;
      for (RecordLocations locations : segment.index().select(selection, Integer.MAX_VALUE)) {
        int row = locations.ceiling(head.offset() + 1) - 1;
        if (row >= 0 && locations.get(row) > newest) {
          newest = locations.get(row);
          position = locations.position(row);
        }
      }
      SegmentReader reader = segment.reader();
      if (newest >= 0 && reader.read(position)) {
        return Optional.of(reader.entry(head.epoch()));
      }
    }
    return Optional.empty();
  }

  @Override
  public long before(long time) throws IOException {
    for (Segment segment : segments) {
      if (segment.contents().records() > 0 && segment.contents().lastTime() >= time) {
        return before(time, segment);
      }
    }
    return head.offset();
  }

  private static long before(long time, Segment segment) throws IOException {
    SegmentIndex.SparseEntry start = segment.index().lastSparseEntry(entry -> entry.time() < time);
    SegmentReader reader = segment.reader();
    long position = start.position();
    long previous = start.offset() - 1;
    while (reader.find(position, previous)) {
      if (reader.time() >= time) {
        return reader.previous();
      }
      position = reader.next();
      previous = reader.offset();
    }
    return previous;
  }

  @Override
  public Optional<Entry> withId(String id, Selection selection, Selection readable)
      throws IOException {
    Entry oldest = null;
    for (Segment segment : segments) {
      RecordLocations locations = segment.index().id(id);
      SegmentReader reader = locations.size() == 0 ? null : segment.reader();
      for (int row = 0; row < locations.size(); row++) {
        if (locations.get(row) <= head.offset()
            && reader.read(locations.position(row))
            && reader.id().equals(id)
            && reader.matches(readable)) {
          if (reader.matches(selection)) {
            return Optional.of(reader.entry(head.epoch()));
          }
          oldest = oldest == null ? reader.entry(head.epoch()) : oldest;
        }
      }
    }
    return Optional.ofNullable(oldest);
  }

  @Override
  public Optional<Entry> newestWithId(String scope, Event event, long sinceTime)
      throws IOException {
    String name = DedupNames.ofEvent(scope, event.topic(), event.id());
    Optional<SegmentReader> found =
        newest(
            index -> scope.isEmpty() ? index.id(event.id()) : index.name(name),
            reader ->
                reader.id().equals(event.id())
                    && reader.topics().get(0).equals(event.topic())
                    && reader.scope().equals(scope),
            sinceTime);
    return found.isPresent() ? Optional.of(found.get().entry(head.epoch())) : Optional.empty();
  }

  @Override
  public List<Entry> withKey(String scope, String key, long sinceTime) throws IOException {
    String name = DedupNames.of(scope, key);
    Optional<SegmentReader> found =
        newest(
            index -> index.name(name),
            reader -> reader.key().equals(key) && reader.scope().equals(scope),
            sinceTime);
    return found.isPresent() ? publication(found.get()) : List.of();
  }

  /**
   * A reader at the newest matching record, unless that is older than the given time. Called for
   * deduplication on the thread that appends, which sees no uncommitted records.
   *
   * @param candidates finds the records that may match
   * @param matches whether the reader's current record matches
   */
  private Optional<SegmentReader> newest(
      Function<SegmentIndex, RecordLocations> candidates,
      Predicate<SegmentReader> matches,
      long sinceTime)
      throws IOException {
    for (int i = segments.size() - 1; i >= 0; i--) {
      Segment segment = segments.get(i);
      if (segment.contents().lastTime() < sinceTime) {
        return Optional.empty();
      }
      RecordLocations locations = candidates.apply(segment.index());
      SegmentReader reader = segment.reader();
      for (int row = locations.size() - 1; row >= 0; row--) {
        if (reader.read(locations.position(row))
            && reader.time() >= sinceTime
            && matches.test(reader)) {
          return Optional.of(reader);
        }
      }
    }
    return Optional.empty();
  }

  /** The entries of the publication whose first record the reader is at. */
  private List<Entry> publication(SegmentReader reader) throws IOException {
    var entries = new ArrayList<Entry>();
    entries.add(reader.entry(head.epoch()));
    while (reader.following() > 0 && reader.read(reader.next())) {
      entries.add(reader.entry(head.epoch()));
    }
    return entries;
  }
}
