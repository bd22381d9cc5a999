package io.tidings.log.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.ratis.metrics.LongCounter;
import org.apache.ratis.metrics.MetricRegistryInfo;
import org.junit.jupiter.api.Test;

class RatisMetricsTest {
  private final RatisMetrics metrics = new RatisMetrics();
  private final MetricRegistryInfo info = new MetricRegistryInfo("node", "app", "part", "what");

  @Test
  void aRegistryIsMadeOnceUntilItIsRemoved() {
    var registry = metrics.create(info);
    assertSame(registry, metrics.create(info));
    assertSame(registry, metrics.get(info).orElseThrow());
    assertTrue(metrics.remove(info));
    assertTrue(metrics.get(info).isEmpty());
    assertTrue(metrics.getMetricRegistries().isEmpty());
  }

  @Test
  void aCounterCounts() {
    LongCounter counter = metrics.create(info).counter("count");
    counter.inc();
    counter.inc(5);
    counter.dec(2);
    assertEquals(4, counter.getCount());
  }
}
