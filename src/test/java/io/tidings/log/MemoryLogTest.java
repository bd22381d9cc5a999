package io.tidings.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Selection;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryLogTest extends EventLogContract {
  @Override
  protected EventLog open(Retention keep, ManualClock clock) {
    return TestLogs.inMemory(keep, ONCE, clock);
  }

  @Test
  void eachLogHasItsOwnEpoch() throws Exception {
    assertNotEquals(log().bounds().epoch(), log().bounds().epoch());
  }

  @Test
  void theRetentionOfBytesBoundsTheEntries() throws Exception {
    EventLog log = open(new Retention(100_000, Duration.ZERO, 0), clock);
    for (int i = 0; i < 1_000; i++) {
      get(log.append(List.of(Event.of("t" + i % 7, "x".repeat(1_000)))));
    }
    long kept = log.bounds().newest() - log.bounds().start();
    assertTrue(kept > 20 && kept < 50, kept + " entries of 1,000 bytes in 100,000");
  }

  @Test
  void replayFindsARareTopicAmongManyEntries() throws Exception {
    EventLog log = log();
    for (int i = 0; i < 3 * GlobScan.MAX_SCANNED; i++) {
      get(log.append(List.of(Event.of(i % 10_000 == 0 ? "rare" : "common", "" + i))));
    }
    var start = new Position(log.bounds().epoch(), 0);
    var expected = List.of("0", "10000", "20000", "30000", "40000", "50000");
    assertEquals(expected, data(readOn(log, start, Selection.all("rare"))));
    assertEquals(expected, data(readOn(log, start, Selection.all("rare.**"))));
  }
}
