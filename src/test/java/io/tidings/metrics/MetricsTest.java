package io.tidings.metrics;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MetricsTest {
  @Test
  void metersAreStillReadAfterAGarbageCollection() {
    var metrics = new Metrics();
    metrics.streams(() -> 7);
    LoopMetrics first = metrics.loop();
    LoopMetrics second = metrics.loop();
    metrics.appended(3, 300);
    first.delivered(3, 300, 10);
    second.delivered(1, 100, 5);
    first.report(2, 4, 100);
    second.report(3, 1, 900);
    metrics.gap();
    metrics.closed("stalled");
    metrics.delivered(2_000_000);
    System.gc();
    String text = metrics.text();
    assertLine(text, "tidings_events_in_total 3.0");
    assertLine(text, "tidings_bytes_in_total 300.0");
    assertLine(text, "tidings_events_out_total 35.0");
    assertLine(text, "tidings_bytes_out_total 3500.0");
    assertLine(text, "tidings_streams 7.0");
    assertLine(text, "tidings_audiences 5.0");
    assertLine(text, "tidings_streams_lagging 5.0");
    assertLine(text, "tidings_lag_max 900.0");
    assertLine(text, "tidings_gaps_total 1.0");
    assertLine(text, "tidings_streams_closed_total{reason=\"stalled\"} 1.0");
    assertLine(text, "tidings_delivery_seconds_bucket{le=\"0.0025\"} 1");
    assertLine(text, "tidings_delivery_seconds_bucket{le=\"0.001\"} 0");
    assertTrue(text.contains("jvm_memory_used_bytes"), "the JVM's metrics are included");
  }

  private static void assertLine(String text, String line) {
    assertTrue(text.lines().anyMatch(line::equals), () -> line + " is not in\n" + text);
  }
}
