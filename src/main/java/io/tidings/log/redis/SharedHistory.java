package io.tidings.log.redis;

import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.log.DedupIndex;
import io.tidings.log.DedupNames;
import io.tidings.log.Entry;
import io.tidings.log.IdIndex;
import io.tidings.log.Retention;
import io.tidings.log.TopicHeads;
import io.tidings.log.Window;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What a hub has read of a shared log: the newest entries, and the state from which the verdict on
 * the next record follows. Verdicts depend on the records alone, so every hub reaches the same. Not
 * thread-safe; the log's lock guards it.
 */
final class SharedHistory {
  /** The decision about a record. */
  enum Verdict {
    /** Its events became entries. */
    STORED,
    /** It repeats a publication that is stored. */
    REPEATED,
    /**
     * It was written too long after its writer had last read the log, or in another epoch of the
     * store, so that nothing shows whether it is a duplicate; every hub ignores it.
     */
    STALE
  }

  private final long epoch;
  private final Window window;
  private final DedupIndex<RuntimeException> dedup;
  private final DedupWindow recent;
  private final IdIndex ids = new IdIndex();
  private final TopicHeads heads = new TopicHeads();

  /** The offset of the first record that is read. */
  private final long first;

  /** Whether no record was ever removed before {@link #first}. */
  private boolean whole;

  /** The offsets of events that are not entries. */
  private final TreeSet<Long> skipped = new TreeSet<>();

  private RecordStore.Stored cursor;

  /** The offset after which verdicts are known. */
  private long begin;

  private long lastOffset;
  private long lastTime = Long.MIN_VALUE;

  /** The publication of the last record, the verdict on it, and its entries so far. */
  private Object publication;

  private Verdict verdict;
  private int entriesOfPublication;

  /**
   * @param begin the offset after which every record is applied
   * @param whole whether there never was a record before it
   * @param dedupPeriod how long duplicates are recognised before they are written
   */
  SharedHistory(long epoch, long begin, boolean whole, Retention retention, Duration dedupPeriod) {
    this.epoch = epoch;
    this.begin = begin;
    this.first = begin + 1;
    this.whole = whole;
    this.lastOffset = begin;
    this.window = new Window(new Position(epoch, begin, Position.UNMARKED), retention);
    this.dedup = new DedupIndex<>(window, dedupPeriod);
    this.recent = new DedupWindow(whole ? 0 : begin);
    this.cursor = RecordStore.Stored.place(begin);
  }

  long epoch() {
    return epoch;
  }

  Window window() {
    return window;
  }

  /** The last record. */
  RecordStore.Stored cursor() {
    return cursor;
  }

  /** The offset after which verdicts are known. */
  long begin() {
    return begin;
  }

  /** The offsets of publishers' ids, in memory or in the store. */
  IdIndex ids() {
    return ids;
  }

  /** The offsets of the topics' newest entries, in memory or in the store. */
  TopicHeads heads() {
    return heads;
  }

  /**
   * Whether the store still has every record that it ever had.
   *
   * @param oldest the offset before which the store has no records
   */
  boolean complete(long oldest) {
    return whole && oldest <= first;
  }

  /** Whether the event at the offset is not an entry. */
  boolean skipped(long offset) {
    return skipped.contains(offset);
  }

  /** Removes everything before the offset. */
  void evictBefore(long offset) {
    window.evictBefore(offset);
    skipped.headSet(offset).clear();
    ids.evictBefore(offset);
    heads.evictBefore(offset);
  }

  /**
   * Applies the next record.
   *
   * @param added receives its entries
   * @return the verdict on the publication to which it belongs
   */
  Verdict apply(RecordStore.Stored stored, SharedRecord record, List<Entry> added) {
    boolean firstPart = record.part() == 0;
    if (firstPart || !record.identity().equals(publication)) {
      publication = record.identity();
      entriesOfPublication = 0;
      if (!firstPart || !decidable(record)) {
        restartAfter(stored.offset() + (record.event().isPresent() ? 1 : 0));
      }
      verdict = firstPart ? verdict(record) : Verdict.STALE;
    }
    var identities = new ArrayList<Object>(1);
    identities.add(record.identity());
    if (verdict == Verdict.STORED) {
      add(stored, record, identities, added);
    } else if (record.event().isPresent()) {
      skipped.add(stored.offset());
    }
    recent.add(stored.offset(), verdict == Verdict.STORED ? identities : List.of());
    cursor = stored;
    return verdict;
  }

  /**
   * While there is no entry, streams start at the position of a record without events: its mark
   * identifies that position when they resume.
   */
  void startAt(RecordStore.Stored stored, SharedRecord record) {
    if (window.moveTo(new Position(epoch, stored.offset(), record.mark()))) {
      lastOffset = stored.offset();
      begin = stored.offset();
    }
  }

  /** Moves past a record that can't be decoded. */
  void skip(RecordStore.Stored stored) {
    recent.add(stored.offset(), List.of());
    cursor = stored;
  }

  /** Whether a hub that has read more of the store reaches the same verdict. */
  private boolean decidable(SharedRecord record) {
    return !record.mayBeDuplicate() || recent.full() || recent.covers(record.seen());
  }

  private void restartAfter(long offset) {
    window.evictBefore(offset);
    ids.evictBefore(offset);
    heads.evictBefore(offset);
    whole = false;
    begin = offset;
    lastOffset = Math.max(lastOffset, offset);
  }

  private Verdict verdict(SharedRecord record) {
    if (!record.mayBeDuplicate()) {
      return Verdict.STORED;
    } else if (!recent.covers(record.seen()) || record.seen() > cursor.offset()) {
      return Verdict.STALE;
    }
    boolean sameKey = !record.key().isEmpty() && recent.containsAfter(key(record), record.seen());
    boolean retried = record.retry() && recent.containsAfter(record.identity(), record.seen());
    return sameKey || retried ? Verdict.REPEATED : Verdict.STORED;
  }

  /** What a record's key is compared by. */
  private static Object key(SharedRecord record) {
    return DedupNames.of(record.scope(), record.key());
  }

  private void add(
      RecordStore.Stored stored, SharedRecord record, List<Object> identities, List<Entry> added) {
    lastTime = Math.max(lastTime, record.time());
    if (!record.key().isEmpty()) {
      identities.add(key(record));
    }
    if (record.event().isPresent()) {
      add(stored.offset(), record.event().get(), record, identities, added);
    }
    if (record.last() && entriesOfPublication > 0) {
      window.addKey(record.scope(), record.key(), entriesOfPublication);
    }
  }

  private void add(
      long offset, Event event, SharedRecord record, List<Object> identities, List<Entry> added) {
    if (!event.id().isEmpty()) {
      Object identity = DedupNames.identity(record.scope(), event);
      if (record.once() && recent.containsAfter(identity, record.seen())) {
        skipped.add(offset);
        return;
      }
      identities.add(identity);
    }
    var position = new Position(epoch, offset, record.mark());
    Entry entry = Entry.of(position, lastOffset, lastTime, event);
    window.add(entry, record.scope());
    if (!event.id().isEmpty()) {
      ids.add(event.id(), offset);
    }
    heads.add(event, offset);
    added.add(entry);
    lastOffset = offset;
    entriesOfPublication++;
  }

  /**
   * The entries of an earlier publication with the same key.
   *
   * @throws InvalidEvent if its events were others
   */
  Optional<List<Entry>> known(Publication candidate, long now) {
    return dedup.pending().known(candidate, now);
  }

  /**
   * For a publication whose events are deduplicated: the entries of those that the log already has.
   */
  Map<Event, Entry> knownEvents(Publication candidate, long now) {
    return dedup.pending().knownEvents(candidate, now);
  }
}
