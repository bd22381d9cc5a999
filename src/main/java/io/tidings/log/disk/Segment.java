package io.tidings.log.disk;

import io.tidings.log.Entry;
import io.tidings.log.LogRecord;
import io.tidings.log.SequenceGap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One file of records, and what is known of it. One thread at a time adds; any may read what was
 * added. The file stays open until the last of those who {@link #acquire} it has let go of it, also
 * when the log has forgotten the segment meanwhile.
 */
final class Segment {
  private static final int BLOT_BYTES = 64 << 10;

  private final Directory directory;
  private final DataFile file;
  private final boolean headerDamaged;
  private SegmentFormat.Header header;
  private final boolean writable;
  private final AtomicInteger users = new AtomicInteger(1);

  private volatile Known known;
  private volatile long limit = Long.MAX_VALUE;
  private SegmentIndex index;
  private boolean indexChecked;
  private IndexFile damaged;
  private long complete = SegmentFormat.HEADER;
  private long indexedLast = -1;

  /**
   * What has been added, as of one moment.
   *
   * @param last the offset of the last record; the one before the segment where it has none
   * @param length how many bytes of the file count
   * @param gaps where offsets don't go on one by one, in order
   */
  record Known(
      long last, long firstTime, long lastTime, long length, int records, List<SequenceGap> gaps) {}

  private Segment(
      Directory directory,
      DataFile file,
      SegmentFormat.Header header,
      boolean headerDamaged,
      boolean writable) {
    this.directory = directory;
    this.file = file;
    this.header = header;
    this.headerDamaged = headerDamaged;
    this.writable = writable;
    this.known =
        new Known(
            header.previous(),
            header.previousTime(),
            header.previousTime(),
            SegmentFormat.HEADER,
            0,
            List.of());
    this.index = new GrowingIndex(header.first());
    this.indexChecked = true;
  }

  /**
   * A new segment, whose header is written. One that has the name is replaced at once: its header
   * may be what keeps records of a failed append from being read.
   */
  static Segment create(Directory directory, SegmentFormat.Header header) throws IOException {
    String name = SegmentFormat.segmentName(header.first());
    String half = name + LogDirectory.TEMPORARY;
    DataFile file = directory.create(half);
    try {
      file.write(header.encoded(), 0);
      directory.rename(half, name);
    } catch (IOException e) {
      file.close();
      directory.delete(half);
      throw e;
    }
    return new Segment(directory, file, header, false, true);
  }

  /**
   * A segment that is there already, by its index, or where that is missing or does not fit, by its
   * records.
   *
   * @param fallback what counts where its header is damaged
   * @param limit the highest offset that counts: what the next segment names as its predecessor
   */
  static Segment open(
      Directory directory, String name, SegmentFormat.Header fallback, long limit, boolean writable)
      throws IOException {
    DataFile file = directory.open(name, writable);
    try {
      ByteBuffer bytes = ByteBuffer.allocate(SegmentFormat.HEADER);
      file.readFully(bytes, 0);
      Optional<SegmentFormat.Header> header = SegmentFormat.header(bytes.flip());
      boolean damaged = header.isEmpty();
      if (writable && file.size() < SegmentFormat.HEADER) { // made, and then the power went
        file.write(header.orElse(fallback).encoded(), 0);
        damaged = false;
      }
      var segment = new Segment(directory, file, header.orElse(fallback), damaged, writable);
      segment.limit = limit;
      if (!segment.openIndex()) {
        segment.scan();
      }
      return segment;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  long first() {
    return header.first();
  }

  /** The offset of the record before the segment. */
  long previous() {
    return header.previous();
  }

  /** The time of that record; where nobody knows, that of the first one here. */
  long previousTime() {
    return headerDamaged ? known.firstTime : header.previousTime();
  }

  /** Whether its header, and the copy of it, are not what was written. */
  boolean headerDamaged() {
    return headerDamaged;
  }

  long salt() {
    return header.salt();
  }

  Known known() {
    return known;
  }

  long last() {
    return known.last;
  }

  String name() {
    return SegmentFormat.segmentName(header.first());
  }

  /** Bytes on the disk, without the index. */
  long size() throws IOException {
    return file.size();
  }

  /** No record above the offset counts, from now on: the next segment names it as predecessor. */
  void limit(long last) {
    limit = last;
  }

  /** The highest offset that counts. */
  long limit() {
    return limit;
  }

  /** Whether it is still known by a growing index. */
  synchronized boolean open() {
    return index instanceof GrowingIndex;
  }

  /**
   * Where the records are. A stored index is checked at its first use, and made again from the
   * records where it is damaged.
   */
  synchronized SegmentIndex index() throws IOException {
    checkIndex();
    return index;
  }

  /** Sees to it that the index is whole; true where more is known of the segment by that. */
  synchronized boolean checkIndex() throws IOException {
    if (indexChecked) {
      return false;
    }
    if (((IndexFile) index).whole()) {
      indexChecked = true;
      return false;
    }
    Known stored = known;
    scan();
    if (known.last < stored.last) { // by its head, which is whole
      var gaps = new ArrayList<>(known.gaps);
      gaps.add(new SequenceGap(known.last, stored.last, stored.last + 1));
      known =
          new Known(
              stored.last, known.firstTime, known.lastTime, known.length, known.records, gaps);
    }
    if (writable) {
      directory.delete(indexName()); // the next start makes it again
    }
    return true;
  }

  /** Whether there is an index, which is not whole. */
  synchronized boolean damagedIndex() throws IOException {
    return index instanceof IndexFile stored ? !stored.whole() : directory.exists(indexName());
  }

  /** A reader of the records that are known now. */
  SegmentReader reader() {
    return new SegmentReader(file, header.salt(), known.length);
  }

  /** A reader of all that the file has. */
  SegmentReader rawReader() throws IOException {
    return new SegmentReader(file, header.salt(), file.size());
  }

  /** Puts bytes at the end of what is known; they count when they are {@link #added}. */
  void write(ByteBuffer bytes) throws IOException {
    file.write(bytes, known.length);
  }

  /** Cuts off what does not count. */
  void truncate() throws IOException {
    file.truncate(known.length);
  }

  /** Overwrites what does not count with zeros, which are no record. */
  void blot() throws IOException {
    ByteBuffer zeros = ByteBuffer.allocate(BLOT_BYTES);
    long size = file.size();
    for (long at = known.length; at < size; at += BLOT_BYTES) {
      file.write(zeros.clear().limit((int) Math.min(BLOT_BYTES, size - at)), at);
    }
  }

  /** Sees to it that what was written survives a power cut. */
  void force() throws IOException {
    file.force();
  }

  /**
   * Records have been written: they count from now on.
   *
   * @param encoder tells where they are, from the end of what was known
   */
  void added(List<LogRecord> records, RecordEncoder encoder) {
    Known before = known;
    var growing = (GrowingIndex) index;
    List<SequenceGap> gaps = new ArrayList<>();
    long last = before.last;
    for (int i = 0; i < records.size(); i++) {
      Entry entry = records.get(i).entry();
      SegmentScan.follow(gaps, last, entry.previous(), entry.offset());
      growing.add(
          entry.offset(),
          (int) before.length + encoder.place(i),
          entry.time(),
          entry.event().topics(),
          entry.event().id(),
          records.get(i).key());
      last = entry.offset();
    }
    known =
        new Known(
            last,
            before.records == 0 ? records.get(0).entry().time() : before.firstTime,
            records.get(records.size() - 1).entry().time(),
            before.length + encoder.size(),
            before.records + records.size(),
            gaps.isEmpty() ? before.gaps : joined(before.gaps, gaps));
  }

  private static List<SequenceGap> joined(List<SequenceGap> before, List<SequenceGap> more) {
    var all = new ArrayList<>(before);
    all.addAll(more);
    return List.copyOf(all);
  }

  /**
   * Writes the index beside the segment, to which nothing is added any more, and uses it; nothing
   * where that was done. It is not forced to the disk: one that a power cut damages is made again.
   */
  void seal() throws IOException {
    Known now = known;
    GrowingIndex growing;
    synchronized (this) {
      if (!(index instanceof GrowingIndex)) {
        return;
      }
      growing = (GrowingIndex) index;
    }
    var head =
        new IndexFile.Head(
            header.salt(),
            header.first(),
            now.last,
            now.firstTime,
            now.lastTime,
            now.length,
            now.records,
            now.gaps);
    String half = indexName() + LogDirectory.TEMPORARY;
    try (DataFile to = directory.create(half)) {
      to.write(growing.stored(head), 0);
    } catch (IOException e) {
      directory.delete(half);
      throw e;
    }
    directory.rename(half, indexName());
    openIndex();
  }

  /** Keeps the file open until {@link #release}. Only while the log knows the segment. */
  void acquire() {
    users.incrementAndGet();
  }

  void release() {
    if (users.decrementAndGet() == 0) {
      try {
        close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Removes the files, and then lets go of it; those who read go on. */
  void delete() throws IOException {
    directory.delete(indexName());
    directory.delete(name());
    release();
  }

  private synchronized void close() throws IOException {
    if (index instanceof IndexFile stored) {
      stored.close();
    }
    if (damaged != null) {
      damaged.close();
    }
    file.close();
  }

  /** Takes the index from its file; false where there is none that fits. */
  private synchronized boolean openIndex() throws IOException {
    DataFile from;
    try {
      from = directory.open(indexName(), false);
    } catch (NoSuchFileException e) {
      return false;
    }
    Optional<IndexFile> stored = Optional.empty();
    try {
      stored = IndexFile.open(from).filter(this::mine);
      if (stored.isPresent() && fits(stored.get().head())) {
        use(stored.get());
        return true;
      }
    } finally {
      if (stored.isEmpty() || index != stored.get()) {
        from.close();
      }
    }
    return false;
  }

  private boolean mine(IndexFile stored) {
    return stored.head().first() == header.first()
        && (headerDamaged || stored.head().salt() == header.salt());
  }

  /** Whether nothing was cut off behind what it has, and nothing added that counts. */
  private boolean fits(IndexFile.Head head) throws IOException {
    indexedLast = head.last();
    if (head.length() > file.size() || head.last() > limit) {
      return false;
    }
    var more = new SegmentReader(file, head.salt(), file.size());
    return !more.read(head.length()) || more.offset() <= head.last() || more.offset() > limit;
  }

  private void use(IndexFile stored) {
    IndexFile.Head head = stored.head();
    header = header.salted(head.salt()); // where the header is damaged, the index knows it
    index = stored;
    indexChecked = false;
    known =
        new Known(
            head.last(),
            head.firstTime(),
            head.lastTime(),
            head.length(),
            head.records(),
            head.gaps());
  }

  private synchronized void scan() throws IOException {
    SegmentScan scan = SegmentScan.of(header, rawReader(), limit);
    if (index instanceof IndexFile stored) {
      damaged = stored; // others may be reading it
    }
    index = scan.index();
    indexChecked = true;
    complete = scan.complete();
    known = scan.known();
  }

  /** Where the last publication ends that has all of its records; known where it was scanned. */
  long complete() {
    return complete;
  }

  /** The last offset by an index that was there, also where it does not fit; below 0 for none. */
  long indexedLast() {
    return indexedLast;
  }

  /** Goes through the records, to add to them again; the index is made again when it is sealed. */
  void reopen() throws IOException {
    if (open()) {
      return; // it was gone through already
    }
    directory.delete(indexName());
    scan();
  }

  /** Writes the length of the last record, which goes to the end of the file. */
  void mendLength(long place) throws IOException {
    ByteBuffer length = ByteBuffer.allocate(4).putInt((int) (file.size() - place));
    file.write(length.flip(), place);
    scan();
  }

  /** Nothing behind {@link #complete} counts: it was never acknowledged. */
  void forgetIncomplete() throws IOException {
    SegmentScan scan =
        SegmentScan.of(header, new SegmentReader(file, header.salt(), complete), limit);
    synchronized (this) {
      index = scan.index();
      known = scan.known();
    }
  }

  /** Copies the records that count, and the index where there is one. */
  void copy(Directory to) throws IOException {
    LogCopy.file(file, to, name(), known.length);
    synchronized (this) {
      if (index instanceof IndexFile stored) {
        stored.copy(to, indexName());
      }
    }
  }

  private String indexName() {
    return SegmentFormat.indexName(header.first());
  }
}
