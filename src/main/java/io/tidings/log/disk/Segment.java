package io.tidings.log.disk;

import io.tidings.event.Event;
import io.tidings.log.DedupNames;
import io.tidings.log.Entry;
import io.tidings.log.LogRecord;
import io.tidings.log.TopicKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A range of the log's records: a file, its index and the contents that count. One thread at a time
 * appends; any thread reads what was appended. The file stays open until everyone who called {@link
 * #acquire} has called {@link #release}, even if retention has removed the segment meanwhile. The
 * monitor guards the index, and the contents while they are rebuilt.
 */
final class Segment {
  private final SegmentFile file;
  private final IndexLifecycle index;
  private final AtomicInteger references = new AtomicInteger(1);

  private volatile SegmentContents contents;
  private volatile long limit = Long.MAX_VALUE;
  private long completeLength = SegmentFormat.HEADER;
  private long lastIndexed = -1;

  private Segment(Directory directory, SegmentFile file) {
    this.file = file;
    this.contents = SegmentContents.empty(file.header());
    this.index = new IndexLifecycle(directory, file.header().first());
  }

  /** Creates a segment without records; see {@link SegmentFile#create}. */
  static Segment create(Directory directory, SegmentFormat.Header header) throws IOException {
    return new Segment(directory, SegmentFile.create(directory, header));
  }

  /**
   * Opens an existing segment by its index. If that is missing or does not fit, all records are
   * scanned.
   *
   * @param fallback the header to assume if that of the file is damaged
   * @param limit the highest offset that counts: the predecessor that the next segment names
   */
  static Segment open(
      Directory directory,
      String name,
      SegmentFormat.Header fallback,
      long limit,
      Directory.Access access)
      throws IOException {
    SegmentFile file = SegmentFile.open(directory, name, fallback, access);
    try {
      var segment = new Segment(directory, file);
      segment.limit = limit;
      if (!segment.loadIndex()) {
        segment.rescan(file.size());
      }
      return segment;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  SegmentFile file() {
    return file;
  }

  String name() {
    return file.name();
  }

  /** The lowest offset that the segment may have. */
  long first() {
    return file.header().first();
  }

  /** The offset of the record before the segment. */
  long previous() {
    return file.header().previous();
  }

  /** The time of that record; if unknown, the time of the first record of this segment. */
  long previousTime() {
    return file.headerDamaged() ? contents.firstTime() : file.header().previousTime();
  }

  /** The records that count now. */
  SegmentContents contents() {
    return contents;
  }

  /** The offset of the last record that counts. */
  long last() {
    return contents.last();
  }

  /** Excludes records above the offset from now on, as the next segment names it as predecessor. */
  void limit(long last) {
    limit = last;
  }

  /** The highest offset that counts. */
  long limit() {
    return limit;
  }

  /** A reader of the records that count now. */
  SegmentReader reader() {
    return file.reader(contents.length());
  }

  // ---- appending: one thread

  /** Writes bytes after the last record that counts; they count after {@link #appended}. */
  void write(ByteBuffer bytes) throws IOException {
    file.write(bytes, contents.length());
  }

  /**
   * Makes records count that have been written.
   *
   * @param encoder the encoder that encoded them
   */
  void appended(List<LogRecord> records, RecordEncoder encoder) {
    SegmentContents before = contents;
    GrowingIndex growing = index.growing(); // only this thread seals or replaces it
    for (int i = 0; i < records.size(); i++) {
      Entry entry = records.get(i).entry();
      growing.add(
          entry.offset(),
          (int) before.length() + encoder.position(i),
          entry.time(),
          TopicKeys.of(entry.event()),
          entry.event().id(),
          names(records.get(i)));
    }
    contents = before.plus(records, encoder.size());
  }

  private static List<String> names(LogRecord record) {
    Event event = record.entry().event();
    return DedupNames.of(record.scope(), record.key(), event.topic(), event.id());
  }

  /** Cuts off the bytes that do not count. */
  void truncate() throws IOException {
    file.truncate(contents.length());
  }

  // ---- the index

  /** Whether the index is in memory: the segment is not sealed, or its index was rebuilt. */
  synchronized boolean indexInMemory() {
    return index.inMemory();
  }

  /** The index; it is verified at its first use, and rebuilt from the records if damaged. */
  synchronized SegmentIndex index() throws IOException {
    checkIndex();
    return index.current();
  }

  /**
   * Verifies the index, and rebuilds it if it is damaged.
   *
   * @return whether it was rebuilt, so that {@link #contents} may have more gaps
   */
  synchronized boolean checkIndex() throws IOException {
    if (index.verify()) {
      return false;
    }
    SegmentContents stored = contents;
    rescan(file.size());
    if (contents.last() < stored.last()) { // the header of the index, which is intact, knows more
      contents = contents.withLossUpTo(stored.last());
    }
    if (file.writable()) {
      index.deleteFile(); // the next start writes it again
    }
    return true;
  }

  synchronized boolean indexFileDamaged() throws IOException {
    return index.fileDamaged();
  }

  /**
   * Writes the index file, after the last append, and uses it; does nothing if that was done. The
   * file is not forced: one that a power cut damages is rebuilt.
   */
  void seal() throws IOException {
    SegmentContents now = contents;
    GrowingIndex growing;
    synchronized (this) {
      if (!index.inMemory()) {
        return;
      }
      growing = index.growing();
    }
    index.store(growing.encoded(new IndexHeader(file.header().salt(), first(), now)));
    loadIndex();
  }

  /** Allows appending again; the index is in memory until the segment is sealed again. */
  void reopen() throws IOException {
    if (indexInMemory()) {
      return;
    }
    index.deleteFile();
    rescan(file.size());
  }

  private synchronized boolean loadIndex() throws IOException {
    Optional<IndexHeader> header = index.load(this::describedBy);
    header.ifPresent(
        known -> {
          file.useSalt(known.salt());
          contents = known.contents();
        });
    return header.isPresent();
  }

  /** Whether the index is that of this file, of which nothing was cut off or appended since. */
  private boolean describedBy(IndexHeader header) throws IOException {
    boolean same =
        header.first() == first()
            && (file.headerDamaged() || header.salt() == file.header().salt());
    if (!same) {
      return false;
    }
    SegmentContents stored = header.contents();
    lastIndexed = stored.last();
    if (stored.length() > file.size() || stored.last() > limit) {
      return false;
    }
    SegmentReader next = file.reader(header.salt(), file.size());
    return !next.read(stored.length()) || next.offset() <= stored.last() || next.offset() > limit;
  }

  // ---- scan and repair: see SegmentRepair

  /** Rebuilds the contents and the index from the records in the first bytes of the file. */
  synchronized void rescan(long length) throws IOException {
    SegmentScan scan = SegmentScan.of(file.header(), file.reader(length), limit);
    index.replace(scan.index());
    completeLength = scan.completeLength();
    contents = scan.contents();
  }

  /** The end of the last publication of which all records exist, as of the last scan, in bytes. */
  long completeLength() {
    return completeLength;
  }

  /** The last offset according to the index file, even one that did not fit; -1 for none. */
  long lastIndexed() {
    return lastIndexed;
  }

  // ---- references

  /** Keeps the file open until {@link #release}. Only while the log still has the segment. */
  void acquire() {
    references.incrementAndGet();
  }

  void release() {
    if (references.decrementAndGet() == 0) {
      try {
        close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private synchronized void close() throws IOException {
    index.close();
    file.close();
  }

  /** Deletes the files and releases the segment; threads that have acquired it can still read. */
  void delete() throws IOException {
    index.deleteFile();
    file.delete();
    release();
  }

  /** Copies the records that count, and the index file if there is one. */
  void copy(Directory to) throws IOException {
    file.copyTo(to, contents.length());
    synchronized (this) {
      index.copyTo(to);
    }
  }
}
