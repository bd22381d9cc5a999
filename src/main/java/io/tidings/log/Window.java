package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.Position;
import io.tidings.event.Selection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The newest entries of a log, in memory, indexed by offset, topic, publisher's id and publication
 * key. {@link #add} evicts the oldest entries that exceed the {@link Retention}.
 *
 * <p>Thread-safe. Each call holds the lock for a bounded time. Replay of named topics merges the
 * topics' indexes, so it costs what is replayed; a selection with globs is matched by a {@link
 * GlobScan}, outside of the lock.
 */
public final class Window implements PublishedEntries<RuntimeException> {
  private final Retention retention;
  private final EntryRing entries = new EntryRing();
  private final SequenceIndex byTopic = new SequenceIndex();
  private final PublisherIds publisherIds = new PublisherIds(entries);
  private final PublicationKeys keys = new PublicationKeys();

  private long start;
  private Position head;
  private long newestEvictedTime;

  /** An empty window that begins after the given position, with no entry before it. */
  public Window(Position before, Retention retention) {
    this(before, Long.MIN_VALUE, retention);
  }

  /**
   * An empty window.
   *
   * @param before the position after which its entries follow
   * @param beforeTime the time of the newest entry before the window, in milliseconds since 1970;
   *     {@link Long#MIN_VALUE} if there is none
   * @param retention the bounds of the entries and keys in memory
   */
  Window(Position before, long beforeTime, Retention retention) {
    this.retention = retention;
    this.start = before.offset();
    this.head = before;
    this.newestEvictedTime = beforeTime;
  }

  public synchronized Bounds bounds() {
    return new Bounds(start, head);
  }

  public synchronized LogSize size() {
    return new LogSize(bytes(), entries.size(), entries.oldestTime());
  }

  private long bytes() {
    return entries.bytes() + keys.bytes() + publisherIds.bytes();
  }

  // ---- adding and evicting

  /**
   * Adds the next entry and evicts the oldest beyond the retention, but never the new one.
   *
   * @param scope in which its id is deduplicated
   */
  public synchronized void add(Entry entry, String scope) {
    long sequence = entries.end();
    entries.add(entry);
    for (String key : TopicKeys.of(entry.event())) {
      byTopic.add(key, sequence);
    }
    publisherIds.add(entry, scope, sequence);
    head = entry.position();
    while (entries.size() > 1 && retention.exceededBy(bytes(), entries.size())) {
      evictOldest();
    }
  }

  /**
   * Associates the newest entries with a publication key.
   *
   * @param scope in which the key is deduplicated
   * @param key the key; an empty one is ignored
   * @param count the number of entries of the publication
   */
  public synchronized void addKey(String scope, String key, int count) {
    if (!key.isEmpty()) {
      keys.add(DedupNames.of(scope, key), entries.end() - count, count);
    }
  }

  /** Removes everything; the next entry follows the given position. */
  synchronized void restart(Position before, long beforeTime) {
    entries.clear();
    byTopic.clear();
    publisherIds.clear();
    keys.clear();
    start = before.offset();
    head = before;
    newestEvictedTime = beforeTime;
  }

  /**
   * Moves the beginning of a window that has never had an entry.
   *
   * @return false if it has had one, and is unchanged
   */
  public synchronized boolean moveTo(Position before) {
    if (entries.end() > 0) {
      return false;
    }
    start = before.offset();
    head = before;
    return true;
  }

  /**
   * Evicts the entries that exceed the retention's age.
   *
   * @param now in milliseconds since 1970
   */
  public synchronized void evictExpired(long now) {
    long horizon = retention.horizon(now);
    while (entries.oldestTime().orElse(Long.MAX_VALUE) < horizon) {
      evictOldest();
    }
  }

  /** Evicts the entries before the offset. */
  public synchronized void evictBefore(long offset) {
    while (!entries.isEmpty() && entries.get(entries.first()).offset() < offset) {
      evictOldest();
    }
  }

  private void evictOldest() {
    long sequence = entries.first();
    Entry oldest = entries.removeFirst();
    for (String key : TopicKeys.of(oldest.event())) {
      byTopic.removeFirst(key);
    }
    publisherIds.removeFirst(oldest, sequence);
    keys.evictBefore(entries.first());
    start = oldest.offset();
    newestEvictedTime = oldest.time();
  }

  /** Whether any entry was evicted. */
  public synchronized boolean hasEvicted() {
    return entries.first() > 0;
  }

  /**
   * Whether an entry of the given time or later was evicted.
   *
   * @param time in milliseconds since 1970
   */
  public synchronized boolean hasEvictedSince(long time) {
    return newestEvictedTime >= time;
  }

  // ---- lookups

  @Override
  public synchronized List<Entry> withKey(String scope, String key, long sinceTime) {
    return keys.find(DedupNames.of(scope, key))
        .filter(range -> range.first() >= entries.first())
        .filter(range -> entries.get(range.first()).time() >= sinceTime)
        .map(range -> entries.slice(range.first(), range.first() + range.count()))
        .orElse(List.of());
  }

  @Override
  public synchronized Optional<Entry> newestWithId(String scope, Event event, long sinceTime) {
    return publisherIds.newest(scope, event).filter(entry -> entry.time() >= sinceTime);
  }

  /** The entry at the offset of the position, if the window has it. */
  public synchronized Optional<Entry> at(Position position) {
    long sequence = entries.ceiling(position.offset());
    return sequence == entries.end() || entries.get(sequence).offset() != position.offset()
        ? Optional.empty()
        : Optional.of(entries.get(sequence));
  }

  /** A copy of all entries, the oldest first. */
  public synchronized List<Entry> all() {
    return entries.slice(entries.first(), entries.end());
  }

  /**
   * The offset of the entry with a publisher's id. Publishers may use an id more than once; then it
   * is the oldest entry that the selection matches, since receiving an entry twice is better than
   * missing one. If the selection matches none of them, it is the oldest of those that the readable
   * selection matches.
   */
  public synchronized OptionalLong offsetOf(
      String publisherId, Selection selection, Selection readable) {
    Optional<Entry> entry = publisherIds.oldest(publisherId, selection, readable);
    return entry.isEmpty() ? OptionalLong.empty() : OptionalLong.of(entry.get().offset());
  }

  /**
   * The offset after which all entries are of the given time or later.
   *
   * @param time in milliseconds since 1970
   */
  public synchronized long offsetBefore(long time) {
    long sequence = entries.firstSince(time);
    return sequence == entries.end() ? head.offset() : entries.get(sequence).previous();
  }

  /** As {@link Entry#id(Selection)} of the first entry after the offset; null if there is none. */
  synchronized String idAfter(long offset, Selection readable) {
    long sequence = entries.ceiling(offset + 1);
    return sequence == entries.end() ? null : entries.get(sequence).id(readable);
  }

  /** The newest entry that the selection matches. */
  Optional<Entry> newestOf(Selection selection) {
    return selection.exact() ? newestOfTopics(selection) : new GlobScan(this, selection).newest();
  }

  private synchronized Optional<Entry> newestOfTopics(Selection selection) {
    return TopicKeys.of(selection).stream()
        .map(byTopic::get)
        .filter(sequences -> sequences != null)
        .max((a, b) -> Long.compare(a.last(), b.last()))
        .map(sequences -> entries.get(sequences.last()));
  }

  // ---- pages

  /**
   * As {@link #page}.
   *
   * @throws java.util.NoSuchElementException if the offset is before {@link Bounds#start}
   */
  public Page after(long offset, Selection selection, int maxBytes) {
    return page(offset, selection, maxBytes).orElseThrow();
  }

  /**
   * Reads the entries after the offset.
   *
   * @param maxBytes the bytes of frames after which the page ends
   * @return empty if the next entries were evicted
   */
  Optional<Page> page(long offset, Selection selection, int maxBytes) {
    var page = new PageBuilder(offset, maxBytes);
    boolean available =
        selection.exact()
            ? mergeTopics(selection, page)
            : new GlobScan(this, selection).collect(page);
    return available ? Optional.of(page.build()) : Optional.empty();
  }

  /** Adds the entries of named topics. Returns false if the next entries were evicted. */
  private synchronized boolean mergeTopics(Selection selection, PageBuilder page) {
    if (page.offset() < start) {
      return false;
    }
    var topics = new ArrayList<OffsetQueue>();
    for (String key : TopicKeys.of(selection)) {
      OffsetQueue sequences = byTopic.get(key);
      if (sequences != null) {
        topics.add(sequences);
      }
    }
    var merge = new OffsetMerge(topics, entries.ceiling(page.offset() + 1));
    while (!page.isFull()) {
      if (!merge.advance()) {
        page.reachHead(head);
        return true;
      }
      page.add(entries.get(merge.number()));
    }
    page.head(head);
    return true;
  }

  /**
   * The entries after the end of the page, at most {@link GlobScan#SLICE}; an empty list, and the
   * page reaches the head, if there are no more; empty if the next entries were evicted.
   */
  synchronized Optional<List<Entry>> sliceAfter(PageBuilder page) {
    page.head(head);
    if (page.offset() < start) {
      return Optional.empty();
    }
    long from = entries.ceiling(page.offset() + 1);
    if (from == entries.end()) {
      page.reachHead(head);
    }
    return Optional.of(entries.slice(from, Math.min(entries.end(), from + GlobScan.SLICE)));
  }

  /** The newest entries before the offset, in order, at most {@link GlobScan#SLICE}. */
  synchronized List<Entry> sliceBefore(long offset) {
    long to = offset == Long.MAX_VALUE ? entries.end() : entries.ceiling(offset);
    return entries.slice(Math.max(entries.first(), to - GlobScan.SLICE), to);
  }
}
