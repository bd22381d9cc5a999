package io.tidings.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One file of records, and what is known of it. One thread at a time adds; any may read what was
 * added. The file stays open until the last of those who {@link #acquire} it has let go of it, also
 * when the log has forgotten the segment meanwhile.
 */
final class Segment {
  private final Path path;
  private final FileChannel file;
  private final long epoch;
  private final long first;
  private final long previous;
  private final long previousTime;
  private final boolean writable;
  private final AtomicInteger users = new AtomicInteger(1);

  private volatile Known known;
  private SegmentIndex index;
  private boolean indexChecked;
  private boolean headerDamaged;
  private long complete = SegmentFormat.HEADER;
  private long indexedLast = -1;

  /**
   * What has been added, as of one moment.
   *
   * @param last the offset of the last record; the one before the segment where it has none
   * @param length how many bytes of the file count
   * @param breaks its breaks, in order
   */
  record Known(
      long last, long firstTime, long lastTime, long length, int records, List<Break> breaks) {}

  private Segment(
      Path path,
      FileChannel file,
      boolean writable,
      long epoch,
      long first,
      long previous,
      long previousTime) {
    this.path = path;
    this.file = file;
    this.writable = writable;
    this.epoch = epoch;
    this.first = first;
    this.previous = previous;
    this.previousTime = previousTime;
    this.known =
        new Known(previous, previousTime, previousTime, SegmentFormat.HEADER, 0, List.of());
    this.index = new GrowingIndex(first);
    this.indexChecked = true;
  }

  /** A new segment, whose header is written. */
  static Segment create(Path directory, long epoch, long first, long previous, long previousTime)
      throws IOException {
    Path path = directory.resolve(SegmentFormat.name(first) + SegmentFormat.SEGMENT_SUFFIX);
    var file =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    var segment = new Segment(path, file, true, epoch, first, previous, previousTime);
    try {
      segment.write(SegmentFormat.header(epoch, first, previous, previousTime), 0);
    } catch (IOException e) {
      file.close();
      Files.deleteIfExists(path);
      throw e;
    }
    return segment;
  }

  /**
   * A segment that is there already, by its index, or where that is missing or does not fit, by its
   * records.
   *
   * @param fallback the offset before it, where its header is damaged and does not tell; below 0
   *     where nobody knows
   */
  static Segment open(Path path, long epoch, long fallback, boolean writable) throws IOException {
    var file =
        writable
            ? FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)
            : FileChannel.open(path, StandardOpenOption.READ);
    ByteBuffer header = ByteBuffer.allocate(SegmentFormat.HEADER);
    file.read(header, 0);
    header.flip();
    boolean whole = SegmentFormat.isHeader(header);
    long first = Long.parseLong(path.getFileName().toString().split("\\.")[0]);
    long before = fallback < 0 ? first - 1 : fallback;
    var segment =
        new Segment(
            path,
            file,
            writable,
            whole ? header.getLong(8) : epoch,
            first,
            whole ? header.getLong(24) : before,
            whole ? header.getLong(32) : Long.MIN_VALUE);
    if (writable && file.size() < SegmentFormat.HEADER) { // made, and then the power went
      segment.write(SegmentFormat.header(epoch, first, before, Long.MIN_VALUE), 0);
      whole = true;
    }
    segment.headerDamaged = !whole;
    if (!segment.openIndex()) {
      segment.scan();
    }
    return segment;
  }

  long first() {
    return first;
  }

  /** The offset of the record before the segment. */
  long previous() {
    return previous;
  }

  /** The time of that record; where nobody knows, that of the first one here. */
  long previousTime() {
    return headerDamaged ? known.firstTime : previousTime;
  }

  /** Whether its header is not what was written. */
  boolean headerDamaged() {
    return headerDamaged;
  }

  Known known() {
    return known;
  }

  long last() {
    return known.last;
  }

  Path path() {
    return path;
  }

  /** Bytes on the disk, without the index. */
  long size() throws IOException {
    return file.size();
  }

  /** Whether it is still known by a growing index. */
  synchronized boolean open() {
    return index instanceof GrowingIndex;
  }

  /**
   * Where the records are. A stored index is looked through at its first use, and made anew from
   * the records where it is damaged.
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
    indexChecked = true;
    if (((StoredIndex) index).whole()) {
      return false;
    }
    long last = known.last;
    scan();
    if (known.last < last) { // by its head, which is whole
      var breaks = new ArrayList<>(known.breaks);
      breaks.add(new Break(known.last, last, last + 1));
      known = new Known(last, known.firstTime, known.lastTime, known.length, known.records, breaks);
    }
    if (writable) {
      Files.deleteIfExists(indexPath()); // the next start makes it anew
    }
    return true;
  }

  /** Whether there is an index, which is not whole. */
  synchronized boolean damagedIndex() {
    return Files.exists(indexPath()) && index instanceof GrowingIndex
        || index instanceof StoredIndex stored && !stored.whole();
  }

  /** One who reads the records that are known now. */
  SegmentReader reader() {
    return new SegmentReader(file, known.length);
  }

  /** One who reads all that the file has. */
  SegmentReader rawReader() throws IOException {
    return new SegmentReader(file, file.size());
  }

  /** Puts bytes at the end of what is known; they count when they are {@link #added}. */
  void write(ByteBuffer bytes) throws IOException {
    write(bytes, known.length);
  }

  private void write(ByteBuffer bytes, long place) throws IOException {
    long at = place;
    while (bytes.hasRemaining()) {
      at += file.write(bytes, at);
    }
  }

  /** Cuts off what does not count. */
  void truncate() throws IOException {
    file.truncate(known.length);
  }

  /** Sees to it that what was written survives a power cut. */
  void force() throws IOException {
    file.force(false);
  }

  /** Records have been written: they count from now on. */
  void added(List<Added> records, long length) {
    var growing = (GrowingIndex) index;
    Known before = known;
    List<Break> breaks = before.breaks;
    long last = before.last;
    for (Added record : records) {
      Entry entry = record.entry;
      breaks = chain(breaks, last, entry.previous(), entry.offset());
      growing.add(
          entry.offset(),
          record.place,
          entry.time(),
          entry.event().topics(),
          entry.event().id(),
          record.key);
      last = entry.offset();
    }
    long time = records.get(records.size() - 1).entry.time();
    known =
        new Known(
            last,
            before.records == 0 ? records.get(0).entry.time() : before.firstTime,
            time,
            length,
            before.records + records.size(),
            breaks);
  }

  /** A record, its place in the file, and its publication's key where it is the first of one. */
  record Added(Entry entry, int place, String key) {}

  /**
   * Writes the index beside the segment, to which nothing is added any more, and uses it. It is not
   * forced to the disk: one that a power cut damages is made anew.
   */
  void seal() throws IOException {
    Known now = known;
    var head =
        new StoredIndex.Head(
            epoch,
            first,
            now.last,
            now.firstTime,
            now.lastTime,
            now.length,
            now.records,
            now.breaks);
    GrowingIndex growing;
    synchronized (this) {
      growing = (GrowingIndex) index;
    }
    ByteBuffer stored = growing.stored(head);
    Path half = path.resolveSibling(path.getFileName() + ".tmp");
    try (var to =
        FileChannel.open(
            half,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      while (stored.hasRemaining()) {
        to.write(stored);
      }
    } catch (IOException e) {
      Files.deleteIfExists(half);
      throw e;
    }
    Files.move(half, indexPath(), StandardCopyOption.ATOMIC_MOVE);
    openIndex();
  }

  /** Keeps the file open until {@link #release}. Only while the log knows the segment. */
  void acquire() {
    users.incrementAndGet();
  }

  void release() {
    if (users.decrementAndGet() == 0) {
      close();
    }
  }

  /** Removes the files; those who read go on. */
  void delete() throws IOException {
    try {
      Files.deleteIfExists(indexPath());
      Files.deleteIfExists(path);
    } finally {
      release();
    }
  }

  private void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Takes the index from its file; false where there is none that fits. */
  private synchronized boolean openIndex() throws IOException {
    ByteBuffer bytes;
    try (var from = FileChannel.open(indexPath(), StandardOpenOption.READ)) {
      bytes = from.map(FileChannel.MapMode.READ_ONLY, 0, from.size());
    } catch (NoSuchFileException e) {
      return false;
    }
    if (!StoredIndex.valid(bytes)) {
      return false;
    }
    var stored = new StoredIndex(bytes);
    StoredIndex.Head head = stored.head();
    if (head.epoch() != epoch || head.first() != first) {
      return false;
    }
    indexedLast = head.last();
    if (head.length() > file.size()) {
      return false; // something was cut off
    }
    var more = new SegmentReader(file, file.size());
    if (more.read(head.length()) && more.offset() > head.last()) {
      return false; // something was added
    }
    index = stored;
    indexChecked = false;
    known =
        new Known(
            head.last(),
            head.firstTime(),
            head.lastTime(),
            head.length(),
            head.records(),
            head.breaks());
    return true;
  }

  /** Goes through all records, whole ones after damaged ones too. */
  private synchronized void scan() throws IOException {
    var growing = new GrowingIndex(first);
    List<Break> breaks = new ArrayList<>();
    SegmentReader reader = rawReader();
    long last = previous;
    long firstTime = previousTime;
    long lastTime = previousTime;
    long length = SegmentFormat.HEADER;
    complete = length;
    int records = 0;
    long from = length;
    while (reader.find(from, Math.max(last, first - 1))) {
      breaks = chain(breaks, last, reader.previous(), reader.offset());
      growing.add(
          reader.offset(),
          (int) reader.position(),
          reader.time(),
          reader.topics(),
          reader.id(),
          reader.key());
      last = reader.offset();
      lastTime = reader.time();
      firstTime = records++ == 0 ? lastTime : firstTime;
      from = reader.next();
      length = from;
      complete = reader.following() == 0 ? from : complete;
    }
    index = growing;
    indexChecked = true;
    known = new Known(last, firstTime, lastTime, length, records, List.copyOf(breaks));
  }

  /** Where the last publication ends that has all of its records; known where it was scanned. */
  long complete() {
    return complete;
  }

  /** The last offset by an index that was there, also where it does not fit; below 0 for none. */
  long indexedLast() {
    return indexedLast;
  }

  /** Goes through the records, to add to them again; the index is made anew when it is sealed. */
  void reopen() throws IOException {
    if (open()) {
      return; // it was gone through already
    }
    Files.deleteIfExists(indexPath());
    scan();
  }

  /** Writes the length of the last record, which goes to the end of the file. */
  void mendLength(long place) throws IOException {
    ByteBuffer length = ByteBuffer.allocate(4).putInt((int) (file.size() - place));
    write(length.flip(), place);
    scan();
  }

  /** Cuts off what follows {@link #complete}, which was never acknowledged. */
  void cutBack() throws IOException {
    file.truncate(complete);
    scan();
  }

  private static List<Break> chain(List<Break> breaks, long last, long previous, long offset) {
    if (offset == last + 1 && previous == last) {
      return breaks;
    }
    var more = new ArrayList<>(breaks);
    more.add(new Break(last, previous, offset));
    return more;
  }

  private Path indexPath() {
    String name = path.getFileName().toString();
    return path.resolveSibling(
        name.replace(SegmentFormat.SEGMENT_SUFFIX, SegmentFormat.INDEX_SUFFIX));
  }
}
