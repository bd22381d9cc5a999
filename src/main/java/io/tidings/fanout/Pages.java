package io.tidings.fanout;

import io.tidings.event.Position;
import io.tidings.event.Selection;
import io.tidings.log.Entry;
import io.tidings.log.EventLog;
import io.tidings.log.Page;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads pages for those who are behind, and joins each page's frames once, however many want it:
 * after a restart thousands come back with the same id. Confined to one event loop.
 */
final class Pages {
  /** How many bytes of frames a page has, about. */
  private static final int PAGE_BYTES = 64 * 1024;

  private static final int MOST_KEPT = 32;

  /** How many pages may be read at a time, that another is read ahead. */
  private static final int MOST_AHEAD = 8;

  private final Context context;
  private final EventLog log;
  private final DeliveryScheduler scheduler;
  private final Map<Place, SharedPage> kept = new LinkedHashMap<>();
  private final Map<Place, List<Subscriber>> awaited = new HashMap<>();
  private boolean closed;

  Pages(Context context, EventLog log, DeliveryScheduler scheduler) {
    this.context = context;
    this.log = log;
    this.scheduler = scheduler;
  }

  /** Gives the subscriber the page after its cursor, now or when the log has read it. */
  void give(Subscriber to) {
    var place = new Place(to.audience().selection(), to.audience().wire(), to.cursor());
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
   * @param any whoever has the selection
   */
  private void read(Place place, List<Subscriber> readers, Subscriber any) {
    Future<Page> read = log.after(place.after, place.selection, PAGE_BYTES);
    if (read.isComplete()) {
      arrive(place, readers, any, read, false);
    } else {
      awaited.put(place, readers);
      read.onComplete(done -> context.runOnContext(hop -> arriveLate(place, any, read)));
    }
  }

  private void arriveLate(Place place, Subscriber any, Future<Page> read) {
    List<Subscriber> waiting = awaited.remove(place);
    SharedPage page = arrive(place, waiting, any, read, true);
    if (page != null && !waiting.isEmpty()) {
      readAhead(place, page, any);
    }
  }

  /** Reads the next page while this one is on its way, where that takes its time. */
  private void readAhead(Place place, SharedPage page, Subscriber any) {
    var next = new Place(place.selection, place.wire, page.end());
    boolean more = page.end().offset() < any.edge(page.end().epoch());
    if (more
        && awaited.size() < MOST_AHEAD
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
      readers.forEach(reader -> reader.end(Ending.FAILED)); // they come back, with their last id
      return null;
    }
    SharedPage page;
    try {
      page = share(result(read), any, slow);
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
    if (kept.size() > MOST_KEPT) {
      Iterator<SharedPage> oldest = kept.values().iterator();
      oldest.next().release();
      oldest.remove();
    }
  }

  /** Cuts the page off at the audience's edge, beyond which its members will hear live. */
  private static SharedPage share(Page page, Subscriber reader, boolean slow) {
    long edge = reader.edge(page.end().epoch());
    List<Entry> entries = page.entries();
    int count = entries.size();
    while (count > 0 && entries.get(count - 1).offset() > edge) {
      count--;
    }
    long end = Math.min(page.end().offset(), edge);
    if (count == entries.size() && end < edge) {
      int even = evenEnd(entries);
      end = even < count ? entries.get(even - 1).offset() : end;
      count = even;
    }
    return new SharedPage(
        count == 0 ? null : Chunk.of(entries.subList(0, count), reader.audience().wire()),
        count,
        page.end().at(count == 0 ? end : entries.get(0).previous()),
        page.end().at(end),
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

  private record Place(Selection selection, Wire wire, Position after) {}
}
