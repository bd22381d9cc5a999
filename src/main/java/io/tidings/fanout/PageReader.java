package io.tidings.fanout;

import io.tidings.event.Filter;
import io.tidings.event.Position;
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
 * Reads pages for those who are behind, and joins each page's frames once, however many want it:
 * after a restart thousands come back with the same id. Confined to one event loop.
 */
final class PageReader {
  /** How many bytes of frames a page has at the most, and where memory is short. */
  static final int PAGE_BYTES = 32 * 1024;

  static final int SMALLEST_PAGE_BYTES = 4 * 1024;

  /** What part of the room that there is one page may take. */
  private static final int PART_OF_FREE = 8;

  private static final int MAX_KEPT = 32;

  /** How many pages may be read from a disk or a network at a time: each is on the heap. */
  private static final int MAX_READ = 8;

  /** What a page that is read takes on the heap, about, beside what it is made of. */
  private static final int READ_BYTES = 256 * 1024;

  /** How many pages may be read at a time, that another is read ahead. */
  private static final int MAX_AHEAD = 8;

  private final Context context;
  private final EventLog log;
  private final DeliveryScheduler scheduler;
  private final MemoryBudget memory;
  private final LongSupplier lagging;
  private final Map<Place, SharedPage> kept = new LinkedHashMap<>();
  private final Map<Place, List<Subscriber>> awaited = new HashMap<>();
  private boolean closed;

  /**
   * @param lagging how many streams of all event loops are behind
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
    return awaited.size() < MAX_READ && (awaited.isEmpty() || memory.reads().free() > 0);
  }

  /** Whether more than half of the memory for pages is taken. */
  boolean scarce() {
    return memory.pages().used() > memory.pages().limit() / 2;
  }

  /**
   * How many bytes of frames a page has now. The first half of the share is for whoever comes, in
   * pages that become smaller the less of it is left; the other half is kept for all who are
   * behind, in pages so small that each can have one.
   */
  int pageBytes() {
    long half = memory.pages().limit() / 2;
    long each = half / Math.max(1, lagging.getAsLong());
    long left = (half - memory.pages().used()) / PART_OF_FREE;
    return (int) Math.max(SMALLEST_PAGE_BYTES, Math.min(PAGE_BYTES, Math.max(each, left)));
  }

  /** Gives the subscriber the page after its cursor, now or when the log has read it. */
  void give(Subscriber to) {
    var place =
        new Place(
            to.audience().filter(),
            to.audience().wire(),
            to.cursor(),
            to.part(),
            to.outlet().takesParts());
    SharedPage page = kept.get(place);
    if (page != null) {
      to.hear(page);
      if (page.slow()) {
        readAhead(place, page, to);
      }
      return;
    }
    List<Subscriber> waiting = awaited.get(place);
    if (waiting != null) {
      waiting.add(to);
      return;
    }
    read(place, new ArrayList<>(List.of(to)), to);
  }

  /**
   * Reads a page.
   *
   * @param readers those who wait for it, and perhaps more until it comes
   * @param any whoever has the filter
   */
  private void read(Place place, List<Subscriber> readers, Subscriber any) {
    Future<Page> read = log.after(place.after, place.filter, pageBytes());
    if (read.isComplete()) {
      arrive(place, readers, any, read, false);
    } else {
      awaited.put(place, readers);
      memory.reads().take(READ_BYTES);
      read.onComplete(done -> context.runOnContext(hop -> arriveLate(place, any, read)));
    }
  }

  private void arriveLate(Place place, Subscriber any, Future<Page> read) {
    List<Subscriber> waiting = awaited.remove(place);
    memory.reads().give(READ_BYTES);
    SharedPage page = arrive(place, waiting, any, read, true);
    if (page != null && !waiting.isEmpty()) {
      readAhead(place, page, any);
    }
    scheduler.schedule();
  }

  /** Reads the next page while this one is on its way, where that takes its time. */
  private void readAhead(Place place, SharedPage page, Subscriber any) {
    var next = new Place(place.filter, place.wire, page.end(), page.part(), place.takesParts);
    boolean more = page.end().offset() < any.edge(page.end().epoch());
    if (more
        && canRead()
        && !scarce()
        && awaited.size() < MAX_AHEAD
        && !kept.containsKey(next)
        && !awaited.containsKey(next)) {
      read(next, new ArrayList<>(), any);
    }
  }

  /** Forgets the pages that are kept; for when nobody is behind any more. */
  void clear() {
    kept.values().forEach(SharedPage::release);
    kept.clear();
  }

  /** Forgets the pages for good: all who could want one have left. */
  void close() {
    closed = true;
    clear();
  }

  private SharedPage arrive(
      Place place, List<Subscriber> readers, Subscriber any, Future<Page> read, boolean slow) {
    if (closed) {
      return null;
    }
    if (read.failed() && !(read.cause() instanceof Error)) {
      readers.forEach(
          reader -> reader.end(CloseReason.FAILED)); // they come back, with their last id
      return null;
    }
    SharedPage page;
    try {
      page = share(place, result(read), any, slow);
      if (page == null) { // there is no room
        clear();
        readers.forEach(scheduler::pause);
        return null;
      }
      keep(place, page);
    } catch (RuntimeException | Error e) {
      scheduler.failed("a page", any.audience(), e);
      readers.forEach(scheduler::pause);
      return null;
    }
    if (!readers.isEmpty()) {
      // the first is sure to get on; the others take the page in their turn, and the loop its
      // breath
      hear(readers.get(0), page);
      readers.subList(1, readers.size()).forEach(scheduler::settle);
    }
    return page;
  }

  private static Page result(Future<Page> read) {
    if (read.cause() instanceof Error e) {
      throw e;
    }
    return read.result();
  }

  private void hear(Subscriber reader, SharedPage page) {
    try {
      reader.hear(page);
    } catch (RuntimeException | Error e) {
      scheduler.failed("a page", reader.audience(), e);
      scheduler.pause(reader);
    }
  }

  private void keep(Place place, SharedPage page) {
    SharedPage replaced = kept.put(place, page);
    if (replaced != null) {
      replaced.release();
    }
    if (kept.size() > (scarce() ? MAX_KEPT / 8 : MAX_KEPT)) {
      Iterator<SharedPage> oldest = kept.values().iterator();
      oldest.next().release();
      oldest.remove();
    }
  }

  /**
   * Cuts the page off at the audience's edge, beyond which its members will hear live, and where
   * there is no room for more; null where there is none for anything.
   */
  private SharedPage share(Place place, Page page, Subscriber reader, boolean slow) {
    List<Entry> entries = page.entries();
    long edge = reader.edge(page.end().epoch());
    int most = pageBytes();
    int within = 0; // the edge
    int count = 0; // and the page
    long bytes = 0;
    while (within < entries.size() && entries.get(within).offset() <= edge) {
      bytes += entries.get(within++).frame().size();
      count = bytes <= most ? within : count;
    }
    if (within > 0 && (count == 0 || place.part > 0)) {
      if (place.takesParts) {
        return part(place, page, most, slow);
      }
      count = 1;
    }
    long end = Math.min(page.end().offset(), edge);
    if (count < within || end < edge) {
      count = evenEnd(entries.subList(0, count));
      end = count == 0 ? end : entries.get(count - 1).offset();
    }
    Chunk chunk = null;
    if (count > 0) {
      chunk = Chunk.of(entries.subList(0, count), place.wire, memory.pages());
      if (chunk == null) {
        return null;
      }
    }
    return new SharedPage(
        chunk,
        count,
        Delivery.ticks(entries.subList(0, count)),
        page.end().at(count == 0 ? end : entries.get(0).previous()),
        page.end().at(end),
        0,
        page.gap(),
        slow);
  }

  /** The next part of an entry that is larger than a page. */
  private SharedPage part(Place place, Page page, int most, boolean slow) {
    Entry entry = page.entries().get(0);
    SseFrame frame = place.wire.of(entry);
    int to = Math.min(frame.size(), place.part + most);
    Chunk chunk = Chunk.of(frame, place.part, to, memory.pages());
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
        slow);
  }

  /**
   * How many entries to take, at least half of them, so that the next page begins at the roundest
   * place that there is: readers who began at different places come to share pages by that.
   */
  private static int evenEnd(List<Entry> entries) {
    int roundest = entries.size();
    long round = 0;
    for (int i = entries.size() - 1; i >= Math.max(1, entries.size() / 2); i--) {
      long here = Long.highestOneBit(entries.get(i).offset() ^ entries.get(i - 1).offset());
      if (here > round) {
        round = here;
        roundest = i;
      }
    }
    return roundest;
  }

  /**
   * What a page begins with.
   *
   * @param part how many bytes of the next entry the reader has
   * @param takesParts whether the reader can be given an entry in parts
   */
  private record Place(
      Filter filter, WireFormat wire, Position after, int part, boolean takesParts) {}
}
