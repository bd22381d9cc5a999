package io.tidings.log.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.tidings.log.Entry;
import io.tidings.log.EpochAncestors;
import io.tidings.log.Gap;
import io.tidings.log.LocalLog;
import io.tidings.log.LogRecord;
import io.tidings.log.ManualClock;
import io.tidings.log.Page;
import io.tidings.log.Retention;
import io.tidings.log.SteppedLog;
import io.tidings.log.disk.SimulatedDisk.Operation;
import io.tidings.metrics.Metrics;
import io.tidings.settings.LogSettings;
import io.tidings.settings.Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node's copy of the replicated log: what is on the disk, and whose directory it is. */
class ReplicaTest {
  private static final long EPOCH = 7;
  private static final OptionalLong ALL = OptionalLong.empty();
  private static final int POWER_CUTS = 20;

  private SimulatedDisk disk = new SimulatedDisk(new Random(1));

  /** Segments of 4 KiB; nothing is forced unless the log is asked to. */
  private static LogSettings settings(String... more) {
    Map<String, Object> values = new HashMap<>();
    values.put("log.sync", "os");
    values.put("log.keep.bytes", "64KiB");
    for (int i = 0; i < more.length; i += 2) {
      values.put(more[i], more[i + 1]);
    }
    return Settings.of(values).log();
  }

  private static DiskLog.Parts parts(Directory directory) {
    return new DiskLog.Parts(directory, new InlineExecutor(), new InlineExecutor(), () -> {});
  }

  private static LocalLog open(Directory directory, long epoch, OptionalLong trusted)
      throws IOException {
    return open(directory, epoch, trusted, settings());
  }

  private static LocalLog open(
      Directory directory, long epoch, OptionalLong trusted, LogSettings settings)
      throws IOException {
    return DiskLog.openReplica(
        settings, parts(directory), epoch, trusted, new ManualClock(), new Metrics().log());
  }

  private LocalLog open(OptionalLong trusted) throws IOException {
    return open(disk, EPOCH, trusted);
  }

  private SteppedLog openSingleNode() throws IOException {
    var clock = new ManualClock();
    return new SteppedLog(
        DiskLog.prepare(settings(), parts(disk), clock, new Metrics().log()),
        Duration.ofMinutes(10),
        clock);
  }

  /** Appends records with the next offsets, each of some 300 bytes. */
  private static void append(LocalLog log, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      long last = log.last();
      Entry entry = Entry.of(new Position(EPOCH, last + 1), last, last + 1, event(last + 1));
      log.append(List.of(LogRecord.of(entry, 0, "")));
    }
  }

  private static Event event(long offset) {
    return Event.of("a", offset + " ".repeat(250));
  }

  private static String publish(SteppedLog log, String data) throws Exception {
    var published = log.append(Publication.of(List.of(Event.of("a", data))));
    log.step();
    return published.result().get(0).id();
  }

  /** The offsets that can be read, or -1 where entries are reported as missing. */
  private static List<Long> offsets(LocalLog log) {
    var offsets = new ArrayList<Long>();
    Position at = log.bounds().begin();
    boolean more = true;
    while (more) {
      Page page = log.after(at, Selection.EVERYTHING, 1_000).result();
      page.gap().ifPresent(gap -> offsets.add(-1L));
      page.entries().forEach(entry -> offsets.add(entry.offset()));
      more = page.end().offset() > at.offset();
      at = page.end();
    }
    return offsets;
  }

  private static List<Long> upTo(long last) {
    return LongStream.rangeClosed(1, last).boxed().toList();
  }

  private long segments() throws IOException {
    return new LogDirectory(disk).segments().size();
  }

  // ---- whose directory it is

  @Test
  void anEmptyDirectoryTakesTheEpochOfTheCluster() throws Exception {
    assertEquals(EPOCH, open(ALL).bounds().epoch());
    append(open(ALL), 1);
    assertEquals(EPOCH, open(ALL).bounds().epoch());
    assertThrows(IOException.class, () -> open(disk, 8, ALL));
  }

  @Test
  void aDirectoryThatNeverHadARecordTakesTheEpochOfTheCluster() throws Exception {
    openSingleNode().end();
    LocalLog log = open(ALL);
    append(log, 2);
    assertEquals(upTo(2), offsets(open(ALL)));
    assertEquals(EPOCH, log.bounds().epoch());
  }

  @Test
  void theDirectoryOfAnotherLogIsRefusedAndStaysAsItWas() throws Exception {
    SteppedLog single = openSingleNode();
    publish(single, "1");
    single.end();
    long other = single.bounds().epoch();
    IOException refused = assertThrows(IOException.class, () -> open(ALL));
    assertEquals(
        "belongs to another log: its epoch is " + other + ", that of the cluster's log is 7",
        refused.getMessage());
    assertEquals(1, openSingleNode().bounds().newest());
  }

  @Test
  void anEarlierEpochOfARestoredLogIsNotItsOwn() throws Exception {
    append(open(ALL), 1);
    EpochAncestors ancestors = EpochAncestors.NONE.branchedAt(EPOCH, 1);
    new LogDirectory(disk).writeIdentity(new LogDirectory.Identity(9, ancestors));
    assertThrows(IOException.class, () -> open(ALL));
    assertTrue(open(disk, 9, ALL).owns(new Position(EPOCH, 1)));
  }

  @Test
  void segmentsWithoutAnEpochThatCanBeReadAreRefused() throws Exception {
    append(open(ALL), 1);
    new LogDirectory(disk).deleteIdentity();
    DataFile segment = disk.open(SegmentFormat.segmentName(1), Directory.Access.READ_WRITE);
    segment.write(ByteBuffer.allocate(SegmentFormat.HEADER), 0);
    IOException refused = assertThrows(IOException.class, () -> open(ALL));
    assertTrue(refused.getMessage().contains("no epoch can be read"), refused.getMessage());
  }

  @Test
  void aDirectoryThatIsRefusedIsUnlocked(@TempDir Path path) throws Exception {
    LogSettings settings = settings("log.dir", path.toString());
    var clock = new ManualClock();
    LocalLog log = DiskLog.openReplica(settings, EPOCH, ALL, clock, new Metrics());
    assertThrows(
        IOException.class, () -> DiskLog.openReplica(settings, EPOCH, ALL, clock, new Metrics()));
    append(log, 1);
    log.force();
    log.close();
    assertThrows(IOException.class, log::force);
    assertThrows(
        IOException.class, () -> DiskLog.openReplica(settings, 8, ALL, clock, new Metrics()));
    LocalLog again = DiskLog.openReplica(settings, EPOCH, ALL, clock, new Metrics());
    assertEquals(1, again.last());
    again.close();
  }

  // ---- the directory of a single node

  @Test
  void theLogOfASingleNodeThatShutDownContinuesWithTheNextOffset() throws Exception {
    SteppedLog single = openSingleNode();
    publish(single, "1");
    single.end();
    LocalLog log = open(disk, single.bounds().epoch(), ALL);
    assertEquals(1, log.last());
    assertFalse(disk.exists(ReservationFile.NAME));
  }

  /** A power cut may have lost records that clients have received. */
  @Test
  void theLogOfASingleNodeThatWasKilledContinuesAboveWhatItMayHaveAssigned() throws Exception {
    SteppedLog single = openSingleNode();
    String id = publish(single, "1");
    long epoch = single.bounds().epoch();
    long reserved = ReservationFile.read(disk, 1).getAsLong();
    LocalLog log = open(disk, epoch, ALL);
    assertEquals(reserved - 1, log.last());
    Gap gap =
        log.find(new ResumeRequest.After(id), Selection.EVERYTHING, Selection.EVERYTHING, 0)
            .result()
            .gap()
            .orElseThrow();
    assertEquals(Gap.Reason.LOST, gap.reason());

    for (int powerCut = 0; powerCut < POWER_CUTS; powerCut++) {
      disk.powerCut();
      assertEquals(reserved - 1, open(disk, epoch, OptionalLong.of(reserved - 1)).last());
    }
    assertFalse(disk.exists(ReservationFile.NAME));
  }

  @Test
  void offsetsThatASingleNodeSkippedStaySkipped() throws Exception {
    SteppedLog single = openSingleNode();
    publish(single, "1");
    disk.fail(Operation.WRITE, 0, 1);
    single.append(Publication.of(List.of(Event.of("a", "refused"))));
    single.step();
    single.step();
    String id = publish(single, "3");
    single.end();
    LocalLog log = open(disk, single.bounds().epoch(), ALL);
    assertEquals(List.of(1L, 3L), offsets(log));
    assertEquals(Position.parse(id).orElseThrow().offset(), log.last());
  }

  // ---- records that are removed

  @Test
  void recordsAboveTheTrustedOffsetAreRemovedInAllSegments() throws Exception {
    for (int trusted = 0; trusted <= 60; trusted++) {
      disk = new SimulatedDisk(new Random(trusted));
      LocalLog log = open(ALL);
      append(log, 60);
      log.close();
      assertTrue(segments() > 3);

      log = open(OptionalLong.of(trusted));
      assertEquals(trusted, log.last());
      assertEquals(upTo(trusted), offsets(log));
      disk.powerCut();
      log = open(ALL);
      assertEquals(upTo(trusted), offsets(log));
      append(log, 60 - trusted);
      assertEquals(upTo(60), offsets(log));
      log.close();
      assertEquals(upTo(60), offsets(open(ALL)));
    }
  }

  /** Only the header of the next segment excludes them. */
  @Test
  void refusedRecordsBehindTheTrustedOffsetStayExcluded() throws Exception {
    LocalLog log = open(disk, EPOCH, ALL, settings("log.sync", "batch"));
    append(log, 1);
    disk.fail(Operation.FORCE, 0, 1);
    disk.fail(Operation.TRUNCATE, 0, 1);
    assertThrows(IOException.class, () -> append(log, 1));
    log.rollBackOffsets();
    assertEquals(2, segments());
    append(log, 2);
    for (int opened = 0; opened < 2; opened++) {
      assertEquals(upTo(1), offsets(open(OptionalLong.of(1))));
    }
    LocalLog again = open(ALL);
    append(again, 1);
    assertEquals(upTo(2), offsets(open(ALL)));
  }

  @Test
  void aSegmentWithADamagedHeaderIsNotCut() throws Exception {
    append(open(ALL), 3);
    DataFile segment = disk.open(SegmentFormat.segmentName(1), Directory.Access.READ_WRITE);
    segment.write(ByteBuffer.allocate(SegmentFormat.HEADER), 0);
    IOException refused = assertThrows(IOException.class, () -> open(OptionalLong.of(2)));
    assertTrue(refused.getMessage().contains("header"), refused.getMessage());
    assertEquals(0, open(OptionalLong.of(0)).last());
  }

  // ---- forcing

  @Test
  void aPowerCutLosesNothingThatWasForced() throws Exception {
    for (int powerCut = 0; powerCut < POWER_CUTS; powerCut++) {
      disk = new SimulatedDisk(new Random(powerCut));
      LocalLog log = open(ALL);
      append(log, 40);
      log.force();
      append(log, 20);
      assertTrue(segments() > 3);
      disk.powerCut();
      assertEquals(upTo(40), offsets(open(OptionalLong.of(40))));
    }
  }

  @Test
  void aPowerCutLosesNothingThatTheLogHadWhenItWasOpened() throws Exception {
    for (int powerCut = 0; powerCut < POWER_CUTS; powerCut++) {
      disk = new SimulatedDisk(new Random(powerCut));
      append(open(ALL), 60);
      disk.restart();
      open(ALL);
      disk.powerCut();
      assertEquals(upTo(60), offsets(open(ALL)));
    }
  }

  @Test
  void aLogThatCanNotBeForcedDoesNotOpen() throws Exception {
    append(open(ALL), 60);
    int forces = (int) segments() + 2; // and the names, twice
    for (int failing = 0; failing < forces; failing++) {
      disk.restart();
      disk.fail(Operation.FORCE, failing, 1);
      assertThrows(IOException.class, () -> open(OptionalLong.of(60)), "force " + failing);
    }
  }

  @Test
  void afterOneFailedForceEveryLaterOneFails() throws Exception {
    LocalLog log = open(ALL);
    append(log, 1);
    disk.fail(Operation.FORCE, 0, 1);
    assertThrows(IOException.class, log::force);
    append(log, 1);
    assertThrows(IOException.class, log::force);
    append(log, 60); // in other segments too
    assertThrows(IOException.class, log::force);
  }

  @Test
  void aForceThatFailedInTheBackgroundIsNotFollowedByOneThatSucceeds() throws Exception {
    var tasks = new InlineExecutor();
    var parts = new DiskLog.Parts(disk, tasks, new InlineExecutor(), () -> {});
    LocalLog log =
        DiskLog.openReplica(
            settings("log.sync", "10ms"),
            parts,
            EPOCH,
            ALL,
            new ManualClock(),
            new Metrics().log());
    append(log, 1);
    disk.fail(Operation.FORCE, 0, 1);
    tasks.tick();
    assertThrows(IOException.class, log::force);
  }

  /** The other way, to force again, is shown to lose it. */
  @Test
  void whatAFailedForceDroppedIsWrittenAgainAfterTheTrustedOffset() throws Exception {
    int lost = 0;
    for (int powerCut = 0; powerCut < POWER_CUTS; powerCut++) {
      for (boolean trusting : List.of(true, false)) {
        disk = new SimulatedDisk(new Random(powerCut));
        disk.dropsUnforced();
        LocalLog log = open(ALL);
        append(log, 10);
        log.force();
        append(log, 30);
        disk.fail(Operation.FORCE, 0, 1);
        assertThrows(IOException.class, log::force);
        log.close();

        log = open(trusting ? ALL : OptionalLong.of(10));
        append(log, (int) (40 - log.last()));
        log.force(); // succeeds
        disk.powerCut();
        boolean complete = upTo(40).equals(offsets(open(ALL)));
        assertTrue(trusting || complete);
        lost += complete ? 0 : 1;
      }
    }
    assertTrue(lost > 0);
  }

  @Test
  void whatRetentionHasRemovedIsNotForced() throws Exception {
    LocalLog log = open(ALL);
    append(log, 400);
    log.applyRetention(0);
    assertTrue(log.bounds().start() > 0);
    long remaining = segments();
    int before = disk.operations();
    log.force();
    assertEquals(remaining + 1, disk.operations() - before); // and the names
    log.force();
    assertEquals(remaining + 1, disk.operations() - before);
  }

  @Test
  void aRetentionThatIsReplacedCountsFromThenOnAlsoForTheSizeOfSegments() throws Exception {
    LocalLog log = open(ALL);
    append(log, 100);
    log.applyRetention(0);
    assertEquals(0, log.bounds().start());
    log.keep(Retention.ofBytes(16 << 10));
    log.applyRetention(0);
    long start = log.bounds().start();
    assertTrue(start > 0 && start < 100, () -> "begins after " + start);
    log.keep(Retention.ofBytes(1 << 20));
    long before = segments();
    append(log, 400); // segments of 64 KiB
    log.applyRetention(0);
    assertEquals(start, log.bounds().start());
    assertTrue(segments() - before < 5);
  }

  @Test
  void anAppendDoesNotWaitForAForce(@TempDir Path path) throws Exception {
    var files = new FileDirectory(path);
    LocalLog log = open(files, EPOCH, ALL);
    append(log, 1);
    var slow = new SlowForces(files);
    log = open(slow, EPOCH, ALL);
    append(log, 1);
    slow.block();
    var force = new FutureTask<Void>(forcing(log));
    var thread = new Thread(force, "force");
    thread.start();
    slow.awaitForce();
    append(log, 60); // begins segments, too
    assertFalse(force.isDone());
    slow.unblock();
    force.get(20, TimeUnit.SECONDS);
    assertEquals(62, log.last());
    log.close();
  }

  private static Callable<Void> forcing(LocalLog log) {
    return () -> {
      log.force();
      return null;
    };
  }

  /** A directory whose files are forced only when the test allows it. */
  private static final class SlowForces implements Directory {
    private final Directory files;
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch allowed = new CountDownLatch(1);
    private volatile boolean blocked;

    SlowForces(Directory files) {
      this.files = files;
    }

    void block() {
      blocked = true;
    }

    void awaitForce() throws InterruptedException {
      assertTrue(begun.await(20, TimeUnit.SECONDS));
    }

    void unblock() {
      allowed.countDown();
    }

    private void await() throws IOException {
      if (blocked) {
        begun.countDown();
        try {
          assertTrue(allowed.await(20, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
      }
    }

    @Override
    public String path() {
      return files.path();
    }

    @Override
    public List<String> names() throws IOException {
      return files.names();
    }

    @Override
    public boolean exists(String name) {
      return files.exists(name);
    }

    @Override
    public long usableBytes() throws IOException {
      return files.usableBytes();
    }

    @Override
    public DataFile create(String name) throws IOException {
      return new SlowFile(files.create(name));
    }

    @Override
    public DataFile open(String name, Access access) throws IOException {
      return new SlowFile(files.open(name, access));
    }

    @Override
    public void rename(String from, String to) throws IOException {
      files.rename(from, to);
    }

    @Override
    public void delete(String name) throws IOException {
      files.delete(name);
    }

    @Override
    public void force() throws IOException {
      await();
      files.force();
    }

    private final class SlowFile implements DataFile {
      private final DataFile file;

      SlowFile(DataFile file) {
        this.file = file;
      }

      @Override
      public int read(ByteBuffer to, long position) throws IOException {
        return file.read(to, position);
      }

      @Override
      public void write(ByteBuffer bytes, long position) throws IOException {
        file.write(bytes, position);
      }

      @Override
      public void truncate(long size) throws IOException {
        file.truncate(size);
      }

      @Override
      public void force() throws IOException {
        await();
        file.force();
      }

      @Override
      public long size() throws IOException {
        return file.size();
      }

      @Override
      public void close() throws IOException {
        file.close();
      }
    }
  }

  // ---- positions that another node has handed out

  @Test
  void aPositionThatIsNotWrittenYetIsUnknownAndNeverLost() throws Exception {
    LocalLog log = open(ALL);
    append(log, 1);
    assertUnknown(log, 2);
    disk.fail(Operation.WRITE, 0, 1);
    assertThrows(IOException.class, () -> append(log, 1));
    assertUnknown(log, 2);
    log.rollBackOffsets();
    assertUnknown(log, 2);
    log.follow(entries -> assertUnknown(log, 3));
    append(log, 1);
    assertUnknown(log, 3);
  }

  private static void assertUnknown(LocalLog log, long offset) {
    var resume = new ResumeRequest.After(new Position(EPOCH, offset).toString());
    Optional<Gap> gap =
        log.find(resume, Selection.EVERYTHING, Selection.EVERYTHING, 0).result().gap();
    assertEquals(Optional.of(Gap.Reason.UNKNOWN), gap.map(Gap::reason));
  }
}
