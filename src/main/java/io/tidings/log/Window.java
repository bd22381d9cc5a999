package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Selection;
import io.tidings.event.Selector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import java.util.stream.LongStream;

/**
 * The newest entries of a log, in memory, found by offset, by topic and by publishers' ids. Not
 * thread-safe: the log that owns it guards it.
 *
 * <p>Entries are numbered from 0 as they come (their sequence), which makes the ring dense even
 * where offsets are not. Replay of named topics follows the topics' own numbers, so it costs what
 * is replayed; for globs the ring is read through, at most {@link #SCAN} entries a page.
 */
final class Window {
  /** The most entries that one page looks at without finding them selected. */
  static final int SCAN = 20_000;

  /**
   * What an entry takes beside its text: objects, headers, its places in the ring and the index.
   */
  private static final int OVERHEAD = 250;

  private static final int SMALLEST = 64;

  private final Retention keep;
  private final Map<String, Sequences> byTopic = new HashMap<>();
  private final Map<String, Sequences> byPublishersId = new HashMap<>();
  private final Map<String, Noted> byKey = new HashMap<>();
  private final Deque<String> keys = new ArrayDeque<>();

  private Entry[] ring = new Entry[SMALLEST];
  private long first;
  private long end;
  private long bytes;
  private long start;
  private Position newest;
  private long newestForgotten = Long.MIN_VALUE;

  /** An empty window that goes on after the given place. */
  Window(Position before, Retention keep) {
    this.keep = keep;
    this.start = before.offset();
    this.newest = before;
  }

  Bounds bounds() {
    return new Bounds(start, newest);
  }

  Holding holding() {
    var oldest = first == end ? OptionalLong.empty() : OptionalLong.of(at(first).time());
    return new Holding(bytes, end - first, oldest);
  }

  /**
   * Takes in the next entry, and forgets what it leaves no room for, but never the entry itself.
   */
  void add(Entry entry) {
    if (end - first == ring.length) {
      grow();
    }
    ring[index(end)] = entry;
    for (String topic : entry.event().topics()) {
      byTopic.computeIfAbsent(topic, t -> new Sequences()).add(end);
    }
    if (!entry.event().id().isEmpty()) {
      byPublishersId.computeIfAbsent(entry.event().id(), id -> new Sequences()).add(end);
    }
    end++;
    newest = entry.position();
    bytes += cost(entry);
    while (end - first > 1 && keep.exceededBy(bytes, end - first)) {
      forgetOldest();
    }
  }

  /** The newest so many entries are a publication with the key, if it is not empty. */
  void note(String key, int entries) {
    if (!key.isEmpty()) {
      byKey.put(key, new Noted(end - entries, entries));
      keys.add(key);
    }
  }

  /** The entries of the publication with the key, if it is as young as that. */
  List<Entry> withKey(String key, long sinceTime) {
    Noted noted = byKey.get(key);
    if (noted == null || noted.from < first || at(noted.from).time() < sinceTime) {
      return List.of();
    }
    return LongStream.range(noted.from, noted.from + noted.entries).mapToObj(this::at).toList();
  }

  /** The newest entry with the event's id in the event's topic, if it is as young as that. */
  Optional<Entry> newestWithId(Event event, long sinceTime) {
    Sequences sequences = byPublishersId.get(event.id());
    for (int i = sequences == null ? -1 : sequences.size() - 1; i >= 0; i--) {
      Entry entry = at(sequences.get(i));
      if (entry.event().topic().equals(event.topic())) {
        return Optional.of(entry).filter(found -> found.time() >= sinceTime);
      }
    }
    return Optional.empty();
  }

  /** Forgets what is too old by now. */
  void forgetAged(long now) {
    long horizon = keep.horizon(now);
    while (first < end && at(first).time() < horizon) {
      forgetOldest();
    }
  }

  /** Forgets what is before the offset. */
  void forgetBefore(long offset) {
    while (first < end && at(first).offset() < offset) {
      forgetOldest();
    }
  }

  /** The window goes on after another place; only where it has had no entry yet. */
  boolean moveTo(Position before) {
    if (end > 0) {
      return false;
    }
    start = before.offset();
    newest = before;
    return true;
  }

  /** The entry at the offset, if it is there. */
  Optional<Entry> at(Position place) {
    long sequence = ceiling(place.offset());
    return sequence == end || at(sequence).offset() != place.offset()
        ? Optional.empty()
        : Optional.of(at(sequence));
  }

  /** All entries, the oldest first. */
  List<Entry> all() {
    return LongStream.range(first, end).mapToObj(this::at).toList();
  }

  /**
   * The offset of the entry with this publisher's id. Publishers may use an id again, for another
   * topic or by mistake: then it is the oldest that the selection has, for what comes twice is
   * seen, and what is lost is not.
   */
  OptionalLong offsetOf(String publishersId, Selection what) {
    Sequences sequences = byPublishersId.get(publishersId);
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

  /** The newest entry of the selection. */
  Optional<Entry> newestOf(Selection what) {
    if (what.exact()) {
      return what.selectors().stream()
          .map(selector -> byTopic.get(selector.pattern()))
          .filter(sequences -> sequences != null)
          .max((a, b) -> Long.compare(a.last(), b.last()))
          .map(sequences -> at(sequences.last()));
    }
    for (long s = end - 1; s >= first; s--) {
      if (what.matches(at(s).event().topics())) {
        return Optional.of(at(s));
      }
    }
    return Optional.empty();
  }

  /** The offset after which everything is of the given time or younger. */
  long before(long time) {
    long low = first(entry -> entry.time() >= time);
    return low == end ? newest.offset() : at(low).previous();
  }

  /** Whether there was more than there is. */
  boolean forgot() {
    return first > 0;
  }

  /** Whether an entry of the given time or younger is no longer there. */
  boolean forgotSince(long time) {
    return newestForgotten >= time;
  }

  /** The id of the oldest entry, null where there is none. */
  String oldestId() {
    return first == end ? null : at(first).id();
  }

  /** Reads on after the offset, which must not be before {@link Bounds#start}. */
  Page after(long offset, Selection what, int maxBytes) {
    var page = new Collector(maxBytes);
    long from = ceiling(offset + 1);
    boolean all = what.exact() ? collectTopics(from, what, page) : scan(from, what, page);
    long reached = all ? Math.max(newest.offset(), offset) : page.last;
    Position at = reached == newest.offset() ? newest : newest.at(reached);
    return new Page(page.entries, at, Optional.empty());
  }

  /** Merges the topics' sequences; true where nothing more is to come. */
  private boolean collectTopics(long from, Selection what, Collector page) {
    List<Selector> selectors = what.selectors();
    var lists = new Sequences[selectors.size()];
    var places = new int[lists.length];
    int count = 0;
    for (Selector selector : selectors) {
      Sequences list = byTopic.get(selector.pattern());
      if (list != null) {
        lists[count] = list;
        places[count++] = list.ceiling(from);
      }
    }
    while (!page.full()) {
      long next = Long.MAX_VALUE;
      for (int i = 0; i < count; i++) {
        if (places[i] < lists[i].size()) {
          next = Math.min(next, lists[i].get(places[i]));
        }
      }
      if (next == Long.MAX_VALUE) {
        return true;
      }
      page.take(at(next));
      for (int i = 0; i < count; i++) {
        if (places[i] < lists[i].size() && lists[i].get(places[i]) == next) {
          places[i]++;
        }
      }
    }
    return false;
  }

  /** Looks at entry after entry; true where there are no more. */
  private boolean scan(long from, Selection what, Collector page) {
    long until = Math.min(end, from + SCAN);
    for (long s = from; s < until; s++) {
      if (page.full()) {
        return false;
      }
      Entry entry = at(s);
      if (what.matches(entry.event().topics())) {
        page.take(entry);
      } else {
        page.last = entry.offset();
      }
    }
    return until == end;
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
    bytes -= cost(oldest);
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
      byKey.remove(oldest);
    }
  }

  private static void removeFirst(Map<String, Sequences> index, String key) {
    Sequences sequences = index.get(key);
    sequences.removeFirst();
    if (sequences.isEmpty()) {
      index.remove(key);
    }
  }

  private static long cost(Entry entry) {
    return OVERHEAD + entry.frame().size() + entry.event().data().length();
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
    private long last;

    Collector(int maxBytes) {
      room = maxBytes;
    }

    boolean full() {
      return room <= 0;
    }

    void take(Entry entry) {
      entries.add(entry);
      room -= entry.frame().size();
      last = entry.offset();
    }
  }
}
