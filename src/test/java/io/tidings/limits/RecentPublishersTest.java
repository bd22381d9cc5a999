package io.tidings.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.metrics.Refusal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecentPublishersTest {
  private long nanos = 7;
  private final RecentPublishers publishers = new RecentPublishers(() -> nanos, 10);

  private void pass(Duration time) {
    nanos += time.toNanos();
  }

  private static LimitKey named(String subject) {
    return LimitKey.ofPrincipal("issuer", subject);
  }

  private List<String> subjects() {
    return publishers.busiest(100).stream().map(rate -> rate.key().subject()).toList();
  }

  @Test
  void ratesAreAnAverageOfTheLastMinute() {
    for (int i = 0; i < 30; i++) {
      publishers.published(named("alice"), 2, 100);
    }
    assertEquals(
        List.of(new PublisherRate(named("alice"), 1, 50, Map.of())), publishers.busiest(10));
    pass(Duration.ofMinutes(2));
    assertEquals(List.of(), publishers.busiest(10));
  }

  @Test
  void refusalsAreCountedByReason() {
    publishers.refused(named("alice"), Refusal.PUBLISHES);
    publishers.refused(named("alice"), Refusal.PUBLISHES);
    publishers.refused(named("alice"), Refusal.BYTES);
    assertEquals(
        Map.of(Refusal.PUBLISHES, 2L, Refusal.BYTES, 1L), publishers.busiest(10).get(0).refusals());
  }

  @Test
  void theBusiestAreFirst() {
    publishers.published(named("some"), 5, 1);
    publishers.published(named("most"), 9, 1);
    publishers.refused(named("none"), Refusal.TOKEN);
    assertEquals(List.of("most", "some", "none"), subjects());
    assertEquals(1, publishers.busiest(1).size());
  }

  @Test
  void whoIsIdleForAMinuteGivesUpItsPlace() {
    for (int i = 0; i < 10; i++) {
      publishers.published(named("old" + i), 1_000_000, 1);
    }
    pass(Duration.ofMinutes(2));
    publishers.published(named("new"), 1, 1);
    assertEquals(List.of("new"), subjects());
    assertTrue(publishers.size() <= 10);
  }

  @Test
  void aFloodOfAddressesDisplacesNoBusyPublisher() {
    for (int i = 0; i < 5; i++) {
      publishers.published(named("busy" + i), 100_000_000, 1);
    }
    for (int i = 0; i < 10_000; i++) {
      publishers.published(LimitKey.ofAddress("10.0." + (i >> 8) + "." + (i & 255)), 1, 1);
    }
    assertTrue(publishers.size() <= 10, "the table is bounded: " + publishers.size());
    assertTrue(subjects().containsAll(List.of("busy0", "busy1", "busy2", "busy3", "busy4")));
  }

  @Test
  void whoBecomesBusyGetsAPlace() {
    for (int i = 0; i < 10; i++) {
      publishers.published(named("small" + i), 10, 1);
    }
    for (int i = 0; i < 10_000; i++) {
      publishers.published(named("large"), 1, 1);
    }
    assertEquals("large", subjects().get(0));
  }

  @Test
  void threadsThatAddTheSamePublisherCountTogether() throws Exception {
    var threads = new Thread[4];
    for (int i = 0; i < threads.length; i++) {
      threads[i] =
          new Thread(
              () -> {
                for (int k = 0; k < 10_000; k++) {
                  publishers.published(named("one"), 6, 1);
                }
              });
      threads[i].start();
    }
    for (Thread thread : threads) {
      thread.join(20_000);
    }
    assertEquals(1, publishers.size());
    double events = publishers.busiest(1).get(0).events();
    assertTrue(events > 3_990 && events <= 4_000, "events a second: " + events);
  }
}
