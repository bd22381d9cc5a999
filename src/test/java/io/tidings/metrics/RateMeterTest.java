package io.tidings.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RateMeterTest {
  private static final long SECOND = 1_000_000_000L;

  private final Metrics metrics = new Metrics();
  private final Metrics.Loop loop = metrics.loop();
  private final RateMeter pulse = new RateMeter(metrics, 0);

  @Test
  void ratesAreOfTheTimeSinceTheLastLook() {
    metrics.appended(10, 1_000);
    loop.delivered(10, 1_000, 3);
    RateMeter.Beat first = pulse.beat(2 * SECOND);
    assertEquals(5, first.all().eventsIn());
    assertEquals(500, first.all().bytesIn());
    assertEquals(15, first.all().eventsOut());
    assertEquals(1_500, first.all().bytesOut());
    assertEquals(0, pulse.beat(3 * SECOND).all().eventsIn());
  }

  @Test
  void theHubsOwnTrafficIsApartAndNotThatOfClients() {
    metrics.appended(10, 1_000);
    metrics.appendedApart(1, 100);
    loop.delivered(10, 1_000, 3);
    loop.deliveredApart(1, 100, 3);
    RateMeter.Beat beat = pulse.beat(SECOND);
    assertEquals(new RateMeter.Rates(1, 100, 3, 300), beat.apart());
    assertEquals(new RateMeter.Rates(9, 900, 27, 2_700), beat.traffic());
    assertEquals(new RateMeter.Rates(0, 0, 0, 0), pulse.beat(2 * SECOND).apart());
  }

  @Test
  void delaysAreThoseSinceTheLastLook() {
    for (int i = 0; i < 1_000; i++) {
      metrics.delivered(2_000_000_000); // the start was slow
    }
    pulse.beat(SECOND);
    for (int i = 0; i < 98; i++) {
      metrics.delivered(200_000);
    }
    metrics.delivered(40_000_000);
    metrics.delivered(40_000_000);
    RateMeter.Beat beat = pulse.beat(2 * SECOND);
    assertTrue(beat.p50Millis() > 0.1 && beat.p50Millis() <= 0.25, "" + beat);
    assertTrue(beat.p99Millis() > 25 && beat.p99Millis() <= 50, "" + beat);
  }

  @Test
  void withoutDeliveriesThereIsNoDelay() {
    assertTrue(Double.isNaN(pulse.beat(SECOND).p50Millis()));
  }

  @Test
  void whatIsSlowerThanAllBoundsIsNotForgotten() {
    metrics.delivered(60 * SECOND);
    assertEquals(5_000, pulse.beat(SECOND).p99Millis());
  }
}
