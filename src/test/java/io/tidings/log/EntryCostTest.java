package io.tidings.log;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Compares the cost of entries and publications with the growth of the heap. */
class EntryCostTest {
  private static final Retention ALL = new Retention(0, Duration.ZERO, 0);

  @Test
  void theCostOfSmallEventsOfFewTopicsIsTheirMemory() throws Exception {
    checkEntries(1 << 15, i -> event(List.of("sensors." + i % 100), "", "{\"value\":" + i + "}"));
  }

  @Test
  void theCostOfEventsWithPublishersIdsIsTheirMemory() throws Exception {
    checkEntries(
        1 << 14, i -> event(List.of("a" + i % 10), "order-" + 1_000_000 + i, "x".repeat(200)));
  }

  @Test
  void theCostOfEventsWithIdsInScopesIsTheirMemory() throws Exception {
    checkHeap(
        1 << 14,
        keep -> {
          var window = new Window(new Position(1, 0), ALL);
          keep.add(window);
          for (int i = 1; i <= 1 << 14; i++) {
            Event event = event(List.of("a" + i % 10), "order-" + 1_000_000 + i, "x".repeat(200));
            window.add(Entry.of(new Position(1, i), i - 1, i, event), "scope-of-22-bytes-abcd");
          }
          return window.size().bytes();
        });
  }

  @Test
  void theCostOfEventsOfATopicEachIsTheirMemory() throws Exception {
    checkEntries(1 << 14, i -> event(List.of("users." + i), "", "x".repeat(200)));
  }

  @Test
  void theCostOfEventsOfAHundredLongTopicsIsTheirMemory() throws Exception {
    checkEntries(
        1 << 7,
        i ->
            event(
                IntStream.range(0, 100)
                    .mapToObj(n -> "t" + n + ".of" + i + "." + "x".repeat(1_000))
                    .toList(),
                "",
                "x"));
  }

  @Test
  void theCostOfLargeNonAsciiEventsIsTheirMemory() throws Exception {
    checkEntries(
        1 << 8, i -> event(List.of("a"), "", "\u0442\u0435\u043a\u0441\u0442 ".repeat(5_000)));
  }

  @Test
  void theCostOfPublicationsWithKeysIsTheirMemory() throws Exception {
    checkHeap(
        1 << 10,
        keep -> {
          long cost = 0;
          for (int i = 0; i < 1 << 10; i++) {
            int n = i;
            List<Event> events =
                IntStream.range(0, 50).mapToObj(e -> Event.of("a" + n, "data " + e)).toList();
            var publication = new Publication(events, "key-" + i, false);
            cost += publication.cost();
            keep.add(publication);
          }
          return cost;
        });
  }

  private static void checkEntries(int count, IntFunction<Event> event) throws Exception {
    checkHeap(
        count,
        keep -> {
          var log = new SynchronousLog(ALL, Duration.ofMinutes(10), InstantSource.system());
          keep.add(log);
          long cost = 0;
          for (int i = 0; i < count; i++) {
            cost += log.append(List.of(event.apply(i))).result().get(0).cost();
          }
          return cost;
        });
  }

  /** Compares the sum of costs with the heap's growth. */
  private static void checkHeap(int count, Filling filling) throws Exception {
    filling.fill(new ArrayList<>()); // loads classes and creates constants
    var keep = new ArrayList<Object>(count);
    long before = used();
    long cost = filling.fill(keep);
    long measured = used() - before;
    Reference.reachabilityFence(keep);
    double ratio = cost / (double) measured;
    assertTrue(
        ratio > 0.8 && ratio < 1.25, cost + " computed, " + measured + " measured: " + ratio);
  }

  private static Event event(List<String> topics, String id, String data) {
    return new Event(topics, "", id, Event.NO_RETRY, data);
  }

  private static long used() {
    var memory = ManagementFactory.getMemoryMXBean();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      least = Math.min(least, memory.getHeapMemoryUsage().getUsed());
    }
    return least;
  }

  private interface Filling {
    /** Adds objects to the list and returns the sum of their costs. */
    long fill(List<Object> keep) throws Exception;
  }
}
