package io.tidings.log.disk;

import io.tidings.log.CommitLimits;
import io.tidings.log.LocalLog;
import io.tidings.log.OffsetReservation;
import io.tidings.log.Retention;
import io.tidings.log.StandaloneLog;
import io.tidings.metrics.LogMetrics;
import io.tidings.metrics.Metrics;
import io.tidings.settings.LogSettings;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Opens the log of a single node in its directory, and repairs it if the previous process did not
 * shut down cleanly. The newest entries are in memory too, so most reads never reach the disk.
 */
public final class DiskLog {
  private static final int READERS = 2;

  private DiskLog() {}

  /**
   * Opens the log; its directory is created if it does not exist.
   *
   * @param clock the source of the times of records
   * @throws IOException with a message of one line, if the directory cannot be used
   */
  public static StandaloneLog open(LogSettings settings, InstantSource clock, Metrics metrics)
      throws IOException {
    Path path = Path.of(settings.dir());
    LogLock lock = LogLock.acquire(path);
    var files = new FileDirectory(path);
    ExecutorService readers = readers();
    ScheduledExecutorService tasks = BackgroundTasks.thread();
    try {
      return open(settings, new Parts(files, tasks, readers, lock), clock, metrics);
    } catch (IOException | RuntimeException e) {
      readers.shutdown();
      tasks.shutdown();
      lock.close();
      throw e;
    }
  }

  /**
   * The resources of a log on disk.
   *
   * @param tasks the thread of the background tasks
   * @param readers the threads that read
   * @param lock released when the log is closed
   */
  record Parts(
      Directory files, ScheduledExecutorService tasks, ExecutorService readers, Closeable lock) {}

  /** Opens a log in a directory that this process has locked. */
  static StandaloneLog open(LogSettings settings, Parts parts, InstantSource clock, Metrics metrics)
      throws IOException {
    CommitLimits limits = CommitLimits.of(settings.once(), settings.patience());
    return StandaloneLog.start(
        prepare(settings, parts, clock, metrics.log()), limits, clock, metrics.log());
  }

  /** Recovers a log in a directory that this process has locked. */
  static StandaloneLog.Opened prepare(
      LogSettings settings, Parts parts, InstantSource clock, LogMetrics metrics)
      throws IOException {
    return prepare(settings, parts, Offsets.OWN, clock, metrics);
  }

  /**
   * Recovers the copy that a node of a cluster has of the replicated log, in a directory that this
   * process has locked. Its next record is the one after the last intact record: what was lost is
   * written again with the same offsets.
   */
  static LocalLog prepareReplica(
      LogSettings settings, Parts parts, InstantSource clock, LogMetrics metrics)
      throws IOException {
    return prepare(settings, parts, Offsets.REPLICATED, clock, metrics).log();
  }

  /** Who assigns the offsets of the records. */
  private enum Offsets {
    /** This node, which must not assign one twice. */
    OWN,
    /** The cluster; all nodes assign the same. */
    REPLICATED
  }

  private static StandaloneLog.Opened prepare(
      LogSettings settings, Parts parts, Offsets offsets, InstantSource clock, LogMetrics metrics)
      throws IOException {
    long begin = System.nanoTime();
    var directory = new LogDirectory(parts.files());
    directory.deleteLeftovers();
    LogDirectory.Identity identity = directory.readOrCreateIdentity();
    List<Segment> list = new ArrayList<>(directory.openToWrite(identity.epoch()));
    try {
      return new Opening(settings, parts, offsets, identity, list, metrics).opened(clock, begin);
    } catch (IOException | RuntimeException e) {
      list.forEach(Segment::release);
      throw e;
    }
  }

  private static ExecutorService readers() {
    var number = new AtomicInteger();
    return Executors.newFixedThreadPool(
        READERS,
        task -> {
          var thread = new Thread(task, "tidings-log-read-" + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
  }

  /** The state and the steps of opening one log. */
  private static final class Opening {
    private final LogSettings settings;
    private final Parts parts;
    private final Offsets offsets;
    private final LogDirectory.Identity identity;
    private final List<Segment> list;
    private final LogMetrics metrics;
    private final Retention retention;
    private final AtomicReference<DiskJournal> journal = new AtomicReference<>();
    private final BackgroundTasks tasks;
    private OffsetReservation reservation = OffsetReservation.NONE;
    private long next;
    private long previous;
    private Optional<IOException> writeFailure = Optional.empty();

    Opening(
        LogSettings settings,
        Parts parts,
        Offsets offsets,
        LogDirectory.Identity identity,
        List<Segment> list,
        LogMetrics metrics) {
      this.settings = settings;
      this.parts = parts;
      this.offsets = offsets;
      this.identity = identity;
      this.list = list;
      this.metrics = metrics;
      this.retention = Retention.of(settings.keep());
      this.tasks =
          new BackgroundTasks(
              parts.tasks(), settings.sync(), e -> journal.get().forceFailed(e), metrics);
    }

    StandaloneLog.Opened opened(InstantSource clock, long begin) throws IOException {
      Recovery recovery = Recovery.of(list);
      String findings = recovery.report();
      findOffsets(recovery);
      List<Segment> unindexed =
          new ArrayList<>(list.stream().filter(Segment::indexInMemory).toList());
      if (recovery.canAppendToNewest(SegmentRollPolicy.of(retention))) {
        unindexed.remove(recovery.newest());
        reopenNewest(recovery.newest());
      } else {
        addSegment(recovery.lastTime());
      }
      if (offsets == Offsets.REPLICATED && writeFailure.isPresent()) {
        throw writeFailure.get(); // what can't be forced may be lost, and is not written again
      }
      var segments = new Segments(list, previous);
      var disk =
          new DiskJournal(
              new DiskJournal.Environment(
                  parts.files(), tasks, parts.readers(), parts.lock(), metrics),
              identity.epoch(),
              retention,
              settings.sync(),
              segments);
      journal.set(disk);
      if (writeFailure.isPresent()) {
        disk.abandonNewest();
        unindexed.remove(recovery.newest());
      }
      unindexed.forEach(tasks::seal);
      LocalLog local = local(disk, segments, recovery.lastTime(), clock);
      long millis = (System.nanoTime() - begin) / 1_000_000;
      String report = parts.files().path() + ": " + findings + " (" + millis + " ms)";
      return new StandaloneLog.Opened(
          local, reservation, recovery.lastTime(), writeFailure, report);
    }

    private LocalLog local(
        DiskJournal disk, Segments segments, long lastTime, InstantSource clock) {
      var local =
          new LocalLog(
              identity.epoch(),
              identity.ancestors(),
              disk,
              new LocalLog.End(previous, lastTime, next),
              Retention.ofBytes(settings.memory()));
      metrics.registerSize(
          () -> local.size().bytes(),
          () -> local.size().entries(),
          segments::size,
          () -> local.size().oldestSeconds(clock.millis()));
      return local;
    }

    /** Determines the next offset, and the predecessor that its record will name. */
    private void findOffsets(Recovery recovery) throws IOException {
      if (offsets == Offsets.REPLICATED) {
        previous = recovery.last();
        next = previous + 1;
        return;
      }
      ReservationFile file = ReservationFile.open(parts.files(), tasks, recovery.nextOffset());
      reservation = file;
      next = Math.max(recovery.nextOffset(), file.next());
      previous = recovery.last();
      if (recovery.tailDamaged()) {
        next = Math.max(next, recovery.lostUpTo() + 1);
        previous = next - 1;
      }
    }

    /**
     * Appends to the newest segment again. Its records and its name may not be on the disk yet: the
     * previous process may have ended before it forced them.
     */
    private void reopenNewest(Segment newest) throws IOException {
      newest.reopen();
      if (!settings.sync().os()) {
        try {
          newest.file().force();
          parts.files().force();
        } catch (IOException e) {
          writeFailure = Optional.of(e);
        }
      }
    }

    /** Adds a segment to append to. If the disk is full, the log opens for reading only. */
    private void addSegment(long lastTime) throws IOException {
      boolean first = list.isEmpty();
      try {
        reservation.reserve(next);
        if (!first && !settings.sync().os()) {
          list.get(list.size() - 1).file().force();
        }
        var header = SegmentFormat.Header.of(identity.epoch(), next, previous, lastTime);
        addOrReplace(Segment.create(parts.files(), header));
        parts.files().force();
      } catch (IOException e) {
        if (first) {
          throw e;
        }
        writeFailure = Optional.of(e);
      }
    }

    /** Adds the segment; an empty one with the same first offset lost its file to it. */
    private void addOrReplace(Segment fresh) {
      if (!list.isEmpty() && list.get(list.size() - 1).first() == fresh.first()) {
        list.remove(list.size() - 1).release();
      }
      list.add(fresh);
    }
  }
}
