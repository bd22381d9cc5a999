package io.tidings.log.disk;

import io.tidings.log.Journal;
import io.tidings.log.LogRecord;
import io.tidings.log.LogSize;
import io.tidings.log.Retention;
import io.tidings.log.SequenceGap;
import io.tidings.metrics.LogMetrics;
import io.tidings.settings.LogSettings.Sync;
import io.vertx.core.Future;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;

/**
 * The journal in the segments of a directory. One thread writes; any thread reads what was
 * appended.
 *
 * <p>After a failed append its bytes may be on the disk. {@link #rollBack} ensures that they never
 * count, in one of two ways: it truncates the file; or it begins a new segment, whose header names
 * the record before them as its predecessor. Both are atomic, which overwriting the bytes is not:
 * if the process ends meanwhile, they are a write that did not complete, not a damaged record,
 * which a start would report as a loss. Both are forced in every configuration, because then
 * publishers are told that nothing was stored. After a failed force the content of the file is
 * unknown, so only the second way remains.
 */
final class DiskJournal implements Journal {
  private static final int PROBE_BYTES = 64 << 10;

  private final Directory directory;
  private final long epoch;
  private Retention retention;
  private SegmentRollPolicy rollPolicy;
  private final Sync sync;
  private final Segments segments;
  private final DiskReads reads;
  private final BackgroundTasks tasks;
  private final Closeable lock;
  private final LogMetrics metrics;
  private final CommitMark commitMark;
  private final UnforcedRecords unforced;
  private final RecordEncoder encoder = new RecordEncoder();

  private volatile IOException forceFailure;

  /** Whether bytes of a failed append may follow the newest segment's records. */
  private boolean tailInDoubt;

  /** Whether the newest segment must not be written to any more. */
  private boolean newestAbandoned;

  /**
   * Segments without records that were replaced and whose files still exist. They are deleted
   * before any later segment: a start would report the records between them and the next file as
   * lost.
   */
  private final List<Segment> replaced = new ArrayList<>(1);

  /**
   * The resources of a journal.
   *
   * @param readers the threads that read
   * @param lock released when the journal is closed
   */
  record Environment(
      Directory directory,
      BackgroundTasks tasks,
      ExecutorService readers,
      Closeable lock,
      LogMetrics metrics) {}

  DiskJournal(
      Environment environment, long epoch, Retention retention, Sync sync, Segments segments) {
    this.directory = environment.directory();
    this.tasks = environment.tasks();
    this.reads = new DiskReads(segments, epoch, environment.readers());
    this.lock = environment.lock();
    this.metrics = environment.metrics();
    this.epoch = epoch;
    keep(retention);
    this.sync = sync;
    this.segments = segments;
    this.unforced = new UnforcedRecords(directory);
    this.commitMark = new CommitMark(directory);
    commitMark.set(segments.head());
  }

  /** Stops writing to the newest segment, because its state on the disk is unknown. */
  void abandonNewest() {
    newestAbandoned = true;
  }

  /** Reports that forcing appended records failed in the background. Any thread. */
  void forceFailed(IOException e) {
    forceFailure = e;
  }

  // ---- writing: one thread

  @Override
  public void append(List<LogRecord> records) throws IOException {
    encoder.encode(records);
    LogRecord last = records.get(records.size() - 1);
    if (newestAbandoned
        || rollPolicy.shouldRoll(
            segments.newest(), encoder.size(), last.offset(), last.entry().time())) {
      roll(records.get(0).offset());
    }
    Segment segment = segments.newest();
    tailInDoubt = true;
    segment.write(encoder.bytes(segment.file().header().salt()));
    if (sync.batch()) {
      force(segment);
    }
    tailInDoubt = false;
    commit(segment, records, last.offset());
  }

  private void commit(Segment segment, List<LogRecord> records, long last) {
    if (!sync.batch()) {
      unforced.add(segment); // before readers see the records, and ask to force them
    }
    List<SequenceGap> gaps = segment.contents().gaps();
    segment.appended(records, encoder);
    segments.commit(last);
    if (segment.contents().gaps() != gaps) {
      segments.refresh();
    }
    tasks.markDirty(segment);
    commitMark.set(last);
  }

  private void force(Segment segment) throws IOException {
    long begin = System.nanoTime();
    try {
      segment.file().force();
    } catch (IOException e) {
      newestAbandoned = true;
      throw e;
    }
    metrics.forced(System.nanoTime() - begin);
  }

  @Override
  public void rollBack(long next) throws IOException {
    if (!tailInDoubt) {
      return;
    }
    Segment segment = segments.newest();
    if (!succeeds(segment::truncate) || newestAbandoned || !succeeds(segment.file()::force)) {
      newestAbandoned = true;
      roll(next);
      force(segments.newest());
      forceName();
    }
    tailInDoubt = false;
  }

  private interface FileOperation {
    void run() throws IOException;
  }

  private static boolean succeeds(FileOperation operation) {
    try {
      operation.run();
      return true;
    } catch (IOException e) {
      return false; // the caller falls back to another way
    }
  }

  @Override
  public void probe(long next) throws IOException {
    if (newestAbandoned) {
      roll(next);
    }
    Segment segment = segments.newest();
    segment.write(ByteBuffer.allocate(PROBE_BYTES));
    if (!sync.os()) {
      force(segment);
    }
    segment.truncate();
  }

  @Override
  public Optional<IOException> forceFailure() {
    IOException failure = forceFailure;
    if (failure == null) {
      return Optional.empty();
    }
    forceFailure = null;
    newestAbandoned = true;
    return Optional.of(failure);
  }

  private void roll(long first) throws IOException {
    Segment full = segments.newest();
    if (!sync.os() && !newestAbandoned) {
      force(full);
    }
    var header = SegmentFormat.Header.of(epoch, first, segments.head(), full.contents().lastTime());
    Segment fresh = Segment.create(directory, header);
    segments.add(fresh).ifPresentOrElse(replaced::add, () -> tasks.seal(full));
    if (sync.batch()) {
      forceName();
    } else {
      unforced.nameAdded();
      if (!sync.os()) {
        tasks.forceNames(unforced);
      }
    }
    newestAbandoned = false;
    replaced.forEach(segment -> remove(segment, fresh));
    replaced.clear();
  }

  /**
   * Forces the name of the new segment, which may be missing after a power cut otherwise. If that
   * fails, the file of the replaced segment stays until a later segment has a name on the disk.
   */
  private void forceName() throws IOException {
    try {
      directory.force();
    } catch (IOException e) {
      newestAbandoned = true;
      throw e;
    }
  }

  /** Removes a segment without records, unless the new segment has taken over its file name. */
  private void remove(Segment empty, Segment fresh) {
    if (empty.first() == fresh.first()) {
      empty.release();
    } else {
      tasks.delete(empty);
    }
  }

  @Override
  public void keep(Retention other) {
    retention = other;
    rollPolicy = SegmentRollPolicy.of(other);
  }

  @Override
  public void expireNewest(long now, long next) throws IOException {
    if (Segments.tooOld(segments.newest().contents(), retention, now)) {
      roll(next);
    }
  }

  @Override
  public void applyRetention(long now) throws IOException {
    commitMark.retry(segments.head());
    for (Segment expired : segments.removeExpired(retention, now)) {
      unforced.remove(expired);
      tasks.delete(expired);
    }
  }

  @Override
  public void close(long next) throws IOException {
    tasks.close();
    try (lock;
        commitMark) {
      Segment newest = segments.newest();
      if (!tailInDoubt && !newestAbandoned) {
        newest.file().force();
        if (newest.contents().records() > 0) {
          newest.seal();
        }
      }
    } finally {
      unforced.close();
      reads.shutdown();
      replaced.forEach(Segment::release);
      segments.close();
    }
  }

  // ---- any thread

  @Override
  public void force() throws IOException {
    unforced.force();
  }

  @Override
  public Optional<Extent> extent() {
    return Optional.of(segments.extent());
  }

  @Override
  public <T> Future<T> read(Query<T> query) {
    return reads.submit(query);
  }

  @Override
  public <T> T readBlocking(Query<T> query) throws IOException {
    return reads.run(query);
  }

  @Override
  public Optional<LogSize> size() {
    return Optional.of(segments.logSize());
  }
}
