package io.tidings.memory;

import java.lang.management.ManagementFactory;
import java.util.List;

/**
 * The budget of heap and direct memory, and its shares. Memory outside the budget is left to what
 * is not counted: connections, request parsing, the JVM itself. Any thread.
 */
public final class MemoryBudget {
  private static final double HEAP_PART = 0.75;
  private static final double DIRECT_PART = 0.5;

  /** The window of the newest entries, as a part of the heap budget. */
  private static final double WINDOW_PART = 0.06;

  /** Each queue, as a part of the heap budget that open streams leave. */
  private static final double QUEUE_PART = 0.10;

  /** The heap of an open stream, most of it the connection's objects. */
  public static final long STREAM_BYTES = 7 * 1024;

  /** The same with TLS. */
  public static final long ENCRYPTED_STREAM_BYTES = 20 * 1024;

  /** The part of the heap budget that is never left to streams. */
  private static final double REST_PART = 0.125;

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
  private final HeapMonitor heapMonitor;
  private final long streamBytes;

  private volatile boolean roomForStreams = true;

  /**
   * @param heap bytes of the heap
   * @param direct bytes of direct memory
   */
  public MemoryBudget(long heap, long direct) {
    this(heap, direct, new HeapMonitor());
  }

  MemoryBudget(long heap, long direct, HeapMonitor heapMonitor) {
    this(heap, direct, heapMonitor, STREAM_BYTES);
  }

  private MemoryBudget(long heap, long direct, HeapMonitor heapMonitor, long streamBytes) {
    this.streamBytes = streamBytes;
    this.heapMonitor = heapMonitor;
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
   * Creates the configured budget.
   *
   * @param heap bytes, or 0 for a part of the JVM's maximum
   * @param direct bytes, or 0 for a part of the JVM's maximum
   */
  public static MemoryBudget of(long heap, long direct) {
    return of(heap, direct, STREAM_BYTES);
  }

  /**
   * The same.
   *
   * @param streamBytes the heap of an open stream
   */
  public static MemoryBudget of(long heap, long direct, long streamBytes) {
    long maxHeap = Runtime.getRuntime().maxMemory();
    return new MemoryBudget(
        heap > 0 ? heap : part(maxHeap, HEAP_PART),
        direct > 0 ? direct : part(maxDirect(maxHeap), DIRECT_PART),
        new HeapMonitor(),
        streamBytes);
  }

  /**
   * The value of -XX:MaxDirectMemorySize; without it, the JVM allows as much as the maximum heap.
   */
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

  /** The bytes of the window of the newest entries. */
  public long window() {
    return window;
  }

  /** Batches published by the log and not yet received by all event loops. */
  public DeliveryBacklog batches() {
    return batches;
  }

  /** Publications waiting to be appended. */
  public MemoryShare queues() {
    return queues;
  }

  /** Bodies of publish requests. */
  public MemoryShare bodies() {
    return bodies;
  }

  /** Entries read from the log for subscribers that catch up. */
  public MemoryShare reads() {
    return reads;
  }

  /** Chunks being written to the sockets of live subscribers. */
  public MemoryShare chunks() {
    return chunks;
  }

  /** Pages being written to the sockets of subscribers that catch up. */
  public MemoryShare pages() {
    return pages;
  }

  /** Limits the logging of publications that were refused for lack of memory. */
  public MinuteLimiter refusals() {
    return refusals;
  }

  /** All shares that are reserved and released. */
  public List<MemoryShare> shares() {
    return List.of(queues, bodies, reads, chunks, pages);
  }

  /** Sets the number of open streams; the queues share the heap that these leave. */
  public void streams(int open) {
    long rest = Math.max(part(heap, REST_PART), heap - open * streamBytes);
    long each = part(rest, QUEUE_PART);
    batches.limit(each);
    queues.limit(each);
    bodies.limit(each);
    reads.limit(each);
    roomForStreams = heap - open * streamBytes > part(heap, REST_PART);
  }

  /**
   * Whether publications are accepted. They are not while the heap is nearly full after a garbage
   * collection, whatever filled it.
   */
  public boolean acceptsPublications() {
    return batches.used() < batches.limit() && !heapMonitor.full();
  }

  /** Whether there is memory for one more stream. */
  public boolean acceptsStreams() {
    return roomForStreams && pages.free() > 0 && chunks.free() > 0 && !heapMonitor.full();
  }
}
