package io.tidings.log.disk;

import io.tidings.event.Filter;
import io.tidings.event.Position;
import io.tidings.event.TopicPattern;
import io.tidings.log.Entry;
import io.tidings.log.Gap;
import io.tidings.log.Journal;
import io.tidings.log.JournalReader;
import io.tidings.log.OffsetMerge;
import io.tidings.log.Page;
import io.tidings.log.SequenceGap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Reads one answer from segments. What is asked for by topic is read by the index; a glob too,
 * where it selects few of a segment's records, and otherwise record after record. Belongs to one
 * thread, for one answer.
 */
final class DiskReader implements JournalReader {
  /** How many bytes a page goes through in search of what is selected, before it stops. */
  private static final long MAX_SEARCHED = 16 << 20;

  /** A glob is looked up topic by topic in segments that have at most so many. */
  private static final int MAX_TOPICS = 50_000;

  private static final int MAX_MERGED = 128;
  private static final int RARE = 8;

  private final List<Segment> segments;
  private final Journal.Extent extent;
  private final Supplier<List<SequenceGap>> gaps;
  private final Position newest;

  /**
   * @param segments the oldest first
   * @param gaps those of the whole log, as they are known by now
   * @param newest the log's head as of now: nothing behind it is read
   */
  DiskReader(
      List<Segment> segments,
      Journal.Extent extent,
      Supplier<List<SequenceGap>> gaps,
      Position newest) {
    this.segments = segments;
    this.extent = extent;
    this.gaps = gaps;
    this.newest = newest;
  }

  @Override
  public Journal.Extent extent() {
    return extent;
  }

  @Override
  public Page after(Position from, Filter what, int maxBytes, long until) throws IOException {
    var page = new Reading(from.offset(), maxBytes);
    long edge = Math.min(newest.offset(), nextLoss(page.at));
    for (Segment segment : segments) {
      if (segment.checkIndex()) {
        edge = Math.min(newest.offset(), nextLoss(page.at));
      }
      boolean more = segment.known().records() > 0 && segment.last() > page.at;
      if (more && page.at < edge) {
        new Part(segment, what, page, edge).read();
        if (page.ended) {
          return page.done(from);
        }
        page.at = Math.max(page.at, Math.min(segment.last(), edge));
        if (page.at >= until) {
          return page.done(from);
        }
      }
    }
    page.at = Math.max(page.at, edge);
    return page.done(from);
  }

  /** The offset after which the next records are missing. */
  private long nextLoss(long at) {
    return gaps.get().stream()
        .filter(each -> each.lost() && each.previous() > at)
        .mapToLong(SequenceGap::after)
        .findFirst()
        .orElse(Long.MAX_VALUE);
  }

  @Override
  public Optional<Entry> newestOf(Filter what) throws IOException {
    for (int i = segments.size() - 1; i >= 0; i--) {
      Segment segment = segments.get(i);
      var last = new long[] {-1, 0};
      for (RecordLocations rows : rows(segment.index(), what, Integer.MAX_VALUE)) {
        int row = rows.ceiling(newest.offset() + 1) - 1;
        if (row >= 0 && rows.get(row) > last[0]) {
          last[0] = rows.get(row);
          last[1] = rows.place(row);
        }
      }
      SegmentReader reader = segment.reader();
      if (last[0] >= 0 && reader.read(last[1])) {
        return Optional.of(reader.entry(newest.epoch()));
      }
    }
    return Optional.empty();
  }

  @Override
  public long before(long time) throws IOException {
    for (Segment segment : segments) {
      if (segment.known().records() > 0 && segment.known().lastTime() >= time) {
        return before(time, segment);
      }
    }
    return newest.offset();
  }

  private static long before(long time, Segment segment) throws IOException {
    SegmentIndex.Spot from = lastSpot(segment.index(), spot -> spot.time() < time);
    SegmentReader reader = segment.reader();
    long place = from.place();
    long after = from.offset() - 1;
    while (reader.find(place, after)) {
      if (reader.time() >= time) {
        return reader.previous();
      }
      place = reader.next();
      after = reader.offset();
    }
    return after;
  }

  /** The last spot of which it is true, or the first of all. */
  private static SegmentIndex.Spot lastSpot(
      SegmentIndex index, Predicate<SegmentIndex.Spot> early) {
    List<SegmentIndex.Spot> spots = index.spots();
    SegmentIndex.Spot last = spots.get(0);
    for (SegmentIndex.Spot spot : spots) {
      last = early.test(spot) ? spot : last;
    }
    return last;
  }

  @Override
  public Optional<Entry> withId(String id, Filter what) throws IOException {
    Entry found = null;
    for (Segment segment : segments) {
      RecordLocations rows = segment.index().id(id);
      SegmentReader reader = rows.size() == 0 ? null : segment.reader();
      for (int row = 0; row < rows.size(); row++) {
        if (rows.get(row) <= newest.offset()
            && reader.read(rows.place(row))
            && reader.id().equals(id)) {
          if (what.matches(reader.topics())) {
            return Optional.of(reader.entry(newest.epoch()));
          }
          found = found == null ? reader.entry(newest.epoch()) : found;
        }
      }
    }
    return Optional.ofNullable(found);
  }

  @Override
  public Optional<Entry> newestWithId(String id, String topic, long sinceTime) throws IOException {
    Optional<SegmentReader> found =
        newest(
            index -> index.id(id),
            reader -> reader.id().equals(id) && reader.topics().get(0).equals(topic),
            sinceTime);
    return found.isPresent() ? Optional.of(found.get().entry(newest.epoch())) : Optional.empty();
  }

  @Override
  public List<Entry> withKey(String key, long sinceTime) throws IOException {
    Optional<SegmentReader> found =
        newest(index -> index.key(key), reader -> reader.key().equals(key), sinceTime);
    return found.isPresent() ? publication(found.get()) : List.of();
  }

  /** Stands at the newest record that is meant, of those that may be, if it is as young as that. */
  private Optional<SegmentReader> newest(
      Function<SegmentIndex, RecordLocations> maybe, Predicate<SegmentReader> meant, long sinceTime)
      throws IOException {
    for (int i = segments.size() - 1; i >= 0; i--) {
      Segment segment = segments.get(i);
      if (segment.known().lastTime() < sinceTime) {
        return Optional.empty();
      }
      RecordLocations rows = maybe.apply(segment.index());
      SegmentReader reader = segment.reader();
      for (int row = rows.size() - 1; row >= 0; row--) {
        if (reader.read(rows.place(row)) && reader.time() >= sinceTime && meant.test(reader)) {
          return Optional.of(reader);
        }
      }
    }
    return Optional.empty();
  }

  private List<Entry> publication(SegmentReader reader) throws IOException {
    var entries = new ArrayList<Entry>();
    entries.add(reader.entry(newest.epoch()));
    while (reader.following() > 0 && reader.read(reader.next())) {
      entries.add(reader.entry(newest.epoch()));
    }
    return entries;
  }

  /** The rows of all topics that are selected, as long as there are not more than that. */
  private static List<RecordLocations> rows(SegmentIndex index, Filter what, int most) {
    var rows = new ArrayList<RecordLocations>();
    if (what.exact()) {
      for (TopicPattern pattern : what.patterns()) {
        RecordLocations of = index.topic(pattern.pattern());
        if (of.size() > 0) {
          rows.add(of);
        }
      }
    } else {
      index.topics(
          (topic, of) -> {
            if (rows.size() <= most && what.matches(List.of(topic))) {
              rows.add(of);
            }
          });
    }
    return rows;
  }

  /** What has been read for a page. */
  private final class Reading {
    private final List<Entry> entries = new ArrayList<>();
    private int room;
    private long at;
    private long searched;
    private boolean lost;
    private boolean ended;

    Reading(long at, int maxBytes) {
      this.at = at;
      this.room = maxBytes;
    }

    /** Takes the record; false where the page is full then. */
    boolean take(SegmentReader reader) throws IOException {
      Entry entry = reader.entry(newest.epoch());
      entries.add(entry);
      at = entry.offset();
      room -= entry.frame().size();
      ended = room <= 0;
      return !ended;
    }

    /**
     * A record that there was can't be read: the page ends before it, or begins after it and tells.
     *
     * @return whether to go on
     */
    boolean miss(long from, long to) {
      if (!entries.isEmpty()) {
        at = from - 1;
        ended = true;
        return false;
      }
      lost = true;
      at = to;
      return true;
    }

    Page done(Position from) {
      var end = new Position(newest.epoch(), at);
      if (!lost) {
        return new Page(entries, end, Optional.empty());
      }
      String next = entries.isEmpty() ? null : entries.get(0).id();
      return new Page(entries, end, Optional.of(new Gap(Gap.Reason.LOST, from.toString(), next)));
    }
  }

  /** The share of one segment in a page. */
  private final class Part {
    private final Segment segment;
    private final Filter what;
    private final Reading page;
    private final long edge;
    private final SegmentReader reader;

    Part(Segment segment, Filter what, Reading page, long edge) {
      this.segment = segment;
      this.what = what;
      this.page = page;
      this.edge = edge;
      this.reader = segment.reader();
    }

    void read() throws IOException {
      SegmentIndex index = segment.index();
      if (what.exact() || index.topicCount() <= MAX_TOPICS) {
        List<RecordLocations> rows = rows(index, what, MAX_MERGED);
        long records = rows.stream().mapToLong(RecordLocations::size).sum();
        boolean few = what.exact() || records * RARE < segment.known().records();
        if (rows.size() <= MAX_MERGED && few) {
          reader.expect(segment.known().length() / Math.max(1, records));
          merge(rows);
          return;
        }
      }
      goThrough(index);
    }

    private void merge(List<RecordLocations> rows) throws IOException {
      var merge = new OffsetMerge(rows, page.at + 1);
      while (merge.advance() && merge.number() <= edge) {
        long offset = merge.number();
        int place = rows.get(merge.list()).place(merge.row());
        boolean whole = reader.read(place) && reader.offset() == offset;
        if (whole ? !page.take(reader) : !page.miss(offset, offset)) {
          return;
        }
      }
    }

    private void goThrough(SegmentIndex index) throws IOException {
      SegmentIndex.Spot from = lastSpot(index, spot -> spot.offset() <= page.at + 1);
      long place = from.place();
      long before = from.offset() - 1;
      while (reader.find(place, before) && reader.offset() <= edge) {
        if (missing(before, reader.previous())) {
          return;
        }
        before = reader.offset();
        page.searched += reader.next() - place;
        place = reader.next();
        if (before > page.at && !look(before)) {
          return;
        }
      }
      missing(before, Math.min(segment.last(), edge));
    }

    /** Takes the record where it is selected; false where the page ends with it. */
    private boolean look(long offset) throws IOException {
      if (what.matches(reader.topics())) {
        return page.take(reader);
      }
      page.at = offset;
      page.ended = page.searched > MAX_SEARCHED;
      return !page.ended;
    }

    /**
     * Tells of records that were there when the index was made; true where the page ends before.
     */
    private boolean missing(long before, long previous) {
      long from = Math.max(before, page.at);
      return previous > from && !page.miss(from + 1, previous);
    }
  }
}
