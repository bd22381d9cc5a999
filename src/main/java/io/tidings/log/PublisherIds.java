package io.tidings.log;

import io.tidings.event.Event;
import io.tidings.event.Selection;
import java.util.Optional;

/**
 * The entries of a window that have an id from their publisher, by that id. Not thread-safe.
 *
 * <p>Entries of the empty scope and of others are in indexes of their own: deduplication must not
 * find those of another scope, streams resume by all of them.
 */
final class PublisherIds {
  private final EntryRing entries;

  /** Those of the empty scope. */
  private final SequenceIndex index = new SequenceIndex();

  private final SequenceIndex scopedIndex = new SequenceIndex();
  private final ScopedIds scoped = new ScopedIds();

  PublisherIds(EntryRing entries) {
    this.entries = entries;
  }

  /** Adds an entry of the ring, if it has an id. */
  void add(Entry entry, String scope, long sequence) {
    Event event = entry.event();
    if (event.id().isEmpty()) {
      return;
    } else if (scope.isEmpty()) {
      index.add(event.id(), sequence);
    } else {
      scopedIndex.add(event.id(), sequence);
      scoped.add(DedupNames.ofEvent(scope, event.topic(), event.id()), sequence);
    }
  }

  /** Removes the oldest entry of the ring, if it has an id. */
  void removeFirst(Entry oldest, long sequence) {
    String id = oldest.event().id();
    if (!id.isEmpty()) {
      (scoped.removeFirst(sequence) ? scopedIndex : index).removeFirst(id);
    }
  }

  void clear() {
    index.clear();
    scopedIndex.clear();
    scoped.clear();
  }

  /** The bytes of memory beyond those that {@link Entry#cost} has for ids. */
  long bytes() {
    return scoped.bytes();
  }

  /** The newest entry in the scope with the event's id in the event's topic. */
  Optional<Entry> newest(String scope, Event event) {
    if (!scope.isEmpty()) {
      return scoped.newest(DedupNames.ofEvent(scope, event.topic(), event.id())).map(entries::get);
    }
    OffsetQueue sequences = index.get(event.id());
    for (int i = sequences == null ? -1 : sequences.size() - 1; i >= 0; i--) {
      Entry entry = entries.get(sequences.get(i));
      if (entry.event().topic().equals(event.topic())) {
        return Optional.of(entry);
      }
    }
    return Optional.empty();
  }

  /**
   * The oldest entry with the id that the selection matches; otherwise the oldest that the readable
   * selection matches.
   */
  Optional<Entry> oldest(String id, Selection selection, Selection readable) {
    Optional<Entry> match = oldest(id, selection);
    return match.isPresent() || readable.equals(selection) ? match : oldest(id, readable);
  }

  private Optional<Entry> oldest(String id, Selection selection) {
    Optional<Entry> one = oldest(index.get(id), selection);
    Optional<Entry> other = oldest(scopedIndex.get(id), selection);
    boolean both = one.isPresent() && other.isPresent();
    return both ? Optional.of(older(one.get(), other.get())) : one.or(() -> other);
  }

  private Optional<Entry> oldest(OffsetQueue sequences, Selection selection) {
    for (int i = 0; sequences != null && i < sequences.size(); i++) {
      Entry entry = entries.get(sequences.get(i));
      if (selection.matches(entry.event())) {
        return Optional.of(entry);
      }
    }
    return Optional.empty();
  }

  private static Entry older(Entry one, Entry other) {
    return one.offset() < other.offset() ? one : other;
  }
}
