package io.tidings.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HeapMonitorTest {
  private static final long CHECK = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long GC = TimeUnit.SECONDS.toNanos(5);

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - GC); // overflows on the way
  private final AtomicInteger collections = new AtomicInteger();

  /** Percents of the pool, now and after the last garbage collection. */
  private volatile int used;

  private volatile int usedAfterGc;

  private final HeapMonitor monitor =
      new HeapMonitor(List.of(pool()), collections::incrementAndGet, nanos::get);

  @Test
  void theHeapIsFullIfAGarbageCollectionLeavesItNearlyFull() {
    assertFalse(monitor.full());
    set(100, 95);
    nanos.addAndGet(CHECK);
    assertFalse(monitor.full(), "the next collection can free some");
    set(96, 96);
    nanos.addAndGet(CHECK);
    assertTrue(monitor.full());
    set(95, 96);
    nanos.addAndGet(CHECK);
    assertFalse(monitor.full(), "something was freed since");
  }

  @Test
  void itIsCheckedAtAnInterval() {
    assertFalse(monitor.full());
    set(96, 96);
    nanos.addAndGet(CHECK - 1);
    assertFalse(monitor.full());
    nanos.incrementAndGet();
    assertTrue(monitor.full());
    set(0, 0);
    nanos.addAndGet(CHECK - 1);
    assertTrue(monitor.full());
    nanos.incrementAndGet();
    assertFalse(monitor.full());
  }

  @Test
  void aGarbageCollectionIsRequestedAtMostEveryFiveSeconds() {
    set(96, 96);
    nanos.addAndGet(GC - 1);
    assertTrue(monitor.full());
    assertEquals(0, collections.get(), "not in the first seconds");
    nanos.addAndGet(CHECK);
    assertTrue(monitor.full());
    assertEquals(1, collections.get());
    nanos.addAndGet(GC - 1);
    assertTrue(monitor.full());
    assertEquals(1, collections.get());
    nanos.addAndGet(CHECK);
    assertTrue(monitor.full());
    assertEquals(2, collections.get());
  }

  @Test
  void aBudgetWithAFullHeapRefusesPublicationsAndStreams() {
    var memory = new MemoryBudget(100 << 20, 10 << 20, monitor);
    assertTrue(memory.acceptsPublications() && memory.acceptsStreams());
    set(96, 96);
    nanos.addAndGet(CHECK);
    assertFalse(memory.acceptsPublications() || memory.acceptsStreams());
    set(0, 0);
    nanos.addAndGet(CHECK);
    assertTrue(memory.acceptsPublications() && memory.acceptsStreams());
  }

  private void set(int now, int afterGc) {
    used = now;
    usedAfterGc = afterGc;
  }

  private MemoryPoolMXBean pool() {
    return (MemoryPoolMXBean)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {MemoryPoolMXBean.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getUsage" -> new MemoryUsage(0, used, 100, 100);
                  case "getCollectionUsage" -> new MemoryUsage(0, usedAfterGc, 100, 100);
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }
}
