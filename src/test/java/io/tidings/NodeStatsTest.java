package io.tidings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidings.fanout.SlowSubscriber;
import io.tidings.fanout.SubscriptionCounts;
import io.tidings.http.Readiness;
import io.tidings.log.ManualClock;
import io.tidings.log.Retention;
import io.tidings.log.SynchronousLog;
import io.tidings.metrics.Metrics;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class NodeStatsTest {
  private static final Duration SAMPLE = Duration.ofMillis(900);

  private final ManualClock clock = new ManualClock();
  private final AtomicLong nanos = new AtomicLong();
  private final Metrics metrics = new Metrics();
  private final NodeStats stats =
      new NodeStats(
          new SynchronousLog(new Retention(0, Duration.ZERO, 0), Duration.ZERO, clock),
          "memory",
          new SubscriptionCounts(),
          new Readiness(),
          metrics,
          clock,
          nanos::get);

  @Test
  void ratesCoverAtLeastNineTenthsOfASecondHoweverOftenTheyAreRequested() {
    metrics.appended(90, 900);
    nanos.addAndGet(SAMPLE.toNanos() - 1);
    assertEquals(0, eventsIn());
    nanos.incrementAndGet();
    assertEquals(100, eventsIn());
    metrics.appended(90, 900);
    assertEquals(100, eventsIn());
    nanos.addAndGet(2 * SAMPLE.toNanos());
    assertEquals(50, eventsIn(), "the rate of all the time since the last sample");
    nanos.addAndGet(SAMPLE.toNanos());
    assertEquals(0, eventsIn());
  }

  @Test
  void aTimeOfDayThatIsSetChangesNoRate() {
    metrics.appended(90, 900);
    nanos.addAndGet(SAMPLE.toNanos());
    clock.advance(Duration.ofHours(-1));
    assertEquals(100, eventsIn());
    clock.advance(Duration.ofHours(2));
    assertEquals(100, eventsIn());
  }

  @Test
  void aSlowSubscriberIsBehindSinceATimeBeforeNowAlsoIfTheClockIsSetBack() {
    assertEquals("2025-12-31T23:59:58.500Z", since());
    clock.advance(Duration.ofHours(-1).plusNanos(999_999));
    assertEquals("2025-12-31T22:59:58.500Z", since(), "in whole milliseconds");
  }

  private double eventsIn() {
    return stats.now().getDouble("in");
  }

  private String since() {
    var subscriber = new SlowSubscriber(List.of("a.*"), 3, 1_500, "192.0.2.1:7");
    return stats.slow(List.of(subscriber)).getJsonObject(0).getString("since");
  }
}
