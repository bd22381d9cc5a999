package io.tidings.memory;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What the hub may take of the heap and of direct memory, and its shares. The rest of either is for
 * what nobody counts: connections, requests that are read, the JVM's own. Any thread.
 */
public final class MemoryBudget {
  private static final double HEAP_PART = 0.75;
  private static final double DIRECT_PART = 0.5;
  private static final double FULL = 0.95;

  /** What the newest entries may take of the heap's budget; older ones are read from the log. */
  private static final double WINDOW_PART = 0.06;

  /** What each of the queues may take of what the streams leave of it. */
  private static final double QUEUE_PART = 0.10;

  /** What an open stream takes on the heap: most of it are the connection's objects. */
  private static final long STREAM_BYTES = 7 * 1024;

  /** How much of the heap's budget the streams leave to the rest, at least. */
  private static final double REST_PART = 0.125;

  private static final long COLLECT_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final long heap;
  private final long direct;
  private final long window;
  private final DeliveryBacklog batches;
  private final MemoryShare queues;
  private final MemoryShare bodies;
  private final MemoryShare reads;
  private final MemoryShare chunks;
  private final MemoryShare pages;
  private final MinuteLimiter refusals = new MinuteLimiter();
  private final List<MemoryPoolMXBean> old =
      ManagementFactory.getMemoryPoolMXBeans().stream()
          .filter(pool -> pool.getType() == MemoryType.HEAP)
          .filter(pool -> pool.getCollectionUsage() != null && pool.getUsage().getMax() > 0)
          .filter(pool -> pool.isUsageThresholdSupported())
          .toList();

  private volatile boolean roomForStreams = true;
  private volatile boolean heapFull;
  private volatile long collectedNanos = System.nanoTime();
  private volatile long lookedNanos = System.nanoTime() - LOOK_NANOS;

  /**
   * @param heap bytes of the heap
   * @param direct bytes of direct memory
   */
  public MemoryBudget(long heap, long direct) {
    this.heap = heap;
    this.direct = direct;
    this.window = part(heap, WINDOW_PART);
    long each = part(heap, QUEUE_PART);
    this.batches = new DeliveryBacklog(each);
    this.queues = new MemoryShare("queues", each);
    this.bodies = new MemoryShare("bodies", each);
    this.reads = new MemoryShare("reads", each);
    this.chunks = new MemoryShare("chunks", part(direct, 0.4));
    this.pages = new MemoryShare("pages", part(direct, 0.6));
  }

  /**
   * What the settings want.
   *
   * @param heap bytes, or 0 for a part of the JVM's
   * @param direct bytes, or 0 for a part of the JVM's
   */
  public static MemoryBudget of(long heap, long direct) {
    long maxHeap = Runtime.getRuntime().maxMemory();
    return new MemoryBudget(
        heap > 0 ? heap : part(maxHeap, HEAP_PART),
        direct > 0 ? direct : part(maxDirect(maxHeap), DIRECT_PART));
  }

  /** What -XX:MaxDirectMemorySize says; without it the JVM allows as much as the heap may have. */
  private static long maxDirect(long maxHeap) {
    String prefix = "-XX:MaxDirectMemorySize=";
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith(prefix))
        .map(argument -> bytes(argument.substring(prefix.length())))
        .filter(bytes -> bytes > 0)
        .reduce((first, last) -> last)
        .orElse(maxHeap);
  }

  private static long bytes(String text) {
    int shift = "kmgt".indexOf(Character.toLowerCase(text.charAt(text.length() - 1))) + 1;
    String digits = shift == 0 ? text : text.substring(0, text.length() - 1);
    return Long.parseLong(digits) << (10 * shift);
  }

  private static long part(long bytes, double part) {
    return (long) (bytes * part);
  }

  public long heap() {
    return heap;
  }

  public long direct() {
    return direct;
  }

  /** The heap that the newest entries may take. */
  public long window() {
    return window;
  }

  /** Entries on the way from the log to the event loops. */
  public DeliveryBacklog batches() {
    return batches;
  }

  /** Publications that wait to be appended. */
  public MemoryShare queues() {
    return queues;
  }

  /** Bodies of requests that publish. */
  public MemoryShare bodies() {
    return bodies;
  }

  /** Entries that are read from the log for those behind. */
  public MemoryShare reads() {
    return reads;
  }

  /** Chunks that are written to sockets. */
  public MemoryShare chunks() {
    return chunks;
  }

  /** Pages that are written to the sockets of those behind. */
  public MemoryShare pages() {
    return pages;
  }

  /** What was refused because all this is spent. */
  public MinuteLimiter refusals() {
    return refusals;
  }

  /** All that can be taken and given back. */
  public List<MemoryShare> shares() {
    return List.of(queues, bodies, reads, chunks, pages);
  }

  /** So many streams are open: what they leave of the heap is the queues'. */
  public void streams(int open) {
    long rest = Math.max(part(heap, REST_PART), heap - open * STREAM_BYTES);
    long each = part(rest, QUEUE_PART);
    batches.limit(each);
    queues.limit(each);
    bodies.limit(each);
    reads.limit(each);
    roomForStreams = heap - open * STREAM_BYTES > part(heap, REST_PART);
  }

  /**
   * Whether there is room for what is published; where the heap has next to none left after a
   * collection, whoever took it, there is not.
   */
  public boolean takesPublications() {
    return batches.used() < batches.limit() && !heapFull();
  }

  /** Whether there is room for one more stream. */
  public boolean admits() {
    return roomForStreams && pages.free() > 0 && chunks.free() > 0 && !heapFull();
  }

  /** Looks from time to time: to look costs more than to publish. */
  private boolean heapFull() {
    long now = System.nanoTime();
    if (now - lookedNanos >= LOOK_NANOS) {
      lookedNanos = now;
      heapFull = look();
    }
    return heapFull;
  }

  private boolean look() {
    for (MemoryPoolMXBean pool : old) {
      MemoryUsage after = pool.getCollectionUsage();
      if (after.getUsed() > FULL * after.getMax()
          && pool.getUsage().getUsed() > FULL * after.getMax()) {
        collect();
        return true;
      }
    }
    return false;
  }

  /**
   * What was left after the last collection says nothing for ever: where nothing is published, the
   * next may never come by itself.
   */
  private void collect() {
    long now = System.nanoTime();
    if (now - collectedNanos >= COLLECT_NANOS) {
      collectedNanos = now;
      var thread = new Thread(System::gc, "tidings-collect");
      thread.setDaemon(true);
      thread.start();
    }
  }
}
