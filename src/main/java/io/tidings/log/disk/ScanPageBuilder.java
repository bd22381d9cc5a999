package io.tidings.log.disk;

import io.tidings.event.Position;
import io.tidings.log.Entry;
import io.tidings.log.Gap;
import io.tidings.log.Page;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Collects the entries of a page until one of its bounds ends it. Belongs to one thread. */
final class ScanPageBuilder {
  /** The number of bytes that are scanned for selected records before the page ends. */
  private static final long MAX_SCANNED = 16 << 20;

  private final Position from;
  private final long epoch;
  private final Added added;
  private final List<Entry> entries = new ArrayList<>();
  private int bytesLeft;
  private long offset;
  private long scanned;
  private boolean lost;
  private boolean ended;

  /** Called at each record of the page. */
  interface Added {
    void at(SegmentReader reader) throws IOException;
  }

  /**
   * @param from the position after which the page begins
   * @param maxBytes the number of bytes of frames that end the page
   */
  ScanPageBuilder(Position from, long epoch, int maxBytes, Added added) {
    this.from = from;
    this.epoch = epoch;
    this.added = added;
    this.offset = from.offset();
    this.bytesLeft = maxBytes;
  }

  /** The offset up to which the page is complete. */
  long offset() {
    return offset;
  }

  boolean ended() {
    return ended;
  }

  /** No record up to the given offset belongs to the page that was not added. */
  void advanceTo(long reached) {
    offset = Math.max(offset, reached);
  }

  /**
   * Adds the reader's current record.
   *
   * @return whether the page continues
   */
  boolean add(SegmentReader reader) throws IOException {
    Entry entry = reader.entry(epoch);
    entries.add(entry);
    added.at(reader);
    offset = entry.offset();
    bytesLeft -= entry.frame().size();
    ended = bytesLeft <= 0;
    return !ended;
  }

  /**
   * Skips a scanned record that the filter does not select.
   *
   * @return whether the page continues
   */
  boolean skip(long recordOffset) {
    offset = recordOffset;
    ended = scanned > MAX_SCANNED;
    return !ended;
  }

  /** Counts bytes that were scanned. */
  void scanned(long bytes) {
    scanned += bytes;
  }

  /**
   * Handles lost records, with offsets from the first to the last one: a page that has entries ends
   * before them; otherwise it begins after them, with a gap.
   *
   * @return whether the page continues
   */
  boolean loss(long firstLost, long lastLost) {
    if (!entries.isEmpty()) {
      offset = firstLost - 1;
      ended = true;
      return false;
    }
    lost = true;
    offset = lastLost;
    return true;
  }

  Page build() {
    var end = new Position(epoch, offset);
    if (!lost) {
      return new Page(entries, end, Optional.empty());
    }
    String next = entries.isEmpty() ? null : entries.get(0).id();
    return new Page(entries, end, Optional.of(new Gap(Gap.Reason.LOST, from.toString(), next)));
  }
}
