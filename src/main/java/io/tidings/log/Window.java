package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.Filter;
import io.tidings.event.HeapSize;
import io.tidings.event.Position;
import io.tidings.event.TopicPattern;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.stream.LongStream;

/**
 * The newest entries of a log, in memory, found by offset, by topic and by publishers' ids. Any
 * thread. Each call holds the lock for a bounded time: what a filter of globs reads through, it
 * reads through outside of the lock, in slices of {@link #SLICE} entries.
 *
 * <p>Entries are numbered from 0 as they come (their sequence), which makes the ring dense even
 * where offsets are not. Replay of named topics follows the topics' own numbers, so it costs what
 * is replayed; for globs the ring is read through, at most {@link #SCAN} entries a page.
 */
public final class Window implements PublishedEntries<RuntimeException> {
  /** The most entries that one page looks at without finding them selected. */
  static final int SCAN = 20_000;

  /** How many entries are taken out of the ring under the lock at once. */
  private static final int SLICE = 1_024;

  private static final int SMALLEST = 64;
  private static final int KEY_BYTES = 96;

  private final Retention keep;
  private final Map<String, OffsetQueue> byTopic = new HashMap<>();
  private final Map<String, OffsetQueue> byPublishersId = new HashMap<>();
  private final Map<String, Noted> byKey = new HashMap<>();
  private final Deque<String> keys = new ArrayDeque<>();

  private Entry[] ring = new Entry[SMALLEST];
  private long first;
  private long end;
  private long bytes;
  private long start;
  private Position newest;
  private long newestForgotten = Long.MIN_VALUE;

  /** An empty window after the given position, with nothing before it. */
  public Window(Position before, Retention keep) {
    this(before, Long.MIN_VALUE, keep);
  }

  /**
   * An empty window.
   *
   * @param before the position after which its entries come
   * @param beforeTime the time of the newest entry before it; {@link Long#MIN_VALUE} for none
   */
  public Window(Position before, long beforeTime, Retention keep) {
    this.keep = keep;
    this.start = before.offset();
    this.newest = before;
    this.newestForgotten = beforeTime;
  }

  public synchronized Bounds bounds() {
    return new Bounds(start, newest);
  }

  public synchronized LogSize size() {
    var oldest = first == end ? OptionalLong.empty() : OptionalLong.of(at(first).time());
    return new LogSize(bytes, end - first, oldest);
  }

  /**
   * Takes in the next entry, and forgets what it leaves no room for, but never the entry itself.
   */
  public synchronized void add(Entry entry) {
    if (end - first == ring.length) {
      grow();
    }
    ring[index(end)] = entry;
    for (String topic : entry.event().topics()) {
      byTopic.computeIfAbsent(topic, t -> new OffsetQueue()).add(end);
    }
    if (!entry.event().id().isEmpty()) {
      byPublishersId.computeIfAbsent(entry.event().id(), id -> new OffsetQueue()).add(end);
    }
    end++;
    newest = entry.position();
    bytes += entry.cost();
    while (end - first > 1 && keep.exceededBy(bytes, end - first)) {
      forgetOldest();
    }
  }

  /** Removes everything, and goes on after the position. */
  public synchronized void restart(Position before, long beforeTime) {
    byTopic.clear();
    byPublishersId.clear();
    byKey.clear();
    keys.clear();
    ring = new Entry[SMALLEST];
    first = end;
    bytes = 0;
    start = before.offset();
    newest = before;
    newestForgotten = beforeTime;
  }

  /** The newest so many entries are a publication with the key, if it is not empty. */
  public synchronized void note(String key, int entries) {
    if (!key.isEmpty()) {
      byKey.put(key, new Noted(end - entries, entries));
      keys.add(key);
      bytes += cost(key);
    }
  }

  /** The entries of the publication with the key, if it is as young as that. */
  @Override
  public synchronized List<Entry> withKey(String key, long sinceTime) {
    Noted noted = byKey.get(key);
    if (noted == null || noted.from < first || at(noted.from).time() < sinceTime) {
      return List.of();
    }
    return LongStream.range(noted.from, noted.from + noted.entries).mapToObj(this::at).toList();
  }

  /** The newest entry with the event's id in the event's topic, if it is as young as that. */
  @Override
  public synchronized Optional<Entry> newestWithId(Event event, long sinceTime) {
    OffsetQueue sequences = byPublishersId.get(event.id());
    for (int i = sequences == null ? -1 : sequences.size() - 1; i >= 0; i--) {
      Entry entry = at(sequences.get(i));
      if (entry.event().topic().equals(event.topic())) {
        return Optional.of(entry).filter(found -> found.time() >= sinceTime);
      }
    }
    return Optional.empty();
  }

  /** Forgets what is too old by now. */
  public synchronized void forgetAged(long now) {
    long horizon = keep.horizon(now);
    while (first < end && at(first).time() < horizon) {
      forgetOldest();
    }
  }

  /** Forgets what is before the offset. */
  public synchronized void forgetBefore(long offset) {
    while (first < end && at(first).offset() < offset) {
      forgetOldest();
    }
  }

  /** The window goes on after another place; only where it has had no entry yet. */
  public synchronized boolean moveTo(Position before) {
    if (end > 0) {
      return false;
    }
    start = before.offset();
    newest = before;
    return true;
  }

  /** The entry at the offset, if it is there. */
  public synchronized Optional<Entry> at(Position place) {
    long sequence = ceiling(place.offset());
    return sequence == end || at(sequence).offset() != place.offset()
        ? Optional.empty()
        : Optional.of(at(sequence));
  }

  /** All entries, the oldest first. */
  public synchronized List<Entry> all() {
    return LongStream.range(first, end).mapToObj(this::at).toList();
  }

  /**
   * The offset of the entry with this publisher's id. Publishers may use an id again, for another
   * topic or by mistake: then it is the oldest that the filter has, for what comes twice is seen,
   * and what is lost is not.
   */
  public synchronized OptionalLong offsetOf(String publishersId, Filter what) {
    OffsetQueue sequences = byPublishersId.get(publishersId);
    if (sequences == null) {
      return OptionalLong.empty();
    }
    for (int i = 0; i < sequences.size(); i++) {
      Entry entry = at(sequences.get(i));
      if (what.matches(entry.event().topics())) {
        return OptionalLong.of(entry.offset());
      }
    }
    return OptionalLong.of(at(sequences.get(0)).offset());
  }

  /** The newest entry of the filter. */
  public Optional<Entry> newestOf(Filter what) {
    if (what.exact()) {
      return newestOfTopics(what);
    }
    List<Entry> slice = newestBefore(Long.MAX_VALUE);
    while (!slice.isEmpty()) {
      for (int i = slice.size() - 1; i >= 0; i--) {
        if (what.matches(slice.get(i).event().topics())) {
          return Optional.of(slice.get(i));
        }
      }
      slice = newestBefore(slice.get(0).offset());
    }
    return Optional.empty();
  }

  private synchronized Optional<Entry> newestOfTopics(Filter what) {
    return what.patterns().stream()
        .map(pattern -> byTopic.get(pattern.pattern()))
        .filter(sequences -> sequences != null)
        .max((a, b) -> Long.compare(a.last(), b.last()))
        .map(sequences -> at(sequences.last()));
  }

  /** The newest entries before the offset, in order, not more than a slice. */
  private synchronized List<Entry> newestBefore(long offset) {
    long to = offset == Long.MAX_VALUE ? end : ceiling(offset);
    return slice(Math.max(first, to - SLICE), to);
  }

  /** The offset after which everything is of the given time or younger. */
  public synchronized long before(long time) {
    long low = first(entry -> entry.time() >= time);
    return low == end ? newest.offset() : at(low).previous();
  }

  /** Whether there was more than there is. */
  public synchronized boolean forgot() {
    return first > 0;
  }

  /** Whether an entry of the given time or younger is no longer there. */
  public synchronized boolean forgotSince(long time) {
    return newestForgotten >= time;
  }

  /** The id of the first entry after the offset, null where there is none. */
  public synchronized String idAfter(long offset) {
    long sequence = ceiling(offset + 1);
    return sequence == end ? null : at(sequence).id();
  }

  /** Reads on after the offset, which must not be before {@link Bounds#start}. */
  public Page after(long offset, Filter what, int maxBytes) {
    return page(offset, what, maxBytes).orElseThrow();
  }

  /** Reads on after the offset; nothing where what comes next is no longer in the window. */
  public Optional<Page> page(long offset, Filter what, int maxBytes) {
    var page = new Collector(offset, maxBytes);
    boolean there = what.exact() ? collectTopics(what, page) : scan(what, page);
    return there ? Optional.of(page.done()) : Optional.empty();
  }

  /** Merges the topics' sequences. */
  private synchronized boolean collectTopics(Filter what, Collector page) {
    if (page.reached < start) {
      return false;
    }
    var lists = new ArrayList<OffsetQueue>();
    for (TopicPattern pattern : what.patterns()) {
      OffsetQueue list = byTopic.get(pattern.pattern());
      if (list != null) {
        lists.add(list);
      }
    }
    var merge = new OffsetMerge(lists, ceiling(page.reached + 1));
    while (!page.full()) {
      if (!merge.advance()) {
        page.reach(newest);
        return true;
      }
      page.take(at(merge.number()));
    }
    page.epoch(newest);
    return true;
  }

  /** Reads entry after entry. */
  private boolean scan(Filter what, Collector page) {
    for (int scanned = 0; scanned < SCAN && !page.full(); ) {
      Optional<List<Entry>> slice = sliceAfter(page);
      if (slice.isEmpty()) {
        return scanned > 0; // the rest was removed meanwhile; the page ends before it
      } else if (slice.get().isEmpty()) {
        return true;
      }
      for (Entry entry : slice.get()) {
        if (page.full()) {
          break;
        } else if (what.matches(entry.event().topics())) {
          page.take(entry);
        } else {
          page.reached = entry.offset();
        }
        scanned++;
      }
    }
    return true;
  }

  /**
   * The next entries that the page has not seen; none where there are no more, and the page then
   * reaches to the newest; nothing where they are no longer there.
   */
  private synchronized Optional<List<Entry>> sliceAfter(Collector page) {
    page.epoch(newest);
    if (page.reached < start) {
      return Optional.empty();
    }
    long from = ceiling(page.reached + 1);
    if (from == end) {
      page.reach(newest);
    }
    return Optional.of(slice(from, Math.min(end, from + SLICE)));
  }

  private List<Entry> slice(long from, long to) {
    var entries = new Entry[(int) (to - from)];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = at(from + i);
    }
    return Arrays.asList(entries);
  }

  /** The sequence of the first entry whose offset is not less than the given one. */
  private long ceiling(long offset) {
    return first(entry -> entry.offset() >= offset);
  }

  /**
   * The sequence of the first entry that has reached something which all after it have reached too.
   */
  private long first(Predicate<Entry> reached) {
    long low = first;
    long high = end;
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (reached.test(at(middle))) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  private void forgetOldest() {
    Entry oldest = at(first);
    for (String topic : oldest.event().topics()) {
      removeFirst(byTopic, topic);
    }
    if (!oldest.event().id().isEmpty()) {
      removeFirst(byPublishersId, oldest.event().id());
    }
    ring[index(first++)] = null;
    forgetKeys();
    bytes -= oldest.cost();
    start = oldest.offset();
    newestForgotten = oldest.time();
  }

  private void forgetKeys() {
    for (String oldest = keys.peek(); oldest != null; oldest = keys.peek()) {
      Noted noted = byKey.get(oldest);
      if (noted != null && noted.from >= first) {
        return;
      }
      keys.remove();
      bytes -= cost(oldest);
      if (noted != null && noted.from < first) {
        byKey.remove(oldest);
      }
    }
  }

  /** What a key takes: its text, and its places in the map and the queue. */
  private static long cost(String key) {
    return KEY_BYTES + HeapSize.of(key);
  }

  private static void removeFirst(Map<String, OffsetQueue> index, String key) {
    OffsetQueue sequences = index.get(key);
    sequences.removeFirst();
    if (sequences.isEmpty()) {
      index.remove(key);
    }
  }

  private Entry at(long sequence) {
    return ring[index(sequence)];
  }

  private int index(long sequence) {
    return (int) sequence & (ring.length - 1);
  }

  private void grow() {
    var larger = new Entry[ring.length * 2];
    for (long s = first; s < end; s++) {
      larger[(int) s & (larger.length - 1)] = at(s);
    }
    ring = larger;
  }

  /** Where the entries of a publication are. */
  private record Noted(long from, int entries) {}

  /** What goes onto a page, until it is full. */
  private static final class Collector {
    private final List<Entry> entries = new ArrayList<>();
    private int room;
    private long reached;
    private Position newest;

    Collector(long after, int maxBytes) {
      reached = after;
      room = maxBytes;
    }

    boolean full() {
      return room <= 0;
    }

    void take(Entry entry) {
      entries.add(entry);
      room -= entry.frame().size();
      reached = entry.offset();
    }

    /** The position of the newest entry, whose epoch the page's end has. */
    void epoch(Position now) {
      newest = now;
    }

    /** There are no more entries. */
    void reach(Position now) {
      newest = now;
      reached = Math.max(reached, now.offset());
    }

    Page done() {
      Position end = reached == newest.offset() ? newest : newest.at(reached);
      return new Page(entries, end, Optional.empty());
    }
  }
}
