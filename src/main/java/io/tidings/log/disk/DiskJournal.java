package io.tidings.log.disk;

import io.tidings.event.Position;
import io.tidings.log.Journal;
import io.tidings.log.LogRecord;
import io.tidings.log.LogSize;
import io.tidings.log.LogUnavailable;
import io.tidings.log.Retention;
import io.tidings.log.SequenceGap;
import io.tidings.metrics.Metrics;
import io.tidings.settings.Settings.Log.Sync;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;

/**
 * The journal in the segments of a directory. One thread writes; any thread reads what was
 * appended. The monitor guards the list of segments, and is never held during a file operation.
 *
 * <p>After a failed append its bytes may be on the disk. {@link #settle} makes sure that they never
 * count, by one of three ways, each as durable as the log is set to be: it cuts the file back; it
 * overwrites them with zeros; or it begins a new segment, whose header names the record before them
 * as its predecessor. After a failed force nobody knows what the file has, so only the last way
 * remains.
 */
final class DiskJournal implements Journal {
  private static final int PROBE_BYTES = 64 << 10;

  private final Directory directory;
  private final long epoch;
  private final Retention keep;
  private final SegmentRollPolicy rolling;
  private final Sync sync;
  private final Segments segments;
  private final BackgroundTasks tasks;
  private final ExecutorService readers;
  private final Closeable lock;
  private final Metrics.Log metrics;
  private final CommitMark mark;
  private final RecordEncoder encoder = new RecordEncoder();

  /** The offset that the next record will name as its predecessor. */
  private volatile long previous;

  private volatile Extent extent;
  private volatile IOException forceFailure;

  /** Whether bytes of a failed append may be behind the newest segment's records. */
  private boolean unsettled;

  /** Whether nothing more is to be written to the newest segment. */
  private boolean leaveFile;

  /**
   * What a journal works with.
   *
   * @param readers the threads that read
   * @param lock is released when the journal is closed
   */
  record Environment(
      Directory directory,
      BackgroundTasks tasks,
      ExecutorService readers,
      Closeable lock,
      Metrics.Log metrics) {}

  /**
   * @param list the segments, the oldest first; the last is written to
   * @param previous the offset that the next record will name as its predecessor
   */
  DiskJournal(
      Environment environment,
      long epoch,
      Retention keep,
      Sync sync,
      List<Segment> list,
      long previous) {
    this.directory = environment.directory();
    this.tasks = environment.tasks();
    this.readers = environment.readers();
    this.lock = environment.lock();
    this.metrics = environment.metrics();
    this.epoch = epoch;
    this.keep = keep;
    this.rolling = SegmentRollPolicy.of(keep);
    this.sync = sync;
    this.segments = new Segments(list);
    this.previous = previous;
    this.mark = new CommitMark(directory);
    mark.set(previous);
    refresh();
  }

  /** Nothing more is written to the newest segment, because of how the last life ended. */
  void leaveNewest() {
    leaveFile = true;
  }

  /** Forcing what was written failed: nobody knows what the file has. Any thread. */
  void forceFailed(IOException e) {
    forceFailure = e;
  }

  // ---- the thread that writes

  @Override
  public void append(List<LogRecord> records) throws IOException {
    encoder.encode(records);
    LogRecord last = records.get(records.size() - 1);
    if (leaveFile || rolling.due(newest(), encoder.size(), last.offset(), last.entry().time())) {
      roll(records.get(0).offset());
    }
    Segment segment = newest();
    unsettled = true;
    segment.write(encoder.bytes(segment.salt()));
    if (sync.batch()) {
      force(segment);
    }
    unsettled = false;
    committed(segment, records, last.offset());
  }

  private void committed(Segment segment, List<LogRecord> records, long last) {
    List<SequenceGap> gaps = segment.known().gaps();
    segment.added(records, encoder);
    previous = last;
    if (segment.known().gaps() != gaps) {
      refresh();
    }
    tasks.written(segment);
    mark.set(last);
  }

  private void force(Segment segment) throws IOException {
    long begin = System.nanoTime();
    try {
      segment.force();
    } catch (IOException e) {
      leaveFile = true;
      throw e;
    }
    metrics.forced(System.nanoTime() - begin);
  }

  @Override
  public void settle(long next) throws IOException {
    if (!unsettled) {
      return;
    }
    Segment segment = newest();
    boolean cut = attempt(segment::truncate) || attempt(segment::blot);
    if (leaveFile || !cut || !sync.os() && !attempt(segment::force)) {
      leaveFile = true;
      roll(next);
      if (!sync.os()) {
        force(newest());
        directory.force();
      }
    }
    unsettled = false;
  }

  private interface FileOperation {
    void run() throws IOException;
  }

  /** Whether it succeeded; if not, there is another way. */
  private static boolean attempt(FileOperation operation) {
    try {
      operation.run();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void probe(long next) throws IOException {
    if (leaveFile) {
      roll(next);
    }
    Segment segment = newest();
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
    leaveFile = true;
    return Optional.of(failure);
  }

  private void roll(long first) throws IOException {
    Segment full = newest();
    if (!sync.os() && !leaveFile) {
      force(full);
    }
    Segment fresh =
        Segment.create(
            directory, SegmentFormat.Header.of(epoch, first, previous, full.known().lastTime()));
    Optional<Segment> replaced;
    synchronized (this) {
      replaced = segments.add(fresh);
    }
    refresh();
    if (replaced.isEmpty()) {
      tasks.seal(full);
    }
    if (sync.batch()) {
      forceName(replaced);
    } else if (!sync.os()) {
      tasks.force(directory);
    }
    leaveFile = false;
    replaced.ifPresent(segment -> remove(segment, fresh));
  }

  /** Or the file itself may be missing after a power cut; until then, the replaced one stays. */
  private void forceName(Optional<Segment> replaced) throws IOException {
    try {
      directory.force();
    } catch (IOException e) {
      leaveFile = true;
      replaced.ifPresent(Segment::release);
      throw e;
    }
  }

  /** A segment without records is of no use; its file may have become the new one. */
  private void remove(Segment replaced, Segment fresh) {
    if (replaced.first() == fresh.first()) {
      replaced.release();
    } else {
      tasks.delete(replaced);
    }
  }

  @Override
  public void applyRetention(long now, boolean idle, long next) throws IOException {
    mark.retry(previous);
    if (idle && tooOld(newest().known(), now)) {
      roll(next);
    }
    var forgotten = new ArrayList<Segment>();
    synchronized (this) {
      for (Optional<Segment> oldest = segments.oldestSealed();
          oldest.isPresent() && tooMuch(oldest.get(), now);
          oldest = segments.oldestSealed()) {
        segments.removeOldest();
        forgotten.add(oldest.get());
      }
    }
    if (!forgotten.isEmpty()) {
      refresh();
      forgotten.forEach(tasks::delete);
    }
  }

  private boolean tooMuch(Segment oldest, long now) {
    return keep.exceededBy(segments.bytes(), segments.records()) || tooOld(oldest.known(), now);
  }

  private boolean tooOld(Segment.Known known, long now) {
    return known.records() > 0 && known.lastTime() < keep.horizon(now);
  }

  @Override
  public void close(long next) throws IOException {
    tasks.close();
    try (lock;
        mark) {
      Segment newest = newest();
      if (!unsettled && !leaveFile) {
        newest.force();
        if (newest.known().records() > 0) {
          newest.seal();
        }
      }
    } finally {
      readers.shutdown();
      synchronized (this) {
        segments.close();
      }
    }
  }

  /** Has indexes written for segments that nothing is added to. */
  void seal(List<Segment> unindexed) {
    unindexed.forEach(tasks::seal);
  }

  // ---- any thread

  private synchronized Segment newest() {
    return segments.newest();
  }

  /** Works out again what the journal has. */
  private synchronized void refresh() {
    extent =
        new Extent(
            segments.start(), segments.forgottenTime(), segments.gaps(previous, previous + 1));
  }

  /** The gaps, as they are known by now: a damaged index may have brought more of them to light. */
  private synchronized List<SequenceGap> gapsNow() {
    refresh();
    return extent.gaps();
  }

  @Override
  public Optional<Extent> extent() {
    return Optional.of(extent);
  }

  @Override
  public <T> Future<T> read(Query<T> query) {
    Promise<T> promise = Promise.promise();
    try {
      readers.execute(
          () -> {
            try {
              promise.complete(readHere(query));
            } catch (IOException e) {
              promise.fail(new LogUnavailable("the log can't be read: " + e.getMessage(), e));
            } catch (RuntimeException | Error e) {
              promise.fail(e);
            }
          });
    } catch (RejectedExecutionException e) {
      promise.fail(new LogUnavailable("the log is closed", e));
    }
    return promise.future();
  }

  @Override
  public <T> T readHere(Query<T> query) throws IOException {
    List<Segment> acquired;
    DiskReader reader;
    synchronized (this) {
      acquired = segments.acquire();
      reader = new DiskReader(acquired, extent, this::gapsNow, new Position(epoch, previous));
    }
    try {
      return query.answer(reader);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } finally {
      acquired.forEach(Segment::release);
    }
  }

  @Override
  public synchronized Optional<LogSize> size() {
    var oldest = segments.oldestTime().map(OptionalLong::of).orElseGet(OptionalLong::empty);
    return Optional.of(new LogSize(segments.bytes(), segments.records(), oldest));
  }

  synchronized int segmentCount() {
    return segments.size();
  }
}
