package io.tidings.memory;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Whether the heap is nearly full after a garbage collection, whatever filled it. Any thread. */
final class HeapMonitor {
  private static final double FULL = 0.95;
  private static final long GC_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long CHECK_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final List<MemoryPoolMXBean> pools;
  private final Runnable collector;
  private final LongSupplier nanoTime;
  private volatile boolean full;
  private volatile long gcNanos;
  private volatile long checkedNanos;

  /** Monitors the old generation of this JVM. */
  HeapMonitor() {
    this(oldPools(), HeapMonitor::collectInBackground, System::nanoTime);
  }

  /**
   * @param pools the pools that a garbage collection leaves filled
   * @param collector starts a garbage collection
   * @param nanoTime the clock for intervals, as {@link System#nanoTime}
   */
  HeapMonitor(List<MemoryPoolMXBean> pools, Runnable collector, LongSupplier nanoTime) {
    this.pools = pools;
    this.collector = collector;
    this.nanoTime = nanoTime;
    this.gcNanos = nanoTime.getAsLong();
    this.checkedNanos = gcNanos - CHECK_INTERVAL_NANOS;
  }

  private static List<MemoryPoolMXBean> oldPools() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .filter(pool -> pool.getCollectionUsage() != null && pool.getUsage().getMax() > 0)
        .filter(pool -> pool.isUsageThresholdSupported())
        .toList();
  }

  private static void collectInBackground() {
    var thread = new Thread(System::gc, "tidings-gc");
    thread.setDaemon(true);
    thread.start();
  }

  /** Checks at an interval, since a check costs more than a publication. */
  boolean full() {
    long now = nanoTime.getAsLong();
    if (now - checkedNanos >= CHECK_INTERVAL_NANOS) {
      checkedNanos = now;
      full = check(now);
    }
    return full;
  }

  private boolean check(long now) {
    for (MemoryPoolMXBean pool : pools) {
      MemoryUsage after = pool.getCollectionUsage();
      if (after.getUsed() > FULL * after.getMax()
          && pool.getUsage().getUsed() > FULL * after.getMax()) {
        requestGc(now);
        return true;
      }
    }
    return false;
  }

  /**
   * Requests a garbage collection, since the figures are those after the last one, and while
   * nothing is published none may happen by itself.
   */
  private void requestGc(long now) {
    if (now - gcNanos >= GC_INTERVAL_NANOS) {
      gcNanos = now;
      collector.run();
    }
  }
}
