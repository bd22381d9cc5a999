package io.tidings.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RateMeterTest {
  private static final long SECOND = 1_000_000_000L;

  private final Metrics metrics = new Metrics();
  private final LoopMetrics loop = metrics.loop();
  private final RateMeter meter = new RateMeter(metrics, 0);

  @Test
  void ratesCoverTheTimeSinceThePreviousSample() {
    metrics.appended(10, 1_000);
    loop.delivered(10, 1_000, 3);
    RateMeter.Sample first = meter.sample(2 * SECOND);
    assertEquals(5, first.all().eventsIn());
    assertEquals(500, first.all().bytesIn());
    assertEquals(15, first.all().eventsOut());
    assertEquals(1_500, first.all().bytesOut());
    assertEquals(0, meter.sample(3 * SECOND).all().eventsIn());
  }

  @Test
  void internalTrafficIsSeparatedFromThatOfClients() {
    metrics.appended(10, 1_000);
    metrics.appendedInternal(1, 100);
    loop.delivered(10, 1_000, 3);
    loop.deliveredInternal(1, 100, 3);
    RateMeter.Sample sample = meter.sample(SECOND);
    assertEquals(new RateMeter.Rates(1, 100, 3, 300), sample.internal());
    assertEquals(new RateMeter.Rates(9, 900, 27, 2_700), sample.external());
    assertEquals(new RateMeter.Rates(0, 0, 0, 0), meter.sample(2 * SECOND).internal());
  }

  @Test
  void percentilesCoverTheDeliveriesSinceThePreviousSample() {
    for (int i = 0; i < 1_000; i++) {
      metrics.delivered(2_000_000_000); // the start was slow
    }
    meter.sample(SECOND);
    for (int i = 0; i < 98; i++) {
      metrics.delivered(200_000);
    }
    metrics.delivered(40_000_000);
    metrics.delivered(40_000_000);
    RateMeter.Sample sample = meter.sample(2 * SECOND);
    assertTrue(sample.p50Millis() > 0.1 && sample.p50Millis() <= 0.25, sample.toString());
    assertTrue(sample.p99Millis() > 25 && sample.p99Millis() <= 50, sample.toString());
  }

  @Test
  void withoutDeliveriesThePercentilesAreNaN() {
    assertTrue(Double.isNaN(meter.sample(SECOND).p50Millis()));
  }

  @Test
  void deliveriesAboveTheLargestBucketCountAsItsBound() {
    metrics.delivered(60 * SECOND);
    assertEquals(5_000, meter.sample(SECOND).p99Millis());
  }
}
