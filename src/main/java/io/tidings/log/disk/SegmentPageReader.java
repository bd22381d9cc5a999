package io.tidings.log.disk;

import io.tidings.event.Selection;
import io.tidings.log.OffsetMerge;
import java.io.IOException;
import java.util.List;

/**
 * Reads the records of one segment that belong to a page. Records selected by topic are looked up
 * in the index; a glob is looked up too if it selects few of the segment's records, and otherwise
 * all records are scanned. Belongs to one thread.
 */
final class SegmentPageReader {
  /** Globs are looked up only in segments with at most this number of topics. */
  private static final int MAX_TOPICS = 50_000;

  /** The number of topics of a glob whose locations are merged at most. */
  private static final int MAX_MERGED = 128;

  /** A glob is looked up if it selects less than one in so many records. */
  private static final int RARE = 8;

  private final Segment segment;
  private final Selection selection;
  private final ScanPageBuilder page;
  private final long limit;
  private final SegmentReader reader;

  /**
   * @param limit the last offset to read
   */
  SegmentPageReader(Segment segment, Selection selection, ScanPageBuilder page, long limit) {
    this.segment = segment;
    this.selection = selection;
    this.page = page;
    this.limit = limit;
    this.reader = segment.reader();
  }

  void read() throws IOException {
    SegmentIndex index = segment.index();
    if (selection.exact() || index.topicCount() <= MAX_TOPICS) {
      List<RecordLocations> selected = index.select(selection, MAX_MERGED);
      long records = selected.stream().mapToLong(RecordLocations::size).sum();
      boolean few = selection.exact() || records * RARE < segment.contents().records();
      if (selected.size() <= MAX_MERGED && few) {
        reader.expectSpacing(segment.contents().length() / Math.max(1, records));
        merge(selected);
        return;
      }
    }
    scan(index);
  }

  /** Reads the records at the given locations in the order of their offsets. */
  private void merge(List<RecordLocations> selected) throws IOException {
    var merge = new OffsetMerge(selected, page.offset() + 1);
    while (merge.advance() && merge.number() <= limit) {
      long offset = merge.number();
      int position = selected.get(merge.list()).position(merge.row());
      boolean intact = reader.read(position) && reader.offset() == offset;
      if (intact ? !page.add(reader) : !page.loss(offset, offset)) {
        return;
      }
    }
  }

  private void scan(SegmentIndex index) throws IOException {
    SegmentIndex.SparseEntry start =
        index.lastSparseEntry(entry -> entry.offset() <= page.offset() + 1);
    long position = start.position();
    long last = start.offset() - 1;
    while (reader.find(position, last) && reader.offset() <= limit) {
      if (endsAtLoss(last, reader.previous())) {
        return;
      }
      last = reader.offset();
      page.scanned(reader.next() - position);
      position = reader.next();
      if (last > page.offset() && !addIfSelected(last)) {
        return;
      }
    }
    endsAtLoss(last, Math.min(segment.last(), limit));
  }

  private boolean addIfSelected(long offset) throws IOException {
    return reader.matches(selection) ? page.add(reader) : page.skip(offset);
  }

  /**
   * Handles records that existed when the index was written and cannot be read any more.
   *
   * @return whether the page ends before them
   */
  private boolean endsAtLoss(long last, long previous) {
    long from = Math.max(last, page.offset());
    return previous > from && !page.loss(from + 1, previous);
  }
}
