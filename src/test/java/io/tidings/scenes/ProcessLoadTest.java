package io.tidings.scenes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.log.ManualClock;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProcessLoadTest {
  private final ManualClock clock = new ManualClock();
  private final ProcessLoad load = new ProcessLoad("node1", clock);

  @Test
  void aReadingHasTheNodeAndShares() {
    JsonObject reading = load.read();
    assertEquals("node1", reading.getString("node"));
    assertTrue(reading.getDouble("cpuPercent") >= 0 && reading.getDouble("cpuPercent") <= 100);
    assertTrue(reading.getDouble("heapMiB") > 0);
  }

  @Test
  void aReadingHasTheTimeOfTheClockInMillisecondsAlsoIfItIsSetBack() {
    clock.advance(Duration.ofNanos(1_999_999));
    assertEquals("2026-01-01T00:00:00.001Z", load.read().getString("time"));
    clock.advance(Duration.ofDays(-1));
    assertEquals("2025-12-31T00:00:00.001Z", load.read().getString("time"));
  }
}
