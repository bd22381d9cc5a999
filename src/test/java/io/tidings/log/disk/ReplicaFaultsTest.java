package io.tidings.log.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.event.Selection;
import io.tidings.log.Entry;
import io.tidings.log.LocalLog;
import io.tidings.log.ManualClock;
import io.tidings.log.Page;
import io.tidings.log.disk.SimulatedDisk.Operation;
import io.tidings.log.disk.SimulatedDisk.ProcessEnded;
import io.tidings.log.raft.Command;
import io.tidings.log.raft.CommandApplier;
import io.tidings.log.raft.ReplicatedState;
import io.tidings.metrics.Metrics;
import io.tidings.settings.LogSettings;
import io.tidings.settings.Settings;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Two nodes apply the same commands, one on a disk that fails at random, in a process or machine
 * that ends at random; in the end both have the same entries and the same state.
 */
class ReplicaFaultsTest {
  private static final Selection ALL = Selection.all("**");
  private static final int REPLICAS = Integer.getInteger("tidings.faults.replicas", 500);
  private static final long EPOCH = 7;
  private static final int RUNS = 6;
  private static final long ONCE_MILLIS = 10_000;
  private static final long ONCE_BYTES = 20_000;

  @Test
  void aReplicaOnAFailingDiskHasTheEntriesAndTheStateOfTheOthers() {
    FaultRuns.repeat(REPLICAS, seed -> new Replica(seed).run());
  }

  @Test
  void aLogThatLacksEntriesOfTheSavedStateIsRefused() throws Exception {
    ReplicatedState state = ReplicatedState.empty(EPOCH, ONCE_MILLIS, ONCE_BYTES);
    state.apply(1, new Command.Publish(1, List.of(Publication.of(List.of(Event.of("a", "lost"))))));
    LocalLog empty = open(new SimulatedDisk(new Random(1)), settings("os"), OptionalLong.empty());
    IOException refused =
        assertThrows(IOException.class, () -> new CommandApplier(empty, state, new EndsProcess()));
    assertTrue(refused.getMessage().contains("offset 1"), refused.getMessage());
  }

  private static LogSettings settings(String sync) {
    return Settings.of(Map.of("log.sync", sync, "log.keep.entries", "0", "log.keep.bytes", "64KiB"))
        .log();
  }

  private static LocalLog open(SimulatedDisk disk, LogSettings settings, OptionalLong trustedUpTo)
      throws IOException {
    var parts = new DiskLog.Parts(disk, new InlineExecutor(), new InlineExecutor(), () -> {});
    return DiskLog.openReplica(
        settings, parts, EPOCH, trustedUpTo, new ManualClock(), new Metrics().log());
  }

  /** Ends the process where the disk does. */
  private static class EndsProcess implements CommandApplier.WriteRetry {
    @Override
    public void await(IOException cause) {
      throw new ProcessEnded();
    }

    @Override
    public void recovered() {
      throw new AssertionError("nothing was retried");
    }
  }

  private static final class Replica implements CommandApplier.WriteRetry {
    private final Random random;
    private final SimulatedDisk disk;
    private final LogSettings settings;
    private final boolean batch;
    private final List<Command> commands = new ArrayList<>();
    private byte[] saved;
    private int savedIndex = -1;
    private long savedOffset;
    private boolean powerWasCut;

    /** Whether what was not forced may be missing on the disk: a force failed, or the power. */
    private boolean doubtful;

    private int failedForces;

    /** Whether it is the last run, on a healthy disk. */
    private boolean last;

    private CommandApplier applier;
    private LocalLog log;

    Replica(long seed) {
      random = new Random(seed);
      disk = new SimulatedDisk(random);
      batch = random.nextBoolean();
      disk.dropsUnforced();
      settings = settings(batch ? "batch" : "os");
      long time = 1_000_000;
      for (int i = 30 + random.nextInt(60); i > 0; i--) {
        time += random.nextInt(2_000) - 500;
        commands.add(command(time));
      }
    }

    private Command command(long time) {
      var publications = new ArrayList<Publication>();
      for (int p = random.nextInt(3); p >= 0; p--) {
        boolean once = random.nextInt(3) == 0;
        var events = new ArrayList<Event>();
        for (int e = random.nextInt(3); e >= 0; e--) {
          String id = once ? "" + random.nextInt(20) : "";
          String data = random.nextInt(4) + " ".repeat(random.nextInt(300));
          String topic = "t" + random.nextInt(3);
          events.add(LogHistory.event(topic, id, data, random.nextInt(3) == 0));
        }
        String key = random.nextInt(3) == 0 ? "k" + random.nextInt(20) : "";
        String scope = List.of("", "s", "t").get(random.nextInt(3));
        publications.add(new Publication(events, key, once, scope));
      }
      return new Command.Publish(time, publications);
    }

    void run() throws Exception {
      for (int i = 0; i < RUNS; i++) {
        runWithFaults();
        if (random.nextInt(3) == 0) {
          disk.powerCut();
          powerWasCut = true;
          doubtful = true;
        } else {
          disk.restart();
        }
      }
      disk.heal();
      last = true;
      start();
      apply(commands.size());
      check();
      disk.restart();
      start();
      apply(commands.size());
      check();
      log.force();
      disk.powerCut();
      log = open(disk, settings, OptionalLong.of(log.last()));
      check();
    }

    private void runWithFaults() throws InterruptedException {
      if (random.nextInt(3) > 0) {
        disk.endAfter(random.nextInt(150));
      }
      try {
        injectFault();
        start();
        apply(Math.min(commands.size(), savedIndex + 1 + random.nextInt(60)));
        if (random.nextBoolean()) {
          log.close();
        }
      } catch (IOException | ProcessEnded e) {
        // the log does not open, can't be forced, or the process ends
      }
    }

    private void injectFault() {
      if (last) {
        return;
      }
      if (random.nextInt(3) > 0) {
        Operation[] all = Operation.values();
        disk.fail(all[random.nextInt(all.length)], random.nextInt(30), 1 + random.nextInt(3));
      }
      if (random.nextInt(3) == 0) {
        disk.fail(Operation.FORCE, random.nextInt(5), 1);
      }
      if (random.nextInt(10) == 0) {
        disk.room(random.nextInt(4_000));
      }
    }

    private void start() throws IOException {
      doubtful |= disk.failedForces() > failedForces;
      failedForces = disk.failedForces();
      boolean trusting = !doubtful && random.nextBoolean();
      log = open(disk, settings, trusting ? OptionalLong.empty() : OptionalLong.of(savedOffset));
      doubtful = false;
      ReplicatedState state =
          saved == null
              ? ReplicatedState.empty(EPOCH, ONCE_MILLIS, ONCE_BYTES)
              : ReplicatedState.decode(saved);
      applier = new CommandApplier(log, state, this);
    }

    /** Applies the commands after the saved state, up to the given number of all. */
    private void apply(int count) throws IOException, InterruptedException {
      byte[] state = saved;
      int stateIndex = savedIndex;
      long stateOffset = savedOffset;
      for (int i = savedIndex + 1; i < count; i++) {
        applier.apply(i, commands.get(i));
        switch (random.nextInt(12)) {
          case 0 -> {
            state = applier.state().encode();
            stateIndex = i;
            stateOffset = applier.state().next() - 1;
          }
          case 1 -> { // later, since forcing is not the work of the thread that applies
            if (forced()) {
              saved = state;
              savedIndex = stateIndex;
              savedOffset = stateOffset;
            }
          }
          default -> {}
        }
        if (random.nextInt(20) == 0) {
          injectFault();
        }
      }
    }

    /** Forces the log; if that fails, the log is opened again, sooner or later. */
    private boolean forced() throws IOException {
      try {
        log.force();
        return true;
      } catch (IOException e) {
        if (random.nextBoolean()) {
          throw e;
        }
        return false;
      }
    }

    @Override
    public void await(IOException cause) {
      if (random.nextInt(4) == 0) {
        disk.heal();
      } else if (random.nextInt(10) == 0) {
        throw new ProcessEnded();
      }
    }

    @Override
    public void recovered() {
      // the records were written by the next attempt
    }

    private void check() {
      ReplicatedState steady = ReplicatedState.empty(EPOCH, ONCE_MILLIS, ONCE_BYTES);
      var expected = new ArrayList<Entry>();
      for (int i = 0; i < commands.size(); i++) {
        steady.apply(i, commands.get(i)).records().forEach(record -> expected.add(record.entry()));
        if (i == savedIndex) {
          assertArrayEquals(steady.encode(), saved);
        }
      }
      var entries = new ArrayList<Entry>();
      Position at = log.bounds().begin();
      Page page = page(at);
      while (page.end().offset() > at.offset()) {
        assertEquals(
            Optional.empty(),
            page.gap(),
            () -> "after " + entries.size() + ", " + log.bounds() + ", power cut " + powerWasCut);
        entries.addAll(page.entries());
        at = page.end();
        page = page(at);
      }
      for (int i = 0; i < Math.min(expected.size(), entries.size()); i++) {
        assertEquals(expected.get(i), entries.get(i));
      }
      assertEquals(expected.size(), entries.size());
    }

    private Page page(Position after) {
      Future<Page> page = log.after(after, ALL, 1_000);
      assertTrue(page.succeeded(), () -> "reading failed: " + page.cause());
      return page.result();
    }
  }
}
