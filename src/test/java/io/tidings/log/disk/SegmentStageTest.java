package io.tidings.log.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Selection;
import io.tidings.log.Entry;
import io.tidings.log.EpochAncestors;
import io.tidings.log.FetchedLog;
import io.tidings.log.FetchedState;
import io.tidings.log.LocalLog;
import io.tidings.log.LogParts;
import io.tidings.log.LogRecord;
import io.tidings.log.ManualClock;
import io.tidings.log.Page;
import io.tidings.log.Retention;
import io.tidings.log.SegmentPart;
import io.tidings.log.disk.SimulatedDisk.Operation;
import io.tidings.log.disk.SimulatedDisk.ProcessEnded;
import io.tidings.metrics.Metrics;
import io.tidings.settings.LogSettings;
import io.tidings.settings.Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Segments of other nodes are collected beside a node's own log, and replace its end. */
class SegmentStageTest {
  private static final long EPOCH = 7;
  private static final int FETCHES = Integer.getInteger("tidings.faults.fetches", 400);

  private static LogSettings settings(String keep) {
    return Settings.of(Map.of("log.sync", "os", "log.keep.bytes", keep)).log();
  }

  private static LocalLog open(SimulatedDisk disk, String keep, OptionalLong trusted)
      throws IOException {
    var parts = new DiskLog.Parts(disk, new InlineExecutor(), new InlineExecutor(), () -> {});
    return DiskLog.openReplica(
        settings(keep), parts, EPOCH, trusted, new ManualClock(), new Metrics().log());
  }

  /** Appends records with the next offsets, up to one. */
  private static void append(LocalLog log, long upTo) throws IOException {
    while (log.last() < upTo) {
      long last = log.last();
      Event event = Event.of("a", (last + 1) + " ".repeat((int) (last * 37 % 400)));
      Entry entry = Entry.of(new Position(EPOCH, last + 1), last, last + 1, event);
      log.append(List.of(LogRecord.of(entry, 0, "")));
    }
  }

  /** The offsets that can be read, or -1 where entries are reported as missing. */
  private static List<Long> offsets(LocalLog log) {
    var offsets = new ArrayList<Long>();
    Position at = log.bounds().begin();
    boolean more = true;
    while (more) {
      Page page = log.after(at, Selection.EVERYTHING, 2_000).result();
      page.gap().ifPresent(gap -> offsets.add(-1L));
      page.entries().forEach(entry -> offsets.add(entry.offset()));
      more = page.end().offset() > at.offset();
      at = page.end();
    }
    return offsets;
  }

  private static SegmentStage stage(SimulatedDisk disk) {
    return new SegmentStage(disk, Retention.unlimited(), () -> () -> {});
  }

  private static void receive(FetchedLog stage, SimulatedDisk peer, SegmentPart part)
      throws IOException {
    var source = new DiskSegmentSource(peer);
    long at = stage.received(part);
    while (at < part.length()) {
      int length = (int) Math.min(700, part.length() - at);
      stage.write(part, ByteBuffer.wrap(source.read(part.first(), part.salt(), at, length)));
      at += length;
    }
    stage.complete(part);
  }

  private static FetchedState state(LogParts log, long keep) {
    return new FetchedState(
        new LogParts(EPOCH, log.ancestors(), List.of()), keep, 3, 90, new byte[] {1, 2});
  }

  @Test
  void whatWasDecidedIsReadAsItWasWritten() throws IOException {
    var disk = new SimulatedDisk(new Random(1));
    FetchedLog stage = stage(disk);
    assertEquals(Optional.empty(), stage.decided());
    var log = new LogParts(EPOCH, new EpochAncestors(Map.of(3L, 20L, 5L, 40L)), List.of());
    stage.decide(state(log, 17));
    FetchedState decided = stage.decided().orElseThrow();
    assertEquals(log, decided.log());
    assertEquals(List.of(17L, 3L, 90L), List.of(decided.keep(), decided.term(), decided.index()));
    assertArrayEquals(new byte[] {1, 2}, decided.voters());
  }

  @Test
  void aDamagedPartIsDroppedAndReceivedAgain() throws IOException {
    var peer = new SimulatedDisk(new Random(1));
    append(open(peer, "64KiB", OptionalLong.empty()), 30);
    var disk = new SimulatedDisk(new Random(2));
    FetchedLog stage = stage(disk);
    SegmentPart part = stage.plan(new DiskSegmentSource(peer).parts(), 0, 30).get(0);
    byte[] bytes =
        new DiskSegmentSource(peer).read(part.first(), part.salt(), 0, (int) part.length());
    bytes[bytes.length / 2] ^= 1;
    stage.write(part, ByteBuffer.wrap(bytes));
    assertThrows(FetchedLog.DamagedPart.class, () -> stage.complete(part));
    assertEquals(0, stage.received(part));
    receive(stage, peer, part);
  }

  @Test
  void aSegmentThatTheRetentionHasRemovedIsGone() throws IOException {
    var peer = new SimulatedDisk(new Random(1));
    LocalLog log = open(peer, "64KiB", OptionalLong.empty());
    append(log, 200);
    SegmentPart oldest = new DiskSegmentSource(peer).parts().segments().get(0);
    append(log, 900);
    log.applyRetention(0);
    assertThrows(
        NoSuchFileException.class,
        () -> new DiskSegmentSource(peer).read(oldest.first(), oldest.salt(), 0, 10));
  }

  /** A segment that grows is received further, and not again. */
  @Test
  void theNextRoundBeginsWhereTheLastOneHasEnded() throws IOException {
    var peer = new SimulatedDisk(new Random(1));
    LocalLog log = open(peer, "1MiB", OptionalLong.empty());
    append(log, 40);
    FetchedLog stage = stage(new SimulatedDisk(new Random(2)));
    SegmentPart first = stage.plan(new DiskSegmentSource(peer).parts(), 0, 40).get(0);
    receive(stage, peer, first);
    append(log, 60);
    List<SegmentPart> second = stage.plan(new DiskSegmentSource(peer).parts(), 0, 60);
    assertEquals(1, second.size());
    assertEquals(first.length(), stage.received(second.get(0)));
    receive(stage, peer, second.get(0));
    assertEquals(List.of(), stage.plan(new DiskSegmentSource(peer).parts(), 0, 60));
  }

  /** A cluster that was recovered has segments of the epochs before. */
  @Test
  void whatWasReceivedOfAnEarlierEpochStaysUpToWhereThatEnded() throws IOException {
    var peer = new SimulatedDisk(new Random(1));
    LocalLog log = open(peer, "64KiB", OptionalLong.empty());
    append(log, 200);
    FetchedLog stage = stage(new SimulatedDisk(new Random(2)));
    LogParts before = new DiskSegmentSource(peer).parts();
    for (SegmentPart part : stage.plan(before, 0, 200)) {
      receive(stage, peer, part);
    }
    var recovered =
        new LogParts(EPOCH + 1, EpochAncestors.NONE.branchedAt(EPOCH, 190), before.segments());
    assertEquals(List.of(), stage.plan(recovered, 0, 200), "they are the peer's own");

    var other = new SimulatedDisk(new Random(3));
    append(open(other, "64KiB", OptionalLong.empty()), 200);
    List<SegmentPart> segments = new DiskSegmentSource(other).parts().segments();
    var ofOther = new LogParts(EPOCH + 1, EpochAncestors.NONE.branchedAt(EPOCH, 150), segments);
    List<SegmentPart> needed = stage.plan(ofOther, 0, 200);
    assertTrue(needed.get(0).previous() <= 150, needed::toString);
    assertTrue(needed.get(0).last() > 150, needed::toString);
  }

  @Test
  void aLogThatIsFetchedFromSeveralPeersOnAFailingDiskHasNoHole() {
    FaultRuns.repeat(FETCHES, seed -> new Fetch(seed).run());
  }

  /** One node that fetches from two peers, whose segments begin at different records. */
  private static final class Fetch {
    private static final String KEEP = "64KiB";
    private final Random random;
    private final SimulatedDisk disk;
    private final List<SimulatedDisk> peers = new ArrayList<>();
    private final List<LocalLog> logs = new ArrayList<>();
    private long own;

    Fetch(long seed) throws IOException {
      random = new Random(seed);
      disk = new SimulatedDisk(random);
      own = random.nextInt(3) == 0 ? 0 : random.nextInt(150);
      for (int i = 0; i < 2; i++) {
        peers.add(new SimulatedDisk(random));
        logs.add(open(peers.get(i), KEEP, OptionalLong.empty()));
        grow(i, 150 + random.nextInt(200));
      }
      if (own > 0) {
        LocalLog log = open(disk, KEEP, OptionalLong.empty());
        append(log, own + random.nextInt(20)); // what is beyond the saved state is not trusted
        log.force();
      }
    }

    /** Now and then in another process, which begins another segment. */
    private void grow(int peer, long more) throws IOException {
      LocalLog log = logs.get(peer);
      long end = log.last() + more;
      while (log.last() < end) {
        append(log, Math.min(end, log.last() + 1 + random.nextInt(60)));
        if (random.nextInt(4) == 0) {
          log.applyRetention(0);
        }
        if (random.nextInt(4) == 0) {
          log.close();
          log = open(peers.get(peer), KEEP, OptionalLong.of(log.last()));
          logs.set(peer, log);
        }
      }
    }

    void run() throws IOException {
      Optional<Long> upTo = Optional.empty();
      for (int i = 0; upTo.isEmpty() && i < 33; i++) {
        upTo = process(i >= 30); // what an earlier one has left damaged is fetched once more
      }
      disk.restart(); // nothing fails any more
      String before = String.join(" ", disk.names());
      LocalLog log = open(disk, KEEP, OptionalLong.of(upTo.orElseThrow()));
      assertEquals(upTo.get(), log.last(), before);
      append(log, upTo.get() + 5);
      long begin = log.bounds().begin().offset();
      assertEquals(
          LongStream.rangeClosed(begin + 1, upTo.get() + 5).boxed().toList(), offsets(log));
      assertEquals(
          List.of(), disk.names().stream().filter(name -> name.endsWith(".fetch")).toList());
    }

    /** One process, which ends at random unless it is the last; the offset if it was installed. */
    private Optional<Long> process(boolean last) throws IOException {
      if (!last) {
        disk.endAfter(random.nextInt(400));
        if (random.nextInt(3) == 0) {
          Operation[] all = Operation.values();
          disk.fail(all[random.nextInt(all.length)], random.nextInt(40), 1 + random.nextInt(2));
        }
      }
      try {
        Optional<FetchedState> decided = stage(disk).decided();
        if (decided.isEmpty()) {
          fetch();
        }
        FetchedState state = stage(disk).decided().orElseThrow();
        stage(disk).install(state);
        stage(disk).clear();
        return Optional.of(state.index());
      } catch (ProcessEnded e) {
        if (random.nextInt(3) == 0) {
          disk.powerCut();
        } else {
          disk.restart();
        }
      } catch (IOException e) {
        disk.restart(); // the disk fails: tried again
      }
      return Optional.empty();
    }

    private void fetch() throws IOException {
      FetchedLog stage = stage(disk);
      long upTo = 0;
      int rounds = 1 + random.nextInt(3);
      for (int i = 0; i < rounds; i++) {
        int peer = random.nextInt(2);
        LogParts log = new DiskSegmentSource(peers.get(peer)).parts();
        upTo = Math.max(upTo, log.last() - random.nextInt(10));
        if (log.last() < upTo) {
          continue; // it lacks what another one has
        }
        for (SegmentPart part : stage.plan(log, own, upTo)) {
          receive(stage, peers.get(peer), part);
        }
        if (i + 1 < rounds) {
          grow(random.nextInt(2), random.nextInt(80));
        }
      }
      stage.storeState(new byte[] {1, 2, 3});
      long next = upTo;
      FetchedState state = state(new LogParts(EPOCH, EpochAncestors.NONE, List.of()), 0);
      stage.decide(
          new FetchedState(state.log(), stage.kept(own, next), state.term(), next, state.voters()));
    }
  }

  /** What was staged before begins after all that an older state needs. */
  @Test
  void segmentsOfALaterStateAreDroppedWhenOnlyAnOlderOneCanBeHad() throws IOException {
    var old = new SimulatedDisk(new Random(1));
    append(open(old, "64KiB", OptionalLong.empty()), 100);
    var later = new SimulatedDisk(new Random(2));
    LocalLog log = open(later, "64KiB", OptionalLong.empty());
    append(log, 900);
    log.applyRetention(0);
    FetchedLog stage = stage(new SimulatedDisk(new Random(3)));
    for (SegmentPart part : stage.plan(new DiskSegmentSource(later).parts(), 0, 900)) {
      receive(stage, later, part);
    }
    List<SegmentPart> needed = stage.plan(new DiskSegmentSource(old).parts(), 0, 100);
    assertEquals(0, needed.get(0).previous());
    assertEquals(100, needed.get(needed.size() - 1).last());
  }

  /** After a power cut while they were removed, some of them are there again. */
  @Test
  void stagedSegmentsBehindAHoleAreFetchedAgain() throws IOException {
    var peer = new SimulatedDisk(new Random(1));
    append(open(peer, "64KiB", OptionalLong.empty()), 100);
    LogParts log = new DiskSegmentSource(peer).parts();
    var disk = new SimulatedDisk(new Random(2));
    FetchedLog stage = stage(disk);
    for (SegmentPart part : stage.plan(log, 0, 100)) {
      receive(stage, peer, part);
    }
    SegmentPart missing = log.segments().get(1);
    disk.delete(SegmentFormat.segmentName(missing.first()) + SegmentStage.SUFFIX);
    disk.delete(SegmentFormat.indexName(missing.first()) + SegmentStage.SUFFIX);
    assertEquals(log.segments().subList(1, log.segments().size()), stage.plan(log, 0, 100));
  }

  /** An edge that keeps less than the voters needs no room for all that they have. */
  @Test
  void segmentsThatTheOwnRetentionWouldRemoveAreNotFetchedAndNothingBeforeThemStays()
      throws IOException {
    var peer = new SimulatedDisk(new Random(1));
    append(open(peer, "256KiB", OptionalLong.empty()), 900);
    LogParts log = new DiskSegmentSource(peer).parts();
    var disk = new SimulatedDisk(new Random(2));
    append(open(disk, "64KiB", OptionalLong.empty()), 50);
    FetchedLog stage = new SegmentStage(disk, Retention.ofBytes(64 << 10), () -> () -> {});
    List<SegmentPart> needed = stage.plan(log, 50, 900);
    int dropped = log.segments().size() - needed.size();
    long bytes = needed.stream().mapToLong(SegmentPart::length).sum();
    assertEquals(log.segments().subList(dropped, log.segments().size()), needed);
    assertTrue(bytes <= 64 << 10, bytes + " bytes");
    assertTrue(bytes + log.segments().get(dropped - 1).length() > 64 << 10);
    for (SegmentPart part : needed) {
      receive(stage, peer, part);
    }
    assertEquals(-1, stage.kept(50, 900));
    assertEquals(List.of(), stage.plan(log, 50, 900));
    stage.install(decided(stage));
    stage.clear();
    List<Long> offsets = offsets(open(disk, "64KiB", OptionalLong.of(900)));
    assertEquals(
        LongStream.rangeClosed(needed.get(0).previous() + 1, 900).boxed().toList(),
        offsets.stream().filter(offset -> offset > 0).toList());
  }

  private static FetchedState decided(FetchedLog stage) throws IOException {
    stage.decide(state(new LogParts(EPOCH, EpochAncestors.NONE, List.of()), -1));
    return stage.decided().orElseThrow();
  }

  @Test
  void theNewestSegmentIsFetchedHoweverLittleIsKept() throws IOException {
    var peer = new SimulatedDisk(new Random(1));
    append(open(peer, "64KiB", OptionalLong.empty()), 100);
    var stage =
        new SegmentStage(new SimulatedDisk(new Random(2)), Retention.ofBytes(1), () -> () -> {});
    List<SegmentPart> needed = stage.plan(new DiskSegmentSource(peer).parts(), 0, 100);
    assertEquals(1, needed.size());
    assertEquals(100, needed.get(0).last());
  }

  @Test
  void aPeerWhoseLogDoesNotReachSoFarIsRefused() throws IOException {
    var peer = new SimulatedDisk(new Random(1));
    append(open(peer, "64KiB", OptionalLong.empty()), 30);
    LogParts log = new DiskSegmentSource(peer).parts();
    var refused =
        assertThrows(
            IOException.class, () -> stage(new SimulatedDisk(new Random(2))).plan(log, 0, 31));
    assertTrue(refused.getMessage().contains("ends at 30"), refused::toString);
  }
}
