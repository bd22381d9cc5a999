package io.tidings.log.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.ResumeRequest;
import io.tidings.event.Selection;
import io.tidings.log.Entry;
import io.tidings.log.LogUnavailable;
import io.tidings.log.ManualClock;
import io.tidings.log.OutcomeUnknown;
import io.tidings.log.Page;
import io.tidings.log.SteppedLog;
import io.tidings.log.StreamStart;
import io.tidings.log.disk.SimulatedDisk.Operation;
import io.tidings.log.disk.SimulatedDisk.ProcessEnded;
import io.tidings.metrics.Metrics;
import io.tidings.settings.LogSettings;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs many short-lived logs on a {@link SimulatedDisk}: random disk operations fail once, several
 * times or until the disk is healed, and the process or the power ends at random. Every answer that
 * publishers received must stay true. {@code make faults} runs more logs; the seed of a failure is
 * in its message, and {@code -Dtidings.faults.seed} repeats it. More than 300 lines, because one
 * run needs all of the steps.
 */
class LogFaultsTest {
  private static final Selection ALL = Selection.all("**");
  private static final int LOGS = Integer.getInteger("tidings.faults.logs", 1_500);
  private static final int RUNS = 5;

  @Test
  void everyAnswerToAPublisherStaysTrueUnderAnyFault() {
    FaultRuns.repeat(LOGS, seed -> new LogRuns(seed).run());
  }

  /**
   * The refused bytes could not be cut off, so only the header of the next segment keeps them from
   * being read. It must survive if creating that segment again fails.
   */
  @ParameterizedTest
  @EnumSource(
      value = Operation.class,
      names = {"WRITE", "RENAME", "CREATE", "FORCE"})
  void theSegmentThatExcludesRefusedBytesIsReplacedAtomically(Operation failing) throws Exception {
    var disk = new SimulatedDisk(new Random(1));
    LogSettings settings = Settings.of(Map.of("log.sync", "batch")).log();
    SteppedLog log = open(disk, settings);
    Future<List<Entry>> first = log.append(Publication.of(List.of(Event.of("a", "acknowledged"))));
    log.step();
    assertTrue(first.succeeded());

    disk.fail(Operation.FORCE, 0, 1); // of the append
    disk.fail(Operation.TRUNCATE, 0, 1);
    disk.fail(Operation.FORCE, 3, 1); // of the probe, in the next segment
    Future<List<Entry>> second = log.append(Publication.of(List.of(Event.of("a", "refused"))));
    log.step();
    assertTrue(second.cause() instanceof LogUnavailable, () -> String.valueOf(second.cause()));
    assertTrue(!log.writable());

    disk.fail(failing, 0, 1); // when that segment is created again
    log.step();
    disk.restart(); // the process was killed
    log = open(disk, settings);
    Page page = log.after(log.bounds().begin(), ALL, 1_000_000).result();
    assertEquals(
        List.of("acknowledged"), page.entries().stream().map(e -> e.event().data()).toList());
  }

  @Test
  void aCommitMarkThatFailedIsWrittenWhenTheLogIsIdle() throws Exception {
    var disk = new SimulatedDisk(new Random(1));
    SteppedLog log = open(disk, Settings.of(Map.of()).log());
    disk.fail(Operation.WRITE, 1, 2); // after that of the event
    Future<List<Entry>> event = log.append(Publication.of(List.of(Event.of("a", "1"))));
    log.step();
    assertTrue(event.succeeded());
    assertTrue(CommitMark.read(disk).orElse(0) < 1);
    log.step();
    assertEquals(1, CommitMark.read(disk).orElse(0));
  }

  /** Otherwise a start would report a loss once retention has removed the segments after it. */
  @Test
  void aReplacedSegmentWithoutRecordsIsDeletedAlsoIfTheNameOfItsSuccessorCouldNotBeForced()
      throws Exception {
    var disk = new SimulatedDisk(new Random(1));
    SteppedLog log = open(disk, Settings.of(Map.of("log.sync", "batch")).log());
    disk.fail(Operation.FORCE, 0, 2); // of the append, and of the name of the next segment
    log.append(Publication.of(List.of(Event.of("a", "refused"))));
    log.step();
    assertTrue(!log.writable());
    log.step();
    assertTrue(log.writable());
    assertTrue(!disk.names().contains(SegmentFormat.segmentName(1)), disk.names().toString());
  }

  /**
   * The refused bytes are either all there, as a write that did not complete, or not at all: what
   * is left of a record would be reported as a loss.
   */
  @Test
  void aProcessThatEndsWhileRefusedBytesCannotBeCutOffLeavesNoLoss() throws Exception {
    LogSettings settings = Settings.of(Map.of()).log();
    for (int operations = 0; operations < 30; operations++) {
      for (int seed = 0; seed < 10; seed++) { // how much of a failed write is on the disk
        var disk = new SimulatedDisk(new Random(seed));
        SteppedLog log = open(disk, settings);
        log.append(Publication.of(List.of(Event.of("a", "acknowledged"))));
        log.step();

        disk.fail(Operation.WRITE, 0, 3);
        disk.fail(Operation.TRUNCATE, 0, Integer.MAX_VALUE);
        disk.endAfter(operations);
        log.append(Publication.of(List.of(Event.of("a", "refused".repeat(100)))));
        log.step();
        log.step();
        disk.restart();

        log = open(disk, settings);
        Page page = log.after(log.bounds().begin(), ALL, 1_000_000).result();
        String when = "after " + operations + " operations, seed " + seed;
        assertEquals(Optional.empty(), page.gap(), when);
        assertEquals(log.bounds().head(), page.end(), when);
        assertEquals(
            List.of("acknowledged"),
            page.entries().stream().map(e -> e.event().data()).toList(),
            when);
      }
    }
  }

  private static SteppedLog open(SimulatedDisk disk, LogSettings settings) throws IOException {
    var parts = new DiskLog.Parts(disk, new InlineExecutor(), new InlineExecutor(), () -> {});
    var clock = new ManualClock();
    return new SteppedLog(
        DiskLog.prepare(settings, parts, clock, new Metrics().log()),
        Duration.ofMinutes(10),
        clock);
  }

  /** One log, opened several times. */
  private static final class LogRuns {
    private final Random random;
    private final SimulatedDisk disk;
    private final LogHistory history = new LogHistory();
    private final ManualClock clock = new ManualClock();
    private final LogSettings settings;
    private final boolean batch;

    /** Publications whose outcome is unknown. */
    private final Set<Publication> open = new LinkedHashSet<>();

    /** The number of keys and ids that each scope has used, which are the same in all of them. */
    private final Map<String, Integer> names = new HashMap<>();

    private InlineExecutor tasks;
    private SteppedLog log;
    private int events;
    private boolean mayLose;
    private boolean powerWasCut;

    LogRuns(long seed) {
      random = new Random(seed);
      disk = new SimulatedDisk(random);
      String sync = List.of("os", "batch", "batch", "10ms").get(random.nextInt(4));
      batch = sync.equals("batch");
      Map<String, Object> values = new HashMap<>();
      values.put("log.sync", sync);
      values.put("log.keep.bytes", random.nextInt(3) == 0 ? "64KiB" : "0");
      values.put("log.keep.entries", random.nextInt(3) == 0 ? "64" : "0");
      settings = Settings.of(values).log();
    }

    void run() throws Exception {
      for (int count = 0; count < RUNS; count++) {
        runWithFaults();
        if (random.nextInt(4) == 0) {
          disk.powerCut();
          powerWasCut = true;
          mayLose |= !batch;
        } else {
          disk.restart();
        }
        open();
        check();
        retryOpen();
        assertTrue(log.writable(), "the log must be writable on a healthy disk");
        check();
        if (random.nextBoolean()) {
          log.end();
        }
        disk.restart();
      }
    }

    private void open() throws IOException {
      tasks = new InlineExecutor();
      var parts = new DiskLog.Parts(disk, tasks, new InlineExecutor(), () -> {});
      log =
          new SteppedLog(
              DiskLog.prepare(settings, parts, clock, new Metrics().log()),
              Duration.ofMinutes(10),
              clock);
    }

    /** Opens the log and uses it while operations fail. */
    private void runWithFaults() throws Exception {
      if (random.nextInt(3) > 0) {
        disk.endAfter(random.nextInt(200));
      }
      try {
        injectFault();
        open();
        int steps = random.nextInt(30);
        for (int i = 0; i < steps && !disk.ended(); i++) {
          step();
        }
        if (random.nextBoolean()) {
          log.end();
        }
      } catch (IOException | ProcessEnded e) {
        // the log does not open, or does not shut down cleanly
      }
    }

    private void injectFault() {
      if (random.nextInt(3) == 0) {
        return;
      }
      Operation[] all = Operation.values();
      int times = List.of(1, 1, 2, 5, Integer.MAX_VALUE).get(random.nextInt(5));
      disk.fail(all[random.nextInt(all.length)], random.nextInt(30), times);
      if (random.nextInt(10) == 0) {
        disk.room(random.nextInt(4_000));
      }
    }

    private void step() throws Exception {
      switch (random.nextInt(12)) {
        case 0 -> disk.heal();
        case 1 -> injectFault();
        case 2 -> clock.advance(Duration.ofSeconds(random.nextInt(10)));
        case 3 -> tasks.tick();
        case 4 -> read();
        case 5 -> log.losePatience();
        default -> publish(1 + random.nextInt(3));
      }
      log.step();
    }

    private void publish(int count) throws Exception {
      for (int i = 0; i < count; i++) {
        String scope = List.of("", "s", "t").get(random.nextInt(3));
        String key = random.nextInt(3) == 0 ? "key" + nextName(scope) : "";
        boolean once = random.nextInt(4) == 0;
        var batch = new ArrayList<Event>();
        for (int e = 1 + random.nextInt(3); e > 0; e--) {
          String id = once ? "id" + nextName(scope) : "";
          String data = "event" + events++ + " ".repeat(random.nextInt(300));
          String topic = "t" + random.nextInt(5);
          batch.add(LogHistory.event(topic, id, data, random.nextInt(3) == 0));
        }
        publish(new Publication(batch, key, once, scope));
      }
    }

    private int nextName(String scope) {
      return names.merge(scope, 1, Integer::sum);
    }

    private void publish(Publication publication) {
      open.add(publication);
      log.append(publication)
          .onSuccess(
              entries -> {
                if (!disk.ended()) {
                  history.acknowledge(entries);
                  open.remove(publication);
                }
              })
          .onFailure(
              failure -> {
                if (failure instanceof LogUnavailable && !(failure instanceof OutcomeUnknown)) {
                  refused(publication);
                }
              });
    }

    private void refused(Publication publication) {
      if (!disk.ended()) {
        history.refuse(publication.events().stream().map(Event::data).toList());
        open.remove(publication);
      }
    }

    /** Publishes again, with the same key or ids, what has an unknown outcome. */
    private void retryOpen() throws Exception {
      open.removeIf(publication -> publication.key().isEmpty() && !publication.once());
      for (Publication publication : List.copyOf(open)) {
        Future<List<Entry>> answer = log.append(publication);
        for (int i = 0; i < 3 && !answer.isComplete(); i++) {
          log.step();
        }
        assertTrue(answer.succeeded(), () -> "refused on a healthy disk: " + answer.cause());
        history.acknowledge(answer.result());
        assertEquals(publication.events().size(), answer.result().size());
      }
      open.clear();
    }

    /** Reads under faults: it may fail, but must not return wrong entries. */
    private void read() {
      Future<Page> page = log.after(log.bounds().begin(), ALL, 2_000);
      if (page.succeeded() && !disk.ended()) {
        long before = 0;
        for (Entry entry : page.result().entries()) {
          assertTrue(entry.offset() > before);
          before = entry.offset();
        }
      }
    }

    private void check() throws Exception {
      var entries = new ArrayList<Entry>();
      boolean lost = false;
      Position at = log.bounds().begin();
      long start = at.offset();
      boolean more = true;
      while (more) {
        Page page = log.after(at, ALL, 1_000).result();
        lost |= page.gap().isPresent();
        entries.addAll(page.entries());
        more = page.end().offset() > at.offset();
        at = page.end();
      }
      // a record that was being written during a power cut may be reported as damaged
      assertTrue(!lost || powerWasCut, "a loss is reported, but nothing can be lost");
      history.check(start, entries, mayLose);
      for (int i = 0; i < entries.size(); i += 1 + random.nextInt(10)) {
        resume(entries, i);
      }
    }

    private void resume(List<Entry> entries, int from) {
      Position position = entries.get(from).position();
      StreamStart start = log.find(new ResumeRequest.After(position.toString()), ALL).result();
      if (start.gap().isEmpty()) {
        Page page = log.after(start.after(), ALL, 1).result();
        while (page.entries().isEmpty() && page.end().offset() < log.bounds().newest()) {
          page = log.after(page.end(), ALL, 1).result(); // a page ends before a loss
        }
        List<Entry> rest = entries.subList(from + 1, entries.size());
        assertEquals(rest.stream().findFirst(), page.entries().stream().findFirst());
      }
      if (!entries.get(from).event().id().isEmpty()) { // others may have used it before
        StreamStart byId = log.find(new ResumeRequest.After(entries.get(from).id()), ALL).result();
        assertTrue(byId.gap().isPresent() || byId.after().offset() <= position.offset());
      }
    }
  }
}
