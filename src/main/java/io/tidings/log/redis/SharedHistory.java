package io.tidings.log.redis;

import io.tidings.event.Event;
import io.tidings.event.InvalidEvent;
import io.tidings.event.Position;
import io.tidings.event.Publication;
import io.tidings.log.DedupIndex;
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
 * What a hub has read of the log that it shares: the newest entries, and what it needs to decide
 * about the next record as every other hub does. What is decided follows from the records alone.
 * Not thread-safe; the log guards it.
 */
final class SharedHistory {
  /** What becomes of a record. */
  enum Verdict {
    /** Its events are entries. */
    TAKEN,
    /** It says what was said before. */
    REPEATED,
    /**
     * It was written so long after its writer had looked, or in another life of the store, that
     * nobody can decide; all pass over it.
     */
    STALE
  }

  private final long epoch;
  private final Window window;
  private final DedupIndex<RuntimeException> dedup;
  private final DedupWindow recent;
  private final IdIndex ids = new IdIndex();
  private final TopicHeads heads = new TopicHeads();

  /** The offset of the first record; and whether there was never one before it. */
  private final long first;

  private boolean whole;

  /** The offsets of events that are no entries. */
  private final TreeSet<Long> passedOver = new TreeSet<>();

  private RecordStore.Stored cursor;

  /** Since when it knows what was decided, and what was not. */
  private long begin;

  private long lastOffset;
  private long lastTime = Long.MIN_VALUE;

  /** The publication that the last record belonged to, and what became of it. */
  private Object publication;

  private Verdict verdict;
  private int entriesOfPublication;

  /**
   * @param begin it is told of every record after this offset
   * @param whole whether there was none before it
   */
  SharedHistory(long epoch, long begin, boolean whole, Retention keep, Duration once) {
    this.epoch = epoch;
    this.begin = begin;
    this.first = begin + 1;
    this.whole = whole;
    this.lastOffset = begin;
    this.window = new Window(new Position(epoch, begin, Position.UNMARKED), keep);
    this.dedup = new DedupIndex<>(window, once);
    this.recent = new DedupWindow(whole ? 0 : begin);
    this.cursor = new RecordStore.Stored(begin, null);
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

  /** Since when it knows what was decided. */
  long begin() {
    return begin;
  }

  /** Where publishers' ids are, in memory or in the store. */
  IdIndex ids() {
    return ids;
  }

  /** Where topics' newest entries are, in memory or in the store. */
  TopicHeads heads() {
    return heads;
  }

  /**
   * Whether nothing was ever there that is not there now.
   *
   * @param oldest the offset before which the store has nothing
   */
  boolean complete(long oldest) {
    return whole && oldest <= first;
  }

  /** Whether the event at the offset is no entry. */
  boolean passedOver(long offset) {
    return passedOver.contains(offset);
  }

  /** What is before the offset is not there any more. */
  void forgetBefore(long offset) {
    window.evictBefore(offset);
    passedOver.headSet(offset).clear();
    ids.evictBefore(offset);
    heads.evictBefore(offset);
  }

  /**
   * Takes the next record.
   *
   * @param fresh to which its entries are added
   */
  Verdict take(RecordStore.Stored stored, SharedRecord record, List<Entry> fresh) {
    boolean first = record.part() == 0;
    if (first || !record.identity().equals(publication)) {
      publication = record.identity();
      entriesOfPublication = 0;
      if (!first || !decidable(record)) {
        forgetAllUpTo(stored.offset() + record.events().size());
      }
      verdict = first ? verdict(record) : Verdict.STALE;
    }
    var identities = new ArrayList<Object>(1);
    identities.add(record.identity());
    if (verdict == Verdict.TAKEN) {
      add(stored, record, identities, fresh);
    } else {
      for (int i = 0; i < record.events().size(); i++) {
        passedOver.add(stored.offset() + i);
      }
    }
    recent.add(stored.offset(), verdict == Verdict.TAKEN ? identities : List.of());
    cursor = stored;
    return verdict;
  }

  /**
   * Where there is no entry yet, the place of a record that says nothing is where streams begin: by
   * its mark they are known again.
   */
  void beginAt(RecordStore.Stored stored, SharedRecord record) {
    if (window.moveTo(new Position(epoch, stored.offset(), record.mark()))) {
      lastOffset = stored.offset();
      begin = stored.offset();
    }
  }

  /** A record that is none is passed over. */
  void pass(RecordStore.Stored stored) {
    recent.add(stored.offset(), List.of());
    cursor = stored;
  }

  /** Whether others, who may have read more, can't decide otherwise. */
  private boolean decidable(SharedRecord record) {
    return !record.mayRepeat() || recent.full() || recent.knows(record.seen());
  }

  private void forgetAllUpTo(long offset) {
    window.evictBefore(offset);
    ids.evictBefore(offset);
    heads.evictBefore(offset);
    whole = false;
    begin = offset;
    lastOffset = Math.max(lastOffset, offset);
  }

  private Verdict verdict(SharedRecord record) {
    if (!record.mayRepeat()) {
      return Verdict.TAKEN;
    } else if (!recent.knows(record.seen()) || record.seen() > cursor.offset()) {
      return Verdict.STALE;
    }
    boolean key = !record.key().isEmpty() && recent.came(record.key(), record.seen());
    boolean same = record.again() && recent.came(record.identity(), record.seen());
    return key || same ? Verdict.REPEATED : Verdict.TAKEN;
  }

  private void add(
      RecordStore.Stored stored, SharedRecord record, List<Object> identities, List<Entry> fresh) {
    lastTime = Math.max(lastTime, record.time());
    if (!record.key().isEmpty()) {
      identities.add(record.key());
    }
    for (int i = 0; i < record.events().size(); i++) {
      Event event = record.events().get(i);
      long offset = stored.offset() + i;
      if (!event.id().isEmpty()) {
        Object identity = DedupIndex.identity(event);
        if (record.once()
            && (recent.came(identity, record.seen()) || identities.contains(identity))) {
          passedOver.add(offset);
          continue;
        }
        identities.add(identity);
      }
      var position = new Position(epoch, offset, record.mark());
      Entry entry = Entry.of(position, lastOffset, lastTime, event);
      window.add(entry);
      if (!event.id().isEmpty()) {
        ids.add(event.id(), offset);
      }
      heads.add(event.topics(), offset);
      fresh.add(entry);
      lastOffset = offset;
      entriesOfPublication++;
    }
    if (record.last() && entriesOfPublication > 0) {
      window.addKey(record.key(), entriesOfPublication);
    }
  }

  /**
   * The entries that a publication with the same key got.
   *
   * @throws InvalidEvent where its events were others
   */
  Optional<List<Entry>> known(Publication what, long now) {
    return dedup.pending().known(what, now);
  }

  /** Where the publication is to be stored once: the entries of its events that the log has. */
  Map<Event, Entry> knownEvents(Publication what, long now) {
    return dedup.pending().knownEvents(what, now);
  }
}
