package io.tidings.fanout;

import io.tidings.event.Position;
import io.tidings.event.Selection;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.Page;
import io.tidings.memory.MemoryBudget;
import io.tidings.wire.SseFrame;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Reads pages of the log for lagging subscribers. Each page's frames are joined once and shared by
 * all subscribers that want it: after a restart thousands of clients resume with the same id.
 * Confined to one event loop.
 *
 * <p>It is one class because the cached pages, the reads in progress and the page size form one
 * memory bound: a page is cut, cached, read ahead or dropped by how much of the shared memory is
 * left.
 */
final class PageReader {
  /** The maximum number of bytes of frames in a page, and the maximum when memory is scarce. */
  static final int PAGE_BYTES = 32 * 1024;

  static final int SMALLEST_PAGE_BYTES = 4 * 1024;

  /** One page may use this fraction of the free memory. */
  private static final int PART_OF_FREE = 8;

  private static final int MAX_CACHED = 32;

  /** How many pages may be read from disk or network at a time: each is on the heap. */
  private static final int MAX_READ = 8;

  /** The approximate heap use of a read in progress, in addition to its contents. */
  private static final int READ_BYTES = 256 * 1024;

  /** The number of reads in progress below which another page is read ahead. */
  private static final int MAX_AHEAD = 8;

  private final Context context;
  private final EventLog log;
  private final DeliveryScheduler scheduler;
  private final MemoryBudget memory;
  private final LongSupplier lagging;
  private final Map<PageKey, SharedPage> cached = new LinkedHashMap<>();
  private final Map<PageKey, PageRead> reading = new HashMap<>();
  private boolean closed;

  /**
   * @param lagging the number of lagging streams on all event loops
   */
  PageReader(
      Context context,
      EventLog log,
      DeliveryScheduler scheduler,
      MemoryBudget memory,
      LongSupplier lagging) {
    this.context = context;
    this.log = log;
    this.scheduler = scheduler;
    this.memory = memory;
    this.lagging = lagging;
  }

  /** Whether one more page can be read now. */
  boolean canRead() {
    return reading.size() < MAX_READ && (reading.isEmpty() || memory.reads().free() > 0);
  }

  /** Whether more than half of the memory for pages is used. */
  boolean scarce() {
    return memory.pages().used() > memory.pages().limit() / 2;
  }

  /**
   * The current maximum number of bytes of frames in a page. The first half of the share is for any
   * subscriber, in pages that shrink as it fills; the other half is reserved for all lagging
   * subscribers, in pages small enough for each to have one.
   */
  int pageBytes() {
    long half = memory.pages().limit() / 2;
    long each = half / Math.max(1, lagging.getAsLong());
    long left = (half - memory.pages().used()) / PART_OF_FREE;
    return (int) Math.max(SMALLEST_PAGE_BYTES, Math.min(PAGE_BYTES, Math.max(each, left)));
  }

  /** Delivers the page after the cursor to the subscriber, now or when the log has read it. */
  void deliver(Subscriber to) {
    var key =
        new PageKey(
            to.audience().selection(),
            to.audience().wire(),
            to.cursor(),
            to.part(),
            to.outlet().acceptsParts());
    Audience audience = to.audience(); // it may enter another one when it has received a page
    SharedPage page = cached.get(key);
    if (page != null) {
      to.receive(page);
      if (page.origin() == SharedPage.Origin.STORAGE) {
        readAhead(key, page, audience);
      }
      return;
    }
    PageRead inProgress = reading.get(key);
    if (inProgress != null) {
      inProgress.waiting.add(to);
      return;
    }
    read(new PageRead(key, new ArrayList<>(List.of(to)), audience));
  }

  private void read(PageRead read) {
    Future<Page> result = log.after(read.key.cursor, read.key.selection, pageBytes());
    if (result.isComplete()) {
      complete(read, result, SharedPage.Origin.MEMORY);
    } else {
      reading.put(read.key, read);
      memory.reads().reserve(READ_BYTES);
      try {
        result.onComplete(done -> context.runOnContext(hop -> completeAsync(read, result)));
      } catch (RuntimeException | Error e) {
        reading.remove(read.key); // or all who want the page would wait for it for ever
        memory.reads().release(READ_BYTES);
        throw e;
      }
    }
  }

  private void completeAsync(PageRead read, Future<Page> result) {
    reading.remove(read.key);
    memory.reads().release(READ_BYTES);
    SharedPage page = complete(read, result, SharedPage.Origin.STORAGE);
    if (page != null && !read.waiting.isEmpty()) {
      readAhead(read.key, page, read.audience);
    }
    scheduler.schedule();
  }

  /** Reads the next page while this one is being sent, if reading is asynchronous. */
  private void readAhead(PageKey key, SharedPage page, Audience audience) {
    var next = new PageKey(key.selection, key.wire, page.end(), page.part(), key.acceptsParts);
    boolean more = page.end().offset() < audience.delivery().headOffset(page.end().epoch());
    if (more
        && canRead()
        && !scarce()
        && reading.size() < MAX_AHEAD
        && !cached.containsKey(next)
        && !reading.containsKey(next)) {
      read(new PageRead(next, new ArrayList<>(), audience));
    }
  }

  /** The subscriber does not wait for a page any more. */
  void forget(Subscriber subscriber) {
    reading.values().forEach(read -> read.waiting.remove(subscriber));
  }

  /** Releases the cached pages; called when no subscriber is lagging any more. */
  void clear() {
    cached.values().forEach(SharedPage::release);
    cached.clear();
  }

  /** Closes the reader and releases the cached pages, after all subscribers have left. */
  void close() {
    closed = true;
    clear();
  }

  /**
   * Encodes a page that was read, and delivers it to the subscribers that wait for it.
   *
   * @return the page; null if it can't be delivered now
   */
  private SharedPage complete(PageRead read, Future<Page> result, SharedPage.Origin origin) {
    if (closed) {
      return null;
    }
    List<Subscriber> waiting = read.waiting;
    if (result.failed() && !(result.cause() instanceof Error)) {
      // clients resume with their last id
      for (int i = 0; i < waiting.size(); i++) {
        endFailed(waiting.get(i));
      }
      return null;
    }
    SharedPage page;
    try {
      page = toSharedPage(read, result(result), origin);
      if (page == null) { // there is no memory
        clear();
        pauseAll(waiting);
        return null;
      }
      cache(read.key, page);
    } catch (RuntimeException | Error e) {
      pauseAll(waiting);
      scheduler.reportFailure("a page", read.audience, e);
      return null;
    }
    if (!waiting.isEmpty()) {
      // the first makes progress for certain; the others get the page in turns of their own, so
      // that the loop is not blocked
      deliver(waiting.get(0), page);
      for (int i = 1; i < waiting.size(); i++) {
        scheduler.updateState(waiting.get(i));
      }
    }
    return page;
  }

  /** Allocates nothing, since it is called when there is no memory. */
  private void pauseAll(List<Subscriber> waiting) {
    for (int i = 0; i < waiting.size(); i++) {
      scheduler.pause(waiting.get(i));
    }
  }

  private void endFailed(Subscriber reader) {
    try {
      reader.end(CloseReason.FAILED);
    } catch (RuntimeException | Error e) {
      scheduler.pause(reader);
      scheduler.reportFailure("the end of a stream", reader.audience(), e);
    }
  }

  private static Page result(Future<Page> read) {
    if (read.cause() instanceof Error e) {
      throw e;
    }
    return read.result();
  }

  private void deliver(Subscriber reader, SharedPage page) {
    try {
      reader.receive(page);
    } catch (RuntimeException | Error e) {
      scheduler.pause(reader);
      scheduler.reportFailure("a page", reader.audience(), e);
    }
  }

  private void cache(PageKey key, SharedPage page) {
    SharedPage replaced = cached.put(key, page);
    if (replaced != null) {
      replaced.release();
    }
    if (cached.size() > (scarce() ? MAX_CACHED / 8 : MAX_CACHED)) {
      Iterator<SharedPage> oldest = cached.values().iterator();
      oldest.next().release();
      oldest.remove();
    }
  }

  /**
   * Cuts the page at the head of the audience, beyond which its subscribers receive live, and at
   * the memory that is available.
   *
   * @return null if there is no memory for any of it
   */
  private SharedPage toSharedPage(PageRead read, Page page, SharedPage.Origin origin) {
    PageKey key = read.key;
    long headOffset = read.audience.delivery().headOffset(page.end().epoch());
    List<Entry> entries = upTo(headOffset, page.entries());
    int maxBytes = pageBytes();
    List<SseFrame> frames = key.wire.encodeFitting(entries, Integer.MAX_VALUE, maxBytes);
    boolean large = !frames.isEmpty() && (key.part > 0 || frames.get(0).size() > maxBytes);
    if (large && key.acceptsParts) {
      return part(key, page, frames.get(0), origin);
    }
    int count = frames.size();
    long endOffset = Math.min(page.end().offset(), headOffset);
    if (count < entries.size() || endOffset < headOffset) {
      count = alignedCount(entries.subList(0, count));
      endOffset = count == 0 ? endOffset : entries.get(count - 1).offset();
    }
    Chunk chunk = count == 0 ? null : Chunk.of(frames.subList(0, count), memory.pages());
    if (count > 0 && chunk == null) {
      return null;
    }
    return new SharedPage(
        chunk,
        count,
        Delivery.ticks(entries.subList(0, count)),
        page.end().at(count == 0 ? endOffset : entries.get(0).previous()),
        page.end().at(endOffset),
        0,
        page.gap(),
        origin);
  }

  private static List<Entry> upTo(long offset, List<Entry> entries) {
    int count = entries.size();
    while (count > 0 && entries.get(count - 1).offset() > offset) {
      count--;
    }
    return entries.subList(0, count);
  }

  /**
   * The next part of an entry that is larger than a page.
   *
   * @return null if there is no memory for it
   */
  private SharedPage part(PageKey key, Page page, SseFrame frame, SharedPage.Origin origin) {
    Entry entry = page.entries().get(0);
    int to = Math.min(frame.size(), key.part + pageBytes());
    Chunk chunk = Chunk.of(frame, key.part, to, memory.pages());
    if (chunk == null) {
      return null;
    }
    boolean last = to == frame.size();
    Position begin = page.end().at(entry.previous());
    return new SharedPage(
        chunk,
        last ? 1 : 0,
        last && entry.ofClock() ? 1 : 0,
        begin,
        last ? entry.position() : begin,
        last ? 0 : to,
        page.gap(),
        origin);
  }

  /**
   * The number of entries to use, at least half of them, such that the next page begins at the
   * offset aligned to the highest power of two: by that, readers that began at different offsets
   * come to share pages.
   */
  private static int alignedCount(List<Entry> entries) {
    int best = entries.size();
    long bestBit = 0;
    for (int i = entries.size() - 1; i >= Math.max(1, entries.size() / 2); i--) {
      long bit = Long.highestOneBit(entries.get(i).offset() ^ entries.get(i - 1).offset());
      if (bit > bestBit) {
        bestBit = bit;
        best = i;
      }
    }
    return best;
  }

  /**
   * Identifies a page by where it begins.
   *
   * @param part how many bytes of the next entry the reader was sent
   * @param acceptsParts whether the reader accepts an entry in parts
   */
  private record PageKey(
      Selection selection, WireFormat wire, Position cursor, int part, boolean acceptsParts) {}

  /**
   * A page that is being read.
   *
   * @param waiting the subscribers that wait for it; more may be added until it is read; none if it
   *     is read ahead
   * @param audience that of the subscribers
   */
  private record PageRead(PageKey key, List<Subscriber> waiting, Audience audience) {}
}
