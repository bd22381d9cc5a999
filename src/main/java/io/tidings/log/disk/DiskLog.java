package io.tidings.log.disk;

import io.tidings.event.CautiousClock;
import io.tidings.event.Position;
import io.tidings.log.CommitLimits;
import io.tidings.log.ExpiringRecord;
import io.tidings.log.LocalLog;
import io.tidings.log.LocalRecords;
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
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Opens a log in its directory, a single node's or a copy of the replicated one, and repairs it if
 * the previous process did not shut down cleanly. The newest entries are in memory too, so most
 * reads never reach the disk.
 */
public final class DiskLog {
  private static final System.Logger LOG = System.getLogger(DiskLog.class.getName());
  private static final int READERS = 2;

  private DiskLog() {}

  /**
   * Opens the log; its directory is created if it does not exist.
   *
   * @param clock the source of the times of records
   * @throws IOException with a message of one line, if the directory cannot be used, or is that of
   *     a cluster's voter
   */
  public static StandaloneLog open(LogSettings settings, InstantSource clock, Metrics metrics)
      throws IOException {
    if (LogFiles.isVoters(Path.of(settings.dir()))) {
      throw new IOException(
          "belongs to a node of a cluster, and only the cluster may append to it: start it with --cluster, or see \"Back to a single node\" in docs/cluster.md");
    }
    return inLockedDirectory(settings, parts -> open(settings, parts, clock, metrics));
  }

  /**
   * Opens a node's copy of the replicated log; its directory is created if it does not exist. A
   * directory that has never had a record takes the cluster's epoch; a single node's directory
   * becomes the copy of the log that it had if the cluster has taken its epoch.
   *
   * <p>Offsets are assigned by the cluster and are dense: the next record has the offset {@link
   * LocalLog#last} + 1. When this returns, all records of the log are on the disk, whatever {@code
   * log.sync} is.
   *
   * <p>In a directory that a single node wrote, the offsets after its last record may have been
   * seen by clients: with {@code log.sync: os} a power cut loses records that were delivered. So
   * the log continues where that node would have, which after a clean shutdown is the next offset;
   * what is skipped otherwise is reported to streams as lost.
   *
   * @param epoch of the cluster's log
   * @param trustedUpTo if present, records with a higher offset are removed, since they are written
   *     again from the Raft log: the last offset of the state that was saved, all of which had been
   *     forced before. Needed after a failed {@link LocalLog#force}, because the system's memory
   *     then has records that are not on the disk and that another force does not write; and after
   *     a power cut, which may have damaged what was not forced. A process can't know whether one
   *     of both happened to an earlier one. Empty for a directory that was not a copy of the log
   *     before
   * @param clock the source of the current time
   * @throws IOException with a message of one line, if the directory cannot be used, written to or
   *     forced, or belongs to another log
   */
  public static LocalLog openReplica(
      LogSettings settings,
      long epoch,
      OptionalLong trustedUpTo,
      InstantSource clock,
      Metrics metrics)
      throws IOException {
    return inLockedDirectory(
        settings, parts -> openReplica(settings, parts, epoch, trustedUpTo, clock, metrics.log()));
  }

  /**
   * The file of a cluster's node with a copy of the expiring records, which are in the replicated
   * state: for backups of its directory, and for a single node that continues the log. What an
   * earlier process wrote is replaced when the first record is added.
   */
  public static LocalRecords copyOfRecords(LogSettings settings, InstantSource clock) {
    var files = new FileDirectory(Path.of(settings.dir()));
    return LocalRecords.stored(List.of(), new RecordFile(files), CautiousClock.of(clock));
  }

  private interface Opener<T> {
    T open(Parts parts) throws IOException;
  }

  private static <T> T inLockedDirectory(LogSettings settings, Opener<T> opener)
      throws IOException {
    Path path = Path.of(settings.dir());
    LogLock lock = LogLock.acquire(path);
    var files = new FileDirectory(path);
    ExecutorService readers = readers();
    ScheduledExecutorService tasks = BackgroundTasks.thread();
    try {
      return opener.open(new Parts(files, tasks, readers, lock));
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
    long begin = System.nanoTime();
    var directory = new LogDirectory(parts.files());
    directory.deleteLeftovers();
    LogDirectory.Identity identity = directory.readOrCreateIdentity(Position.newEpoch());
    return new Opening(settings, parts, Offsets.OWN, identity, metrics).opened(clock, begin);
  }

  /** As the public method, in a directory that this process has locked. */
  static LocalLog openReplica(
      LogSettings settings,
      Parts parts,
      long epoch,
      OptionalLong trustedUpTo,
      InstantSource clock,
      LogMetrics metrics)
      throws IOException {
    long begin = System.nanoTime();
    var directory = new LogDirectory(parts.files());
    directory.deleteLeftovers();
    var replica = new ReplicaDirectory(directory);
    LogDirectory.Identity identity = replica.claim(epoch);
    if (trustedUpTo.isPresent()) {
      replica.removeAfter(trustedUpTo.getAsLong());
    }
    StandaloneLog.Opened opened =
        new Opening(settings, parts, Offsets.REPLICATED, identity, metrics).opened(clock, begin);
    LOG.log(System.Logger.Level.INFO, opened.report());
    return opened.log();
  }

  /** Who assigns the offsets of the records. */
  private enum Offsets {
    /** This node, which must not assign one twice. */
    OWN,
    /** The cluster; all nodes assign the same. */
    REPLICATED
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
        LogMetrics metrics)
        throws IOException {
      this.settings = settings;
      this.parts = parts;
      this.offsets = offsets;
      this.identity = identity;
      this.metrics = metrics;
      this.retention = Retention.of(settings.keep());
      this.tasks =
          new BackgroundTasks(
              parts.tasks(), settings.sync(), e -> journal.get().forceFailed(e), metrics);
      this.list = new ArrayList<>(new LogDirectory(parts.files()).openToWrite(identity.epoch()));
    }

    StandaloneLog.Opened opened(InstantSource clock, long begin) throws IOException {
      try {
        return recovered(clock, begin);
      } catch (IOException | RuntimeException e) {
        reservation.close();
        list.forEach(Segment::release);
        throw e;
      }
    }

    private StandaloneLog.Opened recovered(InstantSource clock, long begin) throws IOException {
      Recovery recovery = Recovery.of(list);
      String findings = recovery.report();
      List<ExpiringRecord> expiring = readRecords();
      findOffsets(recovery);
      List<Segment> unindexed =
          new ArrayList<>(list.stream().filter(Segment::indexInMemory).toList());
      boolean dense = offsets == Offsets.OWN || previous == recovery.last();
      if (dense && recovery.canAppendToNewest(SegmentRollPolicy.of(retention))) {
        unindexed.remove(recovery.newest());
        reopenNewest(recovery.newest());
      } else {
        addSegment(recovery.lastTime());
      }
      if (offsets == Offsets.REPLICATED) {
        forceAll();
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
      // last: it begins to write
      LocalRecords records = records(expiring, clock);
      return new StandaloneLog.Opened(
          local, reservation, recovery.lastTime(), writeFailure, records, report);
    }

    /** The expiring records of a single node; those of a cluster are in its replicated state. */
    private List<ExpiringRecord> readRecords() throws IOException {
      if (offsets == Offsets.REPLICATED) {
        return List.of();
      }
      RecordFile.Contents contents = RecordFile.read(parts.files());
      if (contents.tornBytes() > 0) {
        LOG.log(
            System.Logger.Level.WARNING,
            "{0}: {1}: the last {2} bytes are not complete and are dropped",
            parts.files().path(),
            RecordFile.NAME,
            contents.tornBytes());
      }
      return contents.records();
    }

    private LocalRecords records(List<ExpiringRecord> existing, InstantSource clock) {
      return offsets == Offsets.REPLICATED
          ? LocalRecords.inMemory(CautiousClock.of(clock))
          : LocalRecords.stored(existing, new RecordFile(parts.files()), CautiousClock.of(clock));
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
        next = nextOfReplica(recovery);
        previous = next - 1;
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
     * The offset after the last record, which is dense. Only in a directory that a single node
     * wrote, offsets are skipped: those that it may have assigned and lost.
     */
    private long nextOfReplica(Recovery recovery) throws IOException {
      long lowest = recovery.nextOffset();
      OptionalLong reserved = ReservationFile.read(parts.files(), lowest);
      return reserved.isEmpty()
          ? lowest
          : Math.max(reserved.getAsLong(), Math.max(lowest, recovery.lostUpTo() + 1));
    }

    /**
     * Forces everything: the process that wrote it may not have. From then on the segments say
     * where a single node's log continues, and no other node may assign offsets by its reservation.
     */
    private void forceAll() throws IOException {
      if (writeFailure.isPresent()) {
        throw writeFailure.get();
      }
      for (Segment segment : list) {
        segment.file().force();
      }
      parts.files().force();
      if (parts.files().exists(ReservationFile.NAME)) {
        parts.files().delete(ReservationFile.NAME);
        parts.files().force();
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
