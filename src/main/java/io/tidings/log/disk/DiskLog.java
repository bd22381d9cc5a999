package io.tidings.log.disk;

import io.tidings.log.CommitLimits;
import io.tidings.log.LocalLog;
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
 * Opens the log of a single node in its directory, and brings it into order after a life that did
 * not end in good order. The newest entries are in memory too, so that most of what is asked for
 * never reaches the disk.
 */
public final class DiskLog {
  private static final int READERS = 2;

  private DiskLog() {}

  /**
   * Opens the log; its directory is made where there is none.
   *
   * @param clock tells the time of appending
   * @throws IOException in one line, where the directory can't be used
   */
  public static StandaloneLog open(LogSettings settings, InstantSource clock, Metrics metrics)
      throws IOException {
    Path path = Path.of(settings.dir());
    LogLock lock = LogLock.of(path);
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
   * What a log on disk runs on.
   *
   * @param tasks the thread of what nobody waits for
   * @param readers the threads that read
   * @param lock is released when the log is closed
   */
  record Parts(
      Directory files, ScheduledExecutorService tasks, ExecutorService readers, Closeable lock) {}

  /** Opens a log whose directory is this process's. */
  static StandaloneLog open(LogSettings settings, Parts parts, InstantSource clock, Metrics metrics)
      throws IOException {
    CommitLimits limits = CommitLimits.of(settings.once(), settings.patience());
    return StandaloneLog.start(
        prepare(settings, parts, clock, metrics.log()), limits, clock, metrics.log());
  }

  /** Brings a log into order, whose directory is this process's. */
  static StandaloneLog.Opened prepare(
      LogSettings settings, Parts parts, InstantSource clock, LogMetrics metrics)
      throws IOException {
    long begin = System.nanoTime();
    var directory = new LogDirectory(parts.files());
    directory.tidy();
    LogDirectory.Identity identity = directory.identityForGood();
    List<Segment> list = new ArrayList<>(directory.openToWrite(identity.epoch()));
    try {
      return new Opening(settings, parts, identity, list, metrics).opened(clock, begin);
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

  /** The steps of one opening. */
  private static final class Opening {
    private final LogSettings settings;
    private final Parts parts;
    private final LogDirectory.Identity identity;
    private final List<Segment> list;
    private final LogMetrics metrics;
    private final Retention keep;
    private final AtomicReference<DiskJournal> journal = new AtomicReference<>();
    private final BackgroundTasks tasks;
    private ReservationFile reserved;
    private long next;
    private long previous;
    private Optional<IOException> full = Optional.empty();

    Opening(
        LogSettings settings,
        Parts parts,
        LogDirectory.Identity identity,
        List<Segment> list,
        LogMetrics metrics) {
      this.settings = settings;
      this.parts = parts;
      this.identity = identity;
      this.list = list;
      this.metrics = metrics;
      this.keep = Retention.of(settings.keep());
      this.tasks =
          new BackgroundTasks(
              parts.tasks(), settings.sync(), e -> journal.get().forceFailed(e), metrics);
    }

    StandaloneLog.Opened opened(InstantSource clock, long begin) throws IOException {
      Recovery recovery = Recovery.of(list);
      String found = recovery.report();
      findOffsets(recovery);
      List<Segment> unindexed = new ArrayList<>(list.stream().filter(Segment::open).toList());
      if (recovery.goesOnIn(SegmentRollPolicy.of(keep))) {
        unindexed.remove(recovery.newest());
        goOnIn(recovery.newest());
      } else {
        addSegment(recovery.lastTime());
      }
      var disk =
          new DiskJournal(
              new DiskJournal.Environment(
                  parts.files(), tasks, parts.readers(), parts.lock(), metrics),
              identity.epoch(),
              keep,
              settings.sync(),
              list,
              previous);
      journal.set(disk);
      if (full.isPresent()) {
        disk.leaveNewest();
        unindexed.remove(recovery.newest());
      }
      disk.seal(unindexed);
      LocalLog local = local(disk, recovery.lastTime(), clock);
      long millis = (System.nanoTime() - begin) / 1_000_000;
      String report = parts.files().path() + ": " + found + " (" + millis + " ms)";
      return new StandaloneLog.Opened(local, reserved, recovery.lastTime(), full, report);
    }

    private LocalLog local(DiskJournal disk, long lastTime, InstantSource clock) {
      var local =
          new LocalLog(
              identity.epoch(),
              identity.ancestors(),
              disk,
              previous,
              lastTime,
              next,
              Retention.ofBytes(settings.memory()));
      metrics.registerSize(
          () -> local.size().bytes(),
          () -> local.size().entries(),
          disk::segmentCount,
          () -> local.size().oldestSeconds(clock.millis()));
      return local;
    }

    /** Which offset comes next, and which one its record names as its predecessor. */
    private void findOffsets(Recovery recovery) throws IOException {
      reserved = ReservationFile.open(parts.files(), tasks, recovery.last() + 1);
      next = Math.max(recovery.last() + 1, reserved.next());
      previous = recovery.last();
      if (recovery.damagedEnd()) {
        next = Math.max(next, recovery.lostUpTo() + 1);
        previous = next - 1;
      }
    }

    /**
     * The newest segment is written to again. What is found in it, and its name, may not be on the
     * disk yet: the last process may have ended before it forced them.
     */
    private void goOnIn(Segment newest) throws IOException {
      newest.reopen();
      if (!settings.sync().os()) {
        try {
          newest.force();
          parts.files().force();
        } catch (IOException e) {
          full = Optional.of(e);
        }
      }
    }

    /** A new segment to write to; where there is no room for it, what is there can be read. */
    private void addSegment(long lastTime) throws IOException {
      boolean first = list.isEmpty();
      try {
        reserved.cover(next);
        if (!first && !settings.sync().os()) {
          list.get(list.size() - 1).force();
        }
        var header = SegmentFormat.Header.of(identity.epoch(), next, previous, lastTime);
        adopt(Segment.create(parts.files(), header));
        parts.files().force();
      } catch (IOException e) {
        if (first) {
          throw e;
        }
        full = Optional.of(e);
      }
    }

    /** One that begins where an empty one did has taken its file. */
    private void adopt(Segment fresh) {
      if (!list.isEmpty() && list.get(list.size() - 1).first() == fresh.first()) {
        list.remove(list.size() - 1).release();
      }
      list.add(fresh);
    }
  }
}
